import type { FoundPattern } from '../analysis/patterns/pattern';
import type { BoundingBox, CoordinateFrame, Size } from '../common/boundingBox';
import type { Reward } from '../trajectory/reward';
import type { ToolReport } from '../trajectory/toolReport';
import type { GroupKey } from '../trajectory/group';
import type { Outcome, Verdict } from '../trajectory/trajectory';
import type { ListHostApi, ListPageApi, RowFilter, RowSort, RowView } from './listView';

/*
 * What crosses between the trajectory editor's page and the extension host: plain JSON and byte arrays.
 * Absent = not recorded, as in the data model. The page never names a path: it sends indices and image ids.
 */

/** State of the opened source. */
export type SourceView =
  | { readonly status: 'loading' }
  | { readonly status: 'error'; readonly message: string }
  | {
      readonly status: 'ready';
      /** Base name, for titles. */
      readonly name: string;
      /** The format for people. */
      readonly label: string;
      readonly records: number;
      readonly complete: boolean;
      /** 0 to 1. */
      readonly indexed: number;
      /** Bytes after the last complete line. */
      readonly incompleteTail: number;
      readonly generation: number;
      /** Set for logs of events, whose rollouts can be read while they are written. */
      readonly isEventLog?: true;
      /** When something was last written, in milliseconds since 1970 by the host's clock; absent where nobody knows. */
      readonly writtenAt?: number;
      /** The reader's doubt or the source's failure, as a sentence. */
      readonly notice?: string;
    };

/** An image that the page may ask for by `id`, or the reason why there is none. */
export interface ImageView {
  /** Unique within the trajectory: `original:0`, `observation:2:0`. */
  readonly id: string;
  /** `original`: given in the prompt; `stored`: an observation whose bytes exist; `rebuilt`: cut anew from the original. */
  readonly kind: 'original' | 'stored' | 'rebuilt';
  readonly state: 'available' | 'missing' | 'denied' | 'unknown';
  /** Base name or a few words. */
  readonly label: string;
  /** Pixels as stored or cut. */
  readonly size?: Size;
  /** Pixels of what was cut, where what is stored is that piece as the policy saw it. */
  readonly cutSize?: Size;
  /** Pixels as the policy saw it. */
  readonly resizedSize?: Size;
  /** As recorded where the file tells, else computed from `resizedSize`. */
  readonly visualTokens?: number;
  /** Number of the tool call that made it. */
  readonly call?: number;
  /** Why it is not available and what was tried, as a sentence. */
  readonly message?: string;
  readonly tried?: readonly string[];
}

/** Where the stage draws a call's box. */
export interface CallPlace {
  /** Id of the picture: one of the prompt's, or a crop that lies upright on none of them. */
  readonly image: string;
  /** What was cut, or else what was asked for, in pixels of that picture. */
  readonly box: BoundingBox;
  /** What was asked for, where something else was cut. */
  readonly requested?: BoundingBox;
}

/** The boxes that the answer is about. */
export interface GroundTruthBoxes {
  /** In pixels of the prompt's first image. Empty: it is known to be about none. */
  readonly boxes: readonly BoundingBox[];
  /** The record itself, a JSON file beside the image, or the file that a person chose. */
  readonly from: 'record' | 'besideImage' | 'chosenFile';
  /** Base name of that file. */
  readonly name?: string;
}

/** A tool call for display. */
export interface ToolCallView {
  readonly status: 'parsed' | 'unparsable';
  /** Byte for byte what stood between the tags. */
  readonly text: string;
  readonly name?: string;
  readonly box?: BoundingBox;
  readonly label?: string;
  readonly angle?: number;
  /** Parser's words when unparsable. */
  readonly error?: string;
  /** Whether the environment acted on it. */
  readonly acted: boolean;
  /** 1-based number over the trajectory, as drawn on the stage. */
  readonly number: number;
  /**
   * What the tool did, in pixels of the picture that it worked on; absent for other tools, and when that picture's size
   * is not known.
   */
  readonly report?: ToolReport;
  /** Id of the picture that it worked on; absent when the call names none that is there. */
  readonly source?: string;
  readonly place?: CallPlace;
  /**
   * The highest IoU of the requested box with a box of the ground truth, 0 to 1; absent where either is not known, or
   * lies on another picture.
   */
  readonly iou?: number;
}

