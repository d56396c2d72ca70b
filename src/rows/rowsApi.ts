import type { RowQuery, RowsFound, SiblingGroup } from '../protocol/listView';

/*
 * What the extension host and the thread that holds a log's table say to each other, over the channel of `common/rpc`.
 * The table never leaves the thread: only counts and short slices of indices do.
 */

/** What to read. */
export interface RowsTarget {
  /** A file, files that belong together, or a folder; absolute. */
  readonly paths: readonly string[];
  /** Where tables are kept between sessions; nowhere when absent. */
  readonly cacheFolder?: string;
}

/** What the thread answers. */
export interface RowsApi {
  /** To be called first, and once. */
  open(target: RowsTarget): Promise<void>;
  /**
   * Reads what is new of the log first. A query ends those before: they reject with `cancelled`.
   * @param formula by which rewards are worked out; as the log has them where absent
   */
  query(query: RowQuery, formula?: string): Promise<RowsFound>;
  /** Indices of the records at positions `[start, end)`. Rejects with `missing` for a result that is not the last one. */
  slice(result: number, start: number, end: number): Promise<Uint32Array>;
  /** Where a record stands in the last result; undefined where it is not in it. */
  positionOf(result: number, index: number): Promise<number | undefined>;
  /** The group of a record, after what is new was read; undefined where it has none. */
  siblings(index: number, formula?: string): Promise<SiblingGroup | undefined>;
  /** Values that occur in a text field, the first ones. */
  valuesOf(field: string): Promise<readonly string[]>;
  /** Ends the reading of the log; queries go on with what was read. */
  stopReading(): Promise<void>;
}

/** What the thread tells. */
export interface RowsEvents {
  /** Reading goes on: records so far, and the share of the log, 0 to 1. */
  reading(records: number, done: number): Promise<void>;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string): Promise<void>;
}
