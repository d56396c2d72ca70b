import type { Cell, ComparedLogs, QuestionTally } from '../analysis/compare/comparison';
import type { OutcomeStatus } from '../trajectory/trajectory';
import type { TrajectoryHostApi } from './trajectoryView';

/*
 * What crosses between the page that compares two logs and the extension host. The tables of both logs stay in a thread
 * of the host: counts, the rows in view and the two rollouts that are looked at cross. The page names no path.
 */

/** One of the two logs. */
export type Side = 'a' | 'b';

/** A log's name for people. */
export interface ComparedName {
  /** Base name. */
  readonly name: string;
  /** The folders above it as far as they tell the two apart; empty where the base names do. */
  readonly folder: string;
}

/** How the comparison stands. */
export type CompareView =
  | {
      readonly status: 'reading';
      readonly names: Readonly<Record<Side, ComparedName>>;
      /** Which log is being read, its records so far, and the share of both logs, 0 to 1. */
      readonly reading?: { readonly side: Side; readonly records: number; readonly done: number };
    }
  | { readonly status: 'stopped'; readonly names: Readonly<Record<Side, ComparedName>> }
  | {
      readonly status: 'error';
      readonly names: Readonly<Record<Side, ComparedName>>;
      readonly message: string;
    }
  | {
      readonly status: 'ready';
      readonly names: Readonly<Record<Side, ComparedName>>;
      /** Another one each time the logs were read. */
      readonly generation: number;
      readonly compared: ComparedLogs;
    };

/** Which rows are wanted. */
export interface CompareQuery {
  /** All where absent. */
  readonly cell?: Cell;
  /** Words or an expression with the fields of rollouts behind `a.` and `b.`; everything where empty. */
  readonly text: string;
  /** A row whose place is wanted. */
  readonly selected?: number;
}

/** What a query found. Column: offset into the text in UTF-16 units, from 0. */
export type CompareFound =
  | {
      readonly status: 'ok';
      /** Names the result in later calls, until the next query. */
      readonly result: number;
      readonly count: number;
      /** Where `selected` stands; absent where it is not among them. */
      readonly position?: number;
    }
  | { readonly status: 'error'; readonly column: number; readonly message: string };

/** One rollout of a row. */
export interface ComparedRollout {
  /** Position of its record in its log. */
  readonly index: number;
  readonly answer?: string;
  readonly correct?: boolean;
  readonly zooms?: number;
  readonly tokens?: number;
  readonly step?: number;
  readonly outcome?: OutcomeStatus;
}

/** A row of the list: a pair of rollouts, or one without a partner. */
export interface ComparedRow {
  /** Its number in the comparison, whatever the list is narrowed to. */
  readonly row: number;
  readonly cell: Cell;
  readonly question: string;
  readonly a?: ComparedRollout;
  readonly b?: ComparedRollout;
  /** Where the question has several pairs: which of them this is, from 1, and how all came out. */
  readonly several?: { readonly place: number; readonly tally: QuestionTally };
}

/** What the page asks of the host. */
export interface CompareHostApi {
  /** Called once by the page when it listens. */
  ready(): Promise<CompareView>;
  /** Reads both logs anew. */
  again(): Promise<void>;
  /** Ends the reading. */
  stop(): Promise<void>;
  query(query: CompareQuery): Promise<CompareFound>;
  /** Rows at positions `[start, end)`. Rejects with `missing` for a result that is not the last one. */
  rows(result: number, start: number, end: number): Promise<readonly ComparedRow[]>;
  trajectory(side: Side, index: number): ReturnType<TrajectoryHostApi['trajectory']>;
  image(side: Side, ...rest: Parameters<TrajectoryHostApi['image']>): ReturnType<TrajectoryHostApi['image']>;
  imageRegion(
    side: Side,
    ...rest: Parameters<TrajectoryHostApi['imageRegion']>
  ): ReturnType<TrajectoryHostApi['imageRegion']>;
  /** Shows a rollout in the trajectory editor. */
  open(side: Side, index: number): Promise<void>;
  chooseImageFolder(): Promise<boolean>;
}

/** What the host tells the page. */
export interface ComparePageApi {
  changed(view: CompareView): Promise<void>;
  /** Images may resolve differently now: ask again. */
  imagesChanged(): Promise<void>;
}

/** What the page remembers across reloads: navigation and UI only. */
export interface ComparePageState {
  readonly row: number;
  readonly cell?: Cell;
  readonly search?: string;
  /** False: the boxes of the ground truth are hidden. */
  readonly truth?: boolean;
  /** Width of the list as a fraction. */
  readonly split?: number;
}
