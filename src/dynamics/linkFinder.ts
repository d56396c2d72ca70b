import path from 'node:path';
import { errorMessage } from '../common/errors';
import { throwIfCancelled } from '../common/cancel';
import type { Logger } from '../common/logger';
import { findSources } from '../files/findSources';
import type { DynamicsRun } from './dynamicsRun';
import { LinkedRollouts, type RolloutAccess } from './linkedRollouts';
import type { SourceSet } from './sourceSet';

/** Where none was found one may come: the training makes its folder with the first step. */
const AGAIN_MS = 30_000;

/** Brings runs and their logs of rollouts together: chosen by a person, else the run's own, else found beside its log. */
export class LinkFinder {
  private readonly tried = new Map<string, number>();
  private readonly severals = new Map<string, string>();

  constructor(
    private readonly links: Map<string, string>,
    private readonly access: RolloutAccess,
    private readonly logger: Logger,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Remembers what a person has chosen for all runs of a source. */
  choose(sourcePath: string, log: string): void {
    this.links.set(sourcePath, log);
  }

  /** A sentence where several logs fit a run equally well. */
  noticeOf({ origin, rollouts }: DynamicsRun): string | undefined {
    return rollouts ? undefined : this.severals.get(origin.sourcePath);
  }

  /** Links the runs that can be. Resolves to whether any was. @throws only when the signal fires */
  async link(
    runs: ReadonlyMap<string, DynamicsRun>,
    sources: SourceSet,
    signal: AbortSignal,
  ): Promise<boolean> {
    let changed = false;
    for (const run of runs.values()) {
      const chosen = this.links.get(run.origin.sourcePath);
      const isChosen = run.rollouts?.link === 'chosen' && run.rollouts.logPath === chosen;
      if (chosen !== undefined && !isChosen) {
        run.rollouts = await chosenLog(chosen, signal);
        changed = true;
      }
      if (run.rollouts || !run.metrics) continue;
      run.rollouts = ownLog(run, sources) ?? (await this.foundLog(run, runs, signal));
      changed ||= run.rollouts !== undefined;
    }
    return changed;
  }

  private async foundLog(
    { origin: { sourcePath } }: DynamicsRun,
    runs: ReadonlyMap<string, DynamicsRun>,
    signal: AbortSignal,
  ): Promise<LinkedRollouts | undefined> {
    // Which of several runs of one file made the rollouts, nobody can tell.
    if ([...runs.values()].filter(({ origin }) => origin.sourcePath === sourcePath).length > 1)
      return undefined;
    const last = this.tried.get(sourcePath);
    if (last !== undefined && this.now() - last < AGAIN_MS) return undefined;
    this.tried.set(sourcePath, this.now());
    try {
      const found = await this.access.findRollouts(sourcePath, signal);
      this.severals.delete(sourcePath);
      if (found?.paths) return new LinkedRollouts(found.paths, found.candidates[0] ?? '', 'found');
      const names = (found?.candidates ?? []).map((candidate) => path.basename(candidate));
      if (names.length > 0)
        this.severals.set(
          sourcePath,
          `Several logs of rollouts fit this run: ${names.join(', ')}. Link the right one to see its rollouts.`,
        );
    } catch (thrown) {
      throwIfCancelled(signal);
      this.logger.warn(`Looking for rollouts beside ${sourcePath} failed: ${errorMessage(thrown)}`);
    }
    return undefined;
  }
}

async function chosenLog(log: string, signal: AbortSignal): Promise<LinkedRollouts> {
  const { sources } = await findSources([log], { signal });
  // What is no log is opened all the same: opening it says why.
  return new LinkedRollouts(sources[0]?.files ?? [log], log, 'chosen');
}

/** The log of rollouts that the metrics stand in, as in a W&B run with tables of rollouts. */
function ownLog(run: DynamicsRun, { dumps }: SourceSet): LinkedRollouts | undefined {
  const files = run.metrics?.files ?? [];
  const folders =
    run.metrics?.format === 'wandb' ? files.map((file) => `${path.dirname(file)}${path.sep}`) : [];
  const own = dumps.find(
    (dump) =>
      dump.files.some((file) => files.includes(file)) ||
      folders.some((folder) => dump.files.every((file) => file.startsWith(folder))),
  );
  return own && new LinkedRollouts(own.files, own.path, 'own');
}
