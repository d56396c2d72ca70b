import type { ErrorCode } from '../common/errors';

/*
 * What the index worker and the thread that started it say to each other. Not the request channel of common/rpc: it
 * cannot hand over a buffer, and batches are transferred, not copied.
 */

/** One open file to be indexed. The worker reads it through the descriptor, so both threads mean the same file. */
export interface IndexJob {
  /** Chosen by the asker; stands in every answer about this job. */
  readonly job: number;
  readonly descriptor: number;
  /** For messages to people. */
  readonly name: string;
  /** Start of a line. */
  readonly from: number;
}

/** What the worker answers: any number of batches, then the end or a failure. */
export type IndexAnswer =
  | { readonly type: 'batch'; readonly job: number; readonly starts: Float64Array; readonly end: number }
  | {
      readonly type: 'end';
      readonly job: number;
      readonly end: number;
      readonly size: number;
      readonly openRecord: number;
    }
  | { readonly type: 'failed'; readonly job: number; readonly code: ErrorCode; readonly message: string };
