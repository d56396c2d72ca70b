import path from 'node:path';
import { throwIfCancelled } from '../common/cancel';
import { errorMessage } from '../common/errors';
import type { Logger } from '../common/logger';
import type { RunRolloutsView } from '../protocol/dynamicsView';
import type { FoundRollouts } from './findRollouts';
import type { RolloutCurves, RolloutRun, StepRollouts } from './rolloutRun';

/** How logs of rollouts are opened and found; the way to `rolloutCurves.ts` and `findRollouts.ts`, and for tests around them. */
export interface RolloutAccess {
  openRolloutCurves(
    paths: readonly string[],
    options: { readonly cacheFolder?: string; readonly logger?: Logger },
  ): Promise<RolloutCurves>;
  /** The log of rollouts that lies beside a log of metrics; undefined where there is none. */
  findRollouts(metricPath: string, signal: AbortSignal): Promise<FoundRollouts | undefined>;
}

/** The log of rollouts of a run, as far as it was read. */
export class LinkedRollouts {
  /** Grows with every change of its curves. */
  version = 0;
  private curves: RolloutCurves | undefined;
  private progress: number | undefined = 0;
  private problem: string | undefined;

  constructor(
    readonly paths: readonly string[],
    /** What a person calls the log: its file, or the folder of its step files. */
    readonly logPath: string,
    readonly link: RunRolloutsView['link'],
  ) {}

  get name(): string {
    return path.basename(this.logPath);
  }

  /** What is known; undefined before anything is. */
  get run(): RolloutRun | undefined {
    return this.problem === undefined ? this.curves?.run : undefined;
  }

  /** Whether it is still being read for the first time. */
  get isReading(): boolean {
    return this.progress !== undefined;
  }

  /** What is known of a step; undefined where nothing is. */
  at(step: number): StepRollouts | undefined {
    return this.run?.steps.find((one) => one.step === step);
  }

  /**
   * Reads what has come. Resolves to whether anything changed.
   * @throws only when the signal fires
   */
  async refresh(
    open: () => Promise<RolloutCurves>,
    signal: AbortSignal,
    onProgress: () => void,
  ): Promise<boolean> {
    const before = this.problem;
    let changed = false;
    try {
      this.curves ??= await open();
      changed = await this.curves.refresh(signal, (read, size) => {
        if (this.progress === undefined) return;
        this.progress = size > 0 ? Math.min(1, read / size) : 1;
        onProgress();
      });
      this.problem = undefined;
    } catch (thrown) {
      throwIfCancelled(signal);
      this.problem = errorMessage(thrown);
    }
    changed ||= this.progress !== undefined || before !== this.problem;
    this.progress = undefined;
    if (changed) this.version++;
    return changed;
  }

  get view(): RunRolloutsView {
    const run = this.run;
    return {
      name: this.name,
      link: this.link,
      records: run?.records ?? 0,
      badRecords: run?.badRecords ?? 0,
      ...(this.progress !== undefined && { progress: this.progress }),
      ...(this.problem !== undefined && { problem: this.problem }),
      hasZoomCounts: (run?.zoomDistributions.length ?? 0) > 0,
    };
  }
}
