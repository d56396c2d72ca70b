import type { ZoomDistribution } from '../analysis/alarms';
import type { Series } from '../metrics/mergeRestarts';

/** Records of a log by position: `[start, end)`. */
export type RecordRange = readonly [start: number, end: number];

/** What is known of the rollouts of one step. */
export interface StepRollouts {
  readonly step: number;
  readonly rollouts: number;
  readonly judged: number;
  readonly correct: number;
  /** Where they stand in the log, ascending. */
  readonly ranges: readonly RecordRange[];
}

/** Curves that were worked out from a log of rollouts. */
export interface RolloutRun {
  /** By keys that begin with `rollouts/`; ascending steps. `parts` and `rows` are 0 and the position of the step. */
  readonly series: ReadonlyMap<string, Series>;
  /** One per step, ascending. */
  readonly zoomDistributions: readonly ZoomDistribution[];
  /** One per step, ascending. */
  readonly steps: readonly StepRollouts[];
  readonly records: number;
  readonly badRecords: number;
  /** Records without a step: they are on no curve. */
  readonly withoutStep: number;
}

/** A log of rollouts whose curves are kept up to date. */
export interface RolloutCurves {
  /** What is known now. */
  readonly run: RolloutRun;
  /**
   * Reads what has come since the last time, all of it at first; a log that was replaced is read anew. Resolves to
   * whether anything changed.
   * @param onProgress bytes read of bytes that there are
   * @throws ImcotError `cancelled`, or when the log can't be opened or read
   */
  refresh(signal: AbortSignal, onProgress: (read: number, size: number) => void): Promise<boolean>;
}
