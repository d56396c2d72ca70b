/*
 * What crosses between the log-file viewer's page and the extension host. Places are bytes of the one file that the page
 * shows; it names no file.
 */

/** How the file stands. Snapshots, never deltas. */
export type LogFileView =
  | { readonly status: 'error'; readonly message: string }
  /** No text. `open` says which other editor shows it. */
  | {
      readonly status: 'binary';
      readonly name: string;
      readonly message: string;
      readonly open?: OtherEditor;
    }
  | {
      readonly status: 'ready';
      readonly name: string;
      /** Bytes. */
      readonly size: number;
      /** Another one means that the file was replaced or became shorter: places of the older one mean nothing. */
      readonly generation: number;
      /** Line ends found so far, up to the byte `counted`. */
      readonly lines: number;
      readonly counted: number;
      /** What its lines are, for people ("verl console log"); absent where they are nothing that is known. */
      readonly format?: string;
      /** Whether its lines are records of rollouts. */
      readonly records: boolean;
      /** Whether its lines, or some of them, are metrics. */
      readonly metrics: boolean;
      /** Why it can't be read any longer, as a sentence. */
      readonly failure?: string;
      /** Somebody wants the page to go there; told once. */
      readonly reveal?: ByteRange;
    };

/** Another editor of ours. */
export type OtherEditor = 'trajectories' | 'dynamics';

/** Bytes `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A line, or a piece of a very long one. */
export interface LogRow extends ByteRange {
  /** Where the next row begins. */
  readonly next: number;
  /** Its line's number, from 1; absent while it is not known. */
  readonly line?: number;
  /** It begins within a line, or its line goes on in the next row. */
  readonly continued: boolean;
  readonly continues: boolean;
  /** Its text or the beginning of it; escape sequences are left in, what is no UTF-8 is U+FFFD. */
  readonly text: string;
  /** The bytes that `text` stands for. */
  readonly from: number;
  readonly to: number;
  /** How many updates carriage returns wrote over each other: `text` is the last one. */
  readonly updates?: number;
  /** What can be opened from here. */
  readonly mark?: RowMark;
}

/** A row that is a record of a rollout, or metrics of a step. */
export type RowMark = { readonly kind: 'record' } | { readonly kind: 'step'; readonly step: number };

/** Rows that follow each other. */
export interface LogRows {
  readonly rows: readonly LogRow[];
  readonly size: number;
  readonly generation: number;
}

/** What a person looks for. */
export interface SearchQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  readonly regex: boolean;
}

/** How the search stands. */
export interface SearchView {
  readonly status: 'running' | 'done' | 'stopped' | 'failed';
  readonly count: number;
  /** Matches that can be gone to; fewer than `count` when there are too many. */
  readonly kept: number;
  /** Bytes looked through, of how many. */
  readonly scanned: number;
  readonly total: number;
  /** Thousandths of the file that hold a match. */
  readonly marks: readonly number[];
  readonly reason?: string;
}

/** A match. */
export interface MatchView extends ByteRange {
  /** Its position among all, from 0, once that is known. */
  readonly index?: number;
}

/** Where to go. Lines and bytes as people write them: lines from 1, bytes from 0. */
export type GoToTarget =
  | { readonly kind: 'line'; readonly value: number }
  | { readonly kind: 'byte'; readonly value: number }
  | { readonly kind: 'step'; readonly value: number }
  | { readonly kind: 'record'; readonly value: number };

/** The place, or a sentence why there is none. */
export type GoToResult = ByteRange | { readonly reason: string };

/** What the page asks of the extension host. */
export interface LogFileHostApi {
  ready(): Promise<LogFileView>;
  /** Rows around the one that holds a byte: up to `before` before it and `count` from it on; at most 400. */
  rows(offset: number, before: number, count: number): Promise<LogRows>;
  /** The text of bytes within a row, as they stand in the file; at most 256 KiB. */
  text(start: number, end: number): Promise<string>;
  /** Begins to search; matches from `from` on are found first. */
  search(query: SearchQuery, from: number): Promise<SearchView>;
  stopSearch(): Promise<void>;
  /** Ends the search and forgets what it found. */
  clearSearch(): Promise<void>;
  /** The nearest match that begins at a byte or later, or before it; round the end of the file. */
  nearest(offset: number, forward: boolean): Promise<MatchView | undefined>;
  /** Matches in a range; at most 2,000. */
  matches(start: number, end: number): Promise<readonly ByteRange[]>;
  goTo(target: GoToTarget): Promise<GoToResult>;
  /** Puts bytes of the file on the clipboard as text; at most 16 MiB. */
  copy(start: number, end: number): Promise<void>;
  /** Opens the record that begins in the row at a byte as a trajectory. */
  openRecord(start: number): Promise<void>;
  /** Shows the step of the row at a byte on the curves. */
  showStep(start: number): Promise<void>;
  /** Opens the file in another editor. */
  openOther(editor: OtherEditor): Promise<void>;
}

/** What the extension host tells the page. */
export interface LogFilePageApi {
  changed(view: LogFileView): Promise<void>;
  searched(view: SearchView): Promise<void>;
  reveal(range: ByteRange): Promise<void>;
}

/** What a page keeps over reloads. */
export interface LogFilePageState {
  /** First byte of the row at the top. */
  readonly top: number;
  readonly wrap: boolean;
  readonly follow: boolean;
}
