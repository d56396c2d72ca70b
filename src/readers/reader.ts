import type { Trajectory } from '../trajectory/trajectory';
import type { Codecs } from './codecs';

/** Every format that is read, by the name that `imcot list` prints. */
export type FormatId =
  | 'imcot'
  | 'deepeyes-eval'
  | 'rl-logging-board'
  | 'verl-rollouts'
  | 'trl-completions'
  | 'swift-completions'
  | 'chat';

/** The first bytes of a file, enough to tell what it is. */
export interface SniffInput {
  /** Base name, such as `result_direct_attributes.jsonl`. */
  readonly name: string;
  /** The first lines that are complete (or cut off at the sniffing limit), as text without line ends. */
  readonly lines: readonly string[];
  /** The same lines as JSON where they parse; same positions. */
  readonly values: readonly unknown[];
  /** Names of the columns, where the file is a table without lines (Parquet); `lines` and `values` are empty then. */
  readonly columns?: readonly string[];
}

/** What is known about a record before it is parsed. */
export interface RecordContext {
  /** Path of the file that the record stands in. */
  readonly file: string;
  /** Position among the source's records, from 0. */
  readonly index: number;
  readonly bytes: { readonly start: number; readonly end: number };
  readonly codecs: Codecs;
  /**
   * True when the record is read for figures alone: tokens, group and extras, which only views draw, may be left out,
   * and a prompt that is one text may stay whole. Whether a record is bad does not depend on it.
   */
  readonly figuresOnly?: boolean;
}

/** Images that a record carries inside, by content hash. */
export type InlineImages = ReadonlyMap<string, Uint8Array>;

/** A record that was read, or the reason why it could not be. */
export type RecordResult =
  | { readonly status: 'ok'; readonly trajectory: Trajectory; readonly images: InlineImages }
  | {
      readonly status: 'bad';
      /** A sentence: what was expected and what was found. */
      readonly reason: string;
      readonly file: string;
      readonly index: number;
      readonly bytes: { readonly start: number; readonly end: number };
    };

/**
 * One format of trajectory files. A reader never throws on bad input. What a record is, the layout says:
 *
 * - `lines`: a line of JSON
 * - `events`: all lines that name the same trajectory
 * - `columns`: a row of a line that is a table, an object of lists
 * - `parquet`: a row of a Parquet file
 */
export interface TrajectoryReader {
  readonly format: FormatId;
  /** For people: "RL Logging Board dump". */
  readonly label: string;
  readonly layout: 'lines' | 'events' | 'columns' | 'parquet';
  /** How sure the reader is that this is its format: 0 no, 1 certain. Content decides, the name only adds. */
  sniff(input: SniffInput): number;
  /**
   * Reads one record.
   * @param values the JSON value of the line, or of each of the record's lines in file order (`events`), or the row as
   *   an object; rows of a Parquet file have `bigint` for 64-bit integers and `Uint8Array`, `Date` where others have text
   */
  read(values: readonly unknown[], context: RecordContext): RecordResult;
}
