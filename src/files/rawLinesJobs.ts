import type { ErrorCode } from '../common/errors';
import type { LineBatch } from './rawLinesIndex';
import type { LogQuery } from './rawLinesPattern';

/*
 * What the thread that reads a log from end to end is told, and what it answers. One thread does one job and ends: so a
 * job is stopped by ending its thread, whatever it does just then. The file is read through the descriptor, so both
 * threads mean the same file.
 */

interface JobBase {
  readonly descriptor: number;
  /** Path, for messages and for telling formats. */
  readonly name: string;
}

/** One job. */
export type RawJob =
  | (JobBase & { readonly kind: 'lines'; readonly from: number; readonly feeds: number })
  | (JobBase & {
      readonly kind: 'search';
      readonly query: LogQuery;
      /** Looked through one after the other. */
      readonly ranges: readonly (readonly [number, number])[];
      /** Matches that are handed over at most; the others are counted. */
      readonly keep: number;
      /** Two doubles: the byte at which an expression runs, or -1 while none does; how often that was set. */
      readonly beat: SharedArrayBuffer;
    })
  | (JobBase & { readonly kind: 'steps' });

/** Matches that were found since the last report. */
export interface MatchBatch {
  /** Which of the ranges. */
  readonly range: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** All that were found, those that are not handed over included. */
  readonly count: number;
  /** All of the range before this byte was looked through. */
  readonly scanned: number;
}

/** Rows of metrics that have a step, in file order. */
export interface StepRows {
  readonly steps: Float64Array;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

/** What comes back. */
export type RawAnswer =
  | { readonly type: 'lines'; readonly batch: LineBatch }
  | { readonly type: 'matches'; readonly batch: MatchBatch }
  | { readonly type: 'steps'; readonly rows: StepRows | undefined }
  | { readonly type: 'end' }
  | { readonly type: 'failed'; readonly code: ErrorCode; readonly message: string };
