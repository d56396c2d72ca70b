import type { Disposable } from '../common/disposable';
import type { Event } from '../common/event';
import type { FormatId, RecordResult } from './reader';

/** How far a source is known at this moment. A snapshot, never a delta. */
export interface SourceState {
  /** Records found so far; a lower bound until `complete`. */
  readonly records: number;
  /** True once the whole file (all files) has been indexed up to its present end. */
  readonly complete: boolean;
  readonly indexedBytes: number;
  readonly totalBytes: number;
  /** Bytes after the last line end that are not a whole record: normal while a file is written. */
  readonly incompleteTail: number;
  /** Counts how often the file was replaced or truncated: rows of an older generation mean nothing any more. */
  readonly generation: number;
  /** Why the source can't be read (any longer), as a sentence. */
  readonly failure?: string;
}

/** How a record is to be read. */
export interface ReadOptions {
  /** False for lists and figures: pictures that stand apart from the record's text are left unread, and blank. */
  readonly withPictures?: boolean;
}

/**
 * The records of one file, or of one folder whose files belong together, with random access.
 * Opening returns before anything is indexed; the first records can be asked for at once.
 */
export interface TrajectorySource extends Disposable {
  /** Path of the file or folder. */
  readonly name: string;
  readonly format: FormatId;
  /** The format for people. */
  readonly label: string;
  readonly state: SourceState;
  readonly onDidChange: Event<SourceState>;
  /**
   * One record; a bad line is a result with status `bad`, never an exception.
   * Waits for the index when `index` is beyond what is known so far.
   * @throws ImcotError `missing` when there is no such record
   */
  record(index: number, options?: ReadOptions): Promise<RecordResult>;
  /**
   * The records from `start` up to but not including `end`, as far as they are known at this moment. Neighbours are
   * read together.
   */
  records(start: number, end: number): Promise<readonly RecordResult[]>;
  /**
   * The last record of all, without waiting for the index where records are lines; its position is -1 while the index
   * is not complete.
   * @throws ImcotError `missing` when there is none
   */
  lastRecord(): Promise<RecordResult>;
  /** Resolves when `state.complete` is true for the first time; rejects when the source fails. */
  indexed(): Promise<SourceState>;
}
