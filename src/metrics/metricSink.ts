/*
 * What metric files say, as it stands in them: rows of numbers under keys, in file order. Joining files, merging
 * restarts and choosing curves come afterwards, so that nothing is lost before anybody can look.
 */

/** A training run as a file names it. Absent: the file does not say. */
export interface RunDescription {
  /** For people. */
  readonly name?: string;
  /** The writer's own identifier: values under the same one belong together, also across files. */
  readonly id?: string;
  /** Identifier of the run that this one is a part of. */
  readonly parent?: string;
  /** What it belongs to: a project, an experiment. */
  readonly group?: string;
}

/** How a run stands, as far as its file tells. */
export type RunState = 'running' | 'finished' | 'failed';

/** Why values of one run begin anew. */
export type BreakKind =
  /** The writer was started again and said from which step on earlier values are void. */
  | 'purge'
  /** The writer was started again; steps may repeat. */
  | 'restart';

/** Receives what a metric file says. Implementations throw nothing. */
export interface MetricSink {
  /** What follows belongs to this run, until the next call. A file of a single run need not call it. */
  run(description: RunDescription): void;
  /**
   * A row begins; values that follow stand in it.
   * @param step undefined where the row has none
   * @param wallTime seconds since 1970, where the row tells
   * @param start first byte of the row in its file
   * @param end one past its last byte; both 0 where rows have no bytes of their own (a database)
   */
  row(step: number | undefined, wallTime: number | undefined, start: number, end: number): void;
  /** A number of the row; may be NaN or infinite, where the file says so. */
  value(key: string, value: number): void;
  /** A word of the row that is no number. */
  text(key: string, value: string): void;
  /** A setting of the run. */
  setting(key: string, value: unknown): void;
  /** The run's values begin anew here. @param step the first void step of a `purge`; of a restart the first new one, if told */
  break(kind: BreakKind, step: number | undefined): void;
  /** How the run stands, when the file says. */
  state(state: RunState): void;
  /** A piece of the file that can't be read. @param reason a sentence: what was expected and what was found */
  damaged(reason: string, start: number, end: number): void;
}