/** Tokens of a response with what the policy held of each; both lists are aligned. */
export interface TokenTrackView {
  /** Each token decoded alone. */
  readonly texts: readonly string[];
  /** Natural logarithms. */
  readonly logProbabilities: readonly number[];
}

/** What all parts may have. */
export interface MarkedPart {
  /** Sentences about what the text claims here and the file contradicts. Words of the file in them are as they stand there. */
  readonly contradictions?: readonly string[];
}

export type PartView = MarkedPart & PartContent;

export type PartContent =
  | {
      readonly kind: 'text' | 'thought' | 'answer';
      readonly text: string;
      readonly closed: boolean;
      readonly tokens?: number;
      /** Index of the part's first token in `tokenTrack`. */
      readonly firstToken?: number;
    }
  | {
      readonly kind: 'toolCall';
      readonly text: string;
      /** False where a closing tag is missing that should be there. */
      readonly closed: boolean;
      readonly tokens?: number;
      readonly firstToken?: number;
      readonly call: ToolCallView;
    }
  | {
      readonly kind: 'observation';
      readonly text: string;
      readonly error?: string;
      readonly tokens?: number;
      readonly images: readonly ImageView[];
      /** True while the environment has yet to answer: its pictures are worked out from the calls. */
      readonly pending?: true;
    };

export interface TurnView {
  readonly raw: string;
  /** What came back for it, as the file has it; absent where that is nothing or pictures alone. */
  readonly observationRaw?: string;
  readonly parts: readonly PartView[];
  readonly recovered: boolean;
}

/** Whether a response keeps its form. */
export interface FormView {
  /** What does not match, as sentences; empty where everything does. */
  readonly errors: readonly string[];
  /** Name of the formula whose checks were made. */
  readonly formula: string;
}

/** A signal for people: a few words, and what exactly they mean. */
export interface SignalView {
  readonly words: string;
  readonly meaning: string;
}

/** What deserves a look. */
export interface SignalsView {
  readonly found: readonly SignalView[];
  /** Those that the record leaves open. */
  readonly unknown: readonly SignalView[];
}

export interface TrajectoryView {
  readonly index: number;
  readonly id?: string;
  readonly system?: string;
  readonly question: string;
  /** The user's whole text. */
  readonly user: string;
  readonly originals: readonly ImageView[];
  readonly turns: readonly TurnView[];
  readonly outcome: Outcome;
  readonly prediction?: string;
  readonly groundTruth?: string;
  readonly groundTruthBoxes?: GroundTruthBoxes;
  readonly verdict?: Verdict;
  /** By the formula that the page has chosen, or as the record has it. */
  readonly reward?: Reward;
  /** The record's own total, where `reward` has another. */
  readonly recordedReward?: number;
  /** Its form by the checks of that formula; absent while it goes on, and where the record lacks some of its text. */
  readonly form?: FormView;
  /** Absent while it goes on; empty where none was found. */
  readonly patterns?: readonly FoundPattern[];
  /** Absent while it goes on. */
  readonly signals?: SignalsView;
  readonly group?: GroupKey;
  readonly step?: number;
  readonly split?: string;
  readonly frame: CoordinateFrame;
  readonly zoomVariant: string;
  readonly zoomCount: number;
  readonly toolCalls: number;
  readonly modelTokens?: number;
  readonly observationTokens?: number;
  /** Where the file has log-probabilities. */
  readonly tokenTrack?: TokenTrackView;
  /** How the rollout was made: name and value, both for people. */
  readonly settings: readonly (readonly [string, string])[];
  /** Everything else in the record: name and a short JSON text. */
  readonly extras: readonly (readonly [string, string])[];
  /** Where the record stands in its file. */
  readonly bytes: { readonly start: number; readonly end: number };
}

