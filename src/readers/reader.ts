import type { Trajectory } from '../trajectory/trajectory';
import type { Codecs } from './codecs';
import type { JsonRecord } from './fields';

/** Every format that is read, by the name that `imcot list` prints. */
export type FormatId =
  | 'imcot'
  | 'deepeyes-eval'
  | 'rl-logging-board'
  | 'verl-rollouts'
  | 'trl-completions'
  | 'swift-completions'
  | 'inspect-eval'
  | 'inspect-json'
  | 'wandb-table'
  | 'training-data'
  | 'mini-o3'
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
  /** Names of members, the first ones, where the file is a ZIP archive; `lines` and `values` are empty then. */
  readonly members?: readonly string[];
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
  /** With `figuresOnly`: tokens and group, of which curves over training are made, are read all the same. */
  readonly forCurves?: boolean;
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

/** What a record is that stands among others in one JSON object or one archive (layouts `list` and `archive`). */
export interface InnerRecord {
  /** What the file says about all of its records: the object's other fields, or the archive's header. */
  readonly head: JsonRecord;
  /** The entry of the list, or the member, as JSON. */
  readonly entry: unknown;
  /** Which record of the entry, from 0; see `recordsOfEntry`. */
  readonly part: number;
}

/**
 * One format of trajectory files. A reader never throws on bad input. What a record is, the layout says:
 *
 * - `lines`: a line of JSON
 * - `events`: all lines that name the same trajectory
 * - `columns`: a row of a line that is a table, an object of lists
 * - `parquet`: a row of a Parquet file
 * - `sections`: a line that begins a record (`begins`) and the lines up to the next such one
 * - `list`: an entry of a list in the one JSON object that the file is (`listName`), or a part of an entry
 * - `archive`: a member of a ZIP archive that is JSON (`isRecord`)
 */
export interface TrajectoryReader {
  readonly format: FormatId;
  /** For people: "RL Logging Board dump". */
  readonly label: string;
  readonly layout: 'lines' | 'events' | 'columns' | 'parquet' | 'sections' | 'list' | 'archive';
  /** `parquet`: columns of pictures, which are read with a record that is asked for by itself. */
  readonly pictureColumns?: readonly string[];
  /** `sections`: whether a line begins a record. */
  begins?(value: unknown): boolean;
  /** `list`: name of the list. */
  readonly listName?: string;
  /** `list`: how many records each entry holds, by the file's other fields; one where this is absent. */
  recordsOfEntry?(head: JsonRecord): number;
  /** `archive`: whether a member is a record. */
  isRecord?(member: string): boolean;
  /** `archive`: members that may be the header, the best first. */
  readonly headers?: readonly string[];
  /** How sure the reader is that this is its format: 0 no, 1 certain. Content decides, the name only adds. */
  sniff(input: SniffInput): number;
  /**
   * Reads one record.
   * @param values the JSON value of the line, or of each of the record's lines in file order (`events`, `sections`), or
   *   the row as an object; rows of a Parquet file have `bigint` for 64-bit integers and `Uint8Array`, `Date` where
   *   others have text. For `list` and `archive` an `InnerRecord`
   */
  read(values: readonly unknown[], context: RecordContext): RecordResult;
}
