import type { BoundingBox } from '../common/boundingBox';
import type { Outcome } from '../trajectory/trajectory';

/*
 * How the trajectory editor's list is filtered and sorted. The table of all records stays in a thread of the host: counts
 * and the rows in view cross, never a list of all of them.
 */

/** One row of the list. */
export type RowView =
  | {
      readonly status: 'ok';
      readonly index: number;
      readonly question: string;
      readonly answer?: string;
      readonly correct?: boolean;
      readonly reward?: number;
      /** Crops that came back. */
      readonly zoomCount: number;
      /** Calls that the model made, failed ones included. */
      readonly toolCalls: number;
      /** Tokens that the policy wrote. */
      readonly modelTokens?: number;
      readonly step?: number;
      readonly split?: string;
      /** Mean over the calls with a box of the highest IoU with a box of the ground truth; absent where not known. */
      readonly iou?: number;
      readonly outcome: Outcome['status'];
      /** What deserves a look: a few words, and what exactly they mean. */
      readonly signals?: readonly { readonly words: string; readonly meaning: string }[];
    }
  | {
      readonly status: 'bad';
      readonly index: number;
      readonly reason: string;
      readonly offset: number;
      readonly bytes: number;
    };

/** The records that the list is narrowed to: of a step, or of whatever else somebody asks for. */
export interface RowFilter {
  /** What they have in common, for people: 'step 46'. */
  readonly label: string;
  /** Their positions in the source, `[start, end)`, ascending, none empty, none over another. */
  readonly ranges: readonly (readonly [start: number, end: number])[];
}

/** By what rows are sorted: the name of a field of expressions. */
export interface RowSort {
  readonly field: string;
  readonly descending: boolean;
}

/** Which records are wanted, and in which order. */
export interface RowQuery {
  /** An expression or plain words; everything where empty. */
  readonly text: string;
  /** File order where absent. */
  readonly sort?: RowSort;
  /** Only these records, `[start, end)`, ascending; all where absent. */
  readonly ranges?: readonly (readonly [start: number, end: number])[];
  /** A record whose place is wanted. */
  readonly selected?: number;
}

/** What a query found. */
export type RowsFound =
  | {
      readonly status: 'ok';
      /** Names the result in later calls, until the next query. */
      readonly result: number;
      readonly count: number;
      /** How many of them are judged, and right. */
      readonly judged: number;
      readonly right: number;
      /** Records that were looked at, and how many of them can't be read. */
      readonly scanned: number;
      readonly unreadable: number;
      /** False where reading was stopped before the end of the log. */
      readonly complete: boolean;
      /** Where `selected` stands; absent where it is not among them. */
      readonly position?: number;
    }
  /** Column: offset into the text in UTF-16 units, from 0. */
  | { readonly status: 'error'; readonly column: number; readonly message: string };

/** One rollout of a group. */
export interface SiblingRow {
  readonly index: number;
  readonly correct?: boolean;
  readonly reward?: number;
  readonly advantage?: number;
}

/** Rollouts of one question at one step. */
export interface SiblingGroup {
  /** How many there are; `rows` has those around the one that was asked for. */
  readonly count: number;
  readonly rows: readonly SiblingRow[];
  /** Of those with a reward: how many, mean and sample standard deviation, and whether all are equal. */
  readonly rewarded: number;
  readonly mean?: number;
  readonly deviation?: number;
  readonly isDead?: boolean;
  /** Neighbours in file order; absent at the ends. */
  readonly previous?: number;
  readonly next?: number;
}

/** A box of a rollout, as it lies on the first picture of the prompt. */
export interface SiblingBox {
  /** Number of the tool call, from 1. */
  readonly call: number;
  /** What was cut, or else what was asked for, in pixels of that picture; its corners as the model gave them. */
  readonly box: BoundingBox;
  /** The tool cut nothing. */
  readonly rejected?: true;
  /** The highest IoU of the requested box with a box of the ground truth, 0 to 1. */
  readonly iou?: number;
}

/** The boxes of one rollout of a group: none where it asked for none, or none can be placed. */
export interface SiblingRollout extends SiblingRow {
  readonly boxes: readonly SiblingBox[];
}

/** The boxes of a whole group, to be drawn on the picture that its rollouts share. */
export interface SiblingBoxes {
  /** Rollouts of the group; `rollouts` has those around the one that was asked for, itself included, in file order. */
  readonly count: number;
  readonly rollouts: readonly SiblingRollout[];
  /** Boxes of these rollouts that are not told since there are too many; 0 where all are. */
  readonly leftOut: number;
}

/** How far a log has been read for the list. */
export interface ListReading {
  readonly records: number;
  /** Share of the log, 0 to 1. */
  readonly done: number;
}

/** What the page asks of the host about its list. */
export interface ListHostApi {
  /** Reads what is new of the log first. A query ends those before: they reject with `cancelled`. */
  listQuery(query: RowQuery): Promise<RowsFound>;
  /** Rows at positions `[start, end)`. Rejects with `missing` for a result that is not the last one. */
  listRows(result: number, start: number, end: number): Promise<readonly RowView[]>;
  /** Where a record stands in the last result; undefined where it is not in it. */
  listPositionOf(result: number, index: number): Promise<number | undefined>;
  /** Values that occur in a text field, the first ones. */
  listValues(field: string): Promise<readonly string[]>;
  /** The group of a record, after what is new was read; undefined where it has none. */
  siblings(index: number): Promise<SiblingGroup | undefined>;
  /** The boxes of the group of a record, at most 64 rollouts and 32 boxes of each; undefined where it has none. */
  siblingBoxes(index: number): Promise<SiblingBoxes | undefined>;
  /** Ends the reading of the log; queries go on with what was read. */
  stopReading(): Promise<void>;
}

/** What the host tells the page about its list. */
export interface ListPageApi {
  listReading(reading: ListReading): Promise<void>;
}
