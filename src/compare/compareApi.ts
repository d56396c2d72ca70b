import type { ComparedLogs } from '../analysis/compare/comparison';
import type { ComparedRow, CompareFound, CompareQuery, Side } from '../protocol/compareView';

/*
 * What the extension host and the thread that compares two logs say to each other, over the channel of `common/rpc`.
 */

/** What to compare: for each log a file, files that belong together, or a folder; absolute. */
export type CompareTarget = Readonly<Record<Side, readonly string[]>>;

/** What the thread answers. */
export interface CompareApi {
  /**
   * Reads both logs from their beginning and sets them side by side. One at a time.
   * @throws ImcotError `cancelled` after `stop`; what reading throws
   */
  compare(target: CompareTarget): Promise<ComparedLogs>;
  /** Rejects with `missing` before anything was compared; a query ends those before, which reject with `cancelled`. */
  query(query: CompareQuery): Promise<CompareFound>;
  /** Rows at positions `[start, end)`, at most `MAX_ROWS`. Rejects with `missing` for a result that is not the last one. */
  rows(result: number, start: number, end: number): Promise<readonly ComparedRow[]>;
  /** Ends the reading. */
  stop(): Promise<void>;
}

/** What the thread tells. */
export interface CompareEvents {
  /** Reading goes on: records of one log so far, and the share of both, 0 to 1. */
  reading(side: Side, records: number, done: number): Promise<void>;
}
