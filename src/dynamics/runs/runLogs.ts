import type { StepRange } from '../../metrics/stepRange';
import type { StepGroup } from './stepGroups';

/** A folder that is searched for logs. */
export interface RunRoot {
  /** Absolute. */
  readonly path: string;
  /** What is left out, as the editor's settings write it. */
  readonly exclude: readonly Exclusion[];
}

/** One entry of `files.exclude`. */
export interface Exclusion {
  /** Of paths from the folder on, with forward slashes. */
  readonly pattern: string;
  /** Holds only where a file of this name lies beside; `$(basename)` stands for the file's own name without its ending. */
  readonly when?: string;
}

/** The rollouts of one step in a log. */
export interface StepRollouts {
  readonly step: number;
  readonly records: number;
  /** How many have a verdict, and how many of these are right. */
  readonly judged: number;
  readonly right: number;
  /** Their positions in the log, `[start, end)`, ascending. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** What reading a log from end to end gave. */
export interface LogCount {
  /** Rollouts, or rows of metrics. */
  readonly records: number;
  readonly badRecords: number;
  /** Null where no record has a step. */
  readonly steps: StepRange | null;
  /** Rollouts by step, ascending; empty for metrics, where no record has a step, and where there are too many. */
  readonly stepRollouts: readonly StepRollouts[];
}

/** A log that was found. */
export interface RunLog {
  /** The file, or the folder of step files or event files. Absolute. */
  readonly path: string;
  /** The folder that was searched. */
  readonly root: string;
  readonly files: readonly string[];
  readonly kind: 'trajectories' | 'metrics' | 'both';
  readonly format: string;
  /** The format for people. */
  readonly label: string;
  /** Of all files together. */
  readonly bytes: number;
  /** Of the file that was written last, in milliseconds since 1970. */
  readonly writtenAt: number;
  /** When it was last seen to have grown, in milliseconds since 1970; absent while it was not. */
  readonly grewAt?: number;
  /** The folder that stands for the run to which it belongs. */
  readonly run: string;
  /** Absent until it was read. */
  readonly count?: LogCount;
  /** Why there is no count, as a sentence. */
  readonly uncounted?: string;
  /** Path of the log that holds the same rollouts with verdicts. */
  readonly supersededBy?: string;
}

/** The logs below some folders, as far as they are known. */
export interface RunLogs {
  readonly status: 'searching' | 'counting' | 'done';
  readonly logs: readonly RunLog[];
  /** What can't be read, each with a sentence. */
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
  /** Sentences about what was left out. */
  readonly notices: readonly string[];
}

/** What the thread does for its host. */
export interface RunsApi {
  /** Searches the folders, then counts what was found. A later call ends an earlier one. Resolves at its end. */
  scan(roots: readonly RunRoot[]): Promise<void>;
  /** The rollouts of a step; see `readStepGroups`. */
  rollouts(files: readonly string[], ranges: StepRollouts['ranges']): Promise<readonly StepGroup[]>;
}

/** What the thread tells. */
export interface RunsEvents {
  changed(logs: RunLogs): Promise<void>;
}