/** What the page asks of the host. */
export interface TrajectoryHostApi extends ListHostApi {
  /** Called once by the page when it listens; also restores what it remembers. */
  ready(): Promise<SourceView>;
  /**
   * Chooses the formula that rewards are shown by: all rows, views and queries from then on follow it.
   * @param name of a formula, or `recorded` for what the records have; the setting decides where absent
   * @returns the one in force; `recorded` for a name that no formula has
   */
  useFormula(name?: string): Promise<string>;
  /** Rows `[start, end)`; fewer where the file ends. */
  rows(start: number, end: number): Promise<readonly RowView[]>;
  /** The rows of these records, in this order; those that the file does not have are left out. */
  rowsIn(ranges: RowFilter['ranges']): Promise<readonly RowView[]>;
  /** What the list is to be narrowed to, where somebody asked for that and nobody has lifted it. */
  filter(): Promise<RowFilter | undefined>;
  /** The person wants to see all records again. */
  clearFilter(): Promise<void>;
  trajectory(index: number): Promise<TrajectoryView | Extract<RowView, { status: 'bad' }>>;
  /** Encoded picture for an image of that trajectory, its longer side at most `maxSide` pixels. */
  image(
    index: number,
    imageId: string,
    maxSide: number,
  ): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array; readonly size: Size }>;
  /**
   * A piece of such a picture at full detail, as far as its longer side has at most `maxSide` pixels.
   * @param region `[x1, y1, x2, y2]` in pixels of the image
   * @returns also which piece it is, in whole pixels inside the image
   */
  imageRegion(
    index: number,
    imageId: string,
    region: readonly [number, number, number, number],
    maxSide: number,
  ): Promise<{
    readonly mediaType: string;
    readonly bytes: Uint8Array;
    readonly size: Size;
    readonly region: readonly [number, number, number, number];
  }>;
  /** The picture with exactly the pixels that the policy saw, as PNG. */
  seenImage(
    index: number,
    imageId: string,
  ): Promise<{ readonly mediaType: string; readonly bytes: Uint8Array; readonly size: Size }>;
  /** Asks where to save that picture; resolves to whether it was saved. */
  saveImage(index: number, imageId: string): Promise<boolean>;
  /** Lets the user pick a folder of images and remembers it; resolves to whether one was chosen. */
  chooseImageFolder(): Promise<boolean>;
  /** Opens the file at the record's bytes. */
  revealRecord(index: number): Promise<void>;
  /** Shows the record's step on the curves of its training run. */
  showInCurves(index: number): Promise<void>;
}

/** What the host tells the page. */
export interface TrajectoryPageApi extends ListPageApi {
  sourceChanged(source: SourceView): Promise<void>;
  /** Images may resolve differently now (folder chosen, trust granted): ask again. */
  imagesChanged(): Promise<void>;
  /** Select and show a record. */
  show(index: number): Promise<void>;
  /** Narrow the list, and show the first of these records unless one of them is shown. */
  showOnly(filter: RowFilter): Promise<void>;
}

/** What the page remembers across reloads through `setState`: navigation and UI only. */
export interface TrajectoryPageState {
  readonly selected: number;
  /** Position of the replay cursor: index of the part in reading order, the question being 0. */
  readonly part: number;
  readonly frame?: CoordinateFrame;
  /** Fractions of the width, list and stage. */
  readonly split?: readonly [number, number];
  readonly raw?: boolean;
  /** False: the boxes of the ground truth are hidden. */
  readonly truth?: boolean;
  /** Of the replay; 1 where absent. */
  readonly speed?: number;
  /** Name of the formula that rewards are shown by; the setting's where absent. */
  readonly formula?: string;
  /** What the list was narrowed to; absent where that are too many ranges to keep. */
  readonly filter?: RowFilter;
  /** What the filter box holds. */
  readonly search?: string;
  readonly sort?: RowSort;
}
