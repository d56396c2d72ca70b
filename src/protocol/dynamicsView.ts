import type { Alarm } from '../analysis/alarms';
import type { StageReport } from '../analysis/stages/findStages';
import type { StageCard } from '../analysis/stages/stageCards';
import type { Concept } from '../metrics/concepts';
import type { RunState } from '../metrics/metricSink';

/*
 * What crosses between the dynamics editor's page and the extension host: plain JSON and arrays of numbers. Absent =
 * not recorded. The page never names a path: it sends the ids of runs, and keys.
 */

/** What stands on the x axis. `relative`: seconds since the run's first wall time; `wall`: seconds since 1970. */
export type XMode = 'step' | 'relative' | 'wall';

/** A curve of one run. */
export interface CurveId {
  /** `RunView.id`. */
  readonly run: string;
  /** As its producer wrote it; computed ones begin with `rollouts/`. */
  readonly key: string;
}

/** A key of a run. */
export interface KeyView {
  readonly key: string;
  readonly points: number;
  /** The last finite value; absent where there is none. */
  readonly last?: number;
  /** What it stands for, where that is known. */
  readonly concept?: Concept;
  /** Not in the log: worked out from the rollouts. */
  readonly computed?: true;
  /** What a person must know when reading it, a sentence. */
  readonly note?: string;
}

/** The rollouts that belong to a run. */
export interface RunRolloutsView {
  /** Base name of the log of rollouts. */
  readonly name: string;
  /** How it came to the run: it is the run's own file, was found near the log, or was chosen by a person. */
  readonly link: 'own' | 'found' | 'chosen';
  readonly records: number;
  readonly badRecords: number;
  /** 0 to 1 while curves are being worked out; absent when they are there. */
  readonly progress?: number;
  /** Why there are no curves from it, a sentence. */
  readonly problem?: string;
  /** Whether there is a distribution of zoom counts: see `zoomHeat`. */
  readonly hasZoomCounts: boolean;
}

/** A run as the legend and the cards show it. */
export interface RunView {
  /** The same as long as the sources are, over growth and reloads. */
  readonly id: string;
  readonly name: string;
  /** Where it was read from, relative to what was opened. */
  readonly source: string;
  /** The format for people. */
  readonly label: string;
  /** As the file says. */
  readonly state?: RunState;
  /** Bytes have come within the last minute. */
  readonly live: boolean;
  /** Over all keys; absent where no row has a step. */
  readonly steps?: { readonly first: number; readonly last: number; readonly count: number };
  /** Whether any row tells its time: without, only the x mode `step` shows something. */
  readonly hasWallTimes: boolean;
  readonly keys: readonly KeyView[];
  /** The keys of each concept, the one that is drawn at first first. */
  readonly concepts: Readonly<Partial<Record<Concept, readonly string[]>>>;
  /** Steps at which a restart wrote anew. */
  readonly breaks: readonly number[];
  readonly stages: StageReport;
  readonly alarms: readonly Alarm[];
  readonly rollouts?: RunRolloutsView;
  /** Sentences: pieces that could not be read, and the like. */
  readonly notices: readonly string[];
}

/** State of what was opened. */
export type DynamicsView =
  | { readonly status: 'loading'; readonly reading?: ReadingView }
  | { readonly status: 'error'; readonly message: string }
  | {
      readonly status: 'ready';
      /** Base name, for titles. */
      readonly name: string;
      readonly runs: readonly RunView[];
      /** Set while more of it is being read. */
      readonly reading?: ReadingView;
      /** Sentences about what was left out or failed. */
      readonly notices: readonly string[];
      /** Grows with every change of points: what was asked for before may be out of date. */
      readonly generation: number;
    };

/** What is being read. */
export interface ReadingView {
  readonly file: string;
  /** 0 to 1. */
  readonly fraction: number;
}

/** Points of curves, for drawing. */
export interface CurvesRequest {
  /** One member: that curve. Several: their mean and band at each x. */
  readonly curves: readonly { readonly id: string; readonly members: readonly CurveId[] }[];
  readonly x: XMode;
  /** The part of the axis that is shown; all of it where absent. */
  readonly range?: readonly [from: number, to: number];
  /** Pixel columns of the plot: of each column the least and the greatest value are kept. */
  readonly columns: number;
  /** Weight of the exponential average, 0 (none) to 1 exclusive, over all points and not the thinned ones. */
  readonly smoothing: number;
  /** Steps of a run that are wanted as places on this axis. */
  readonly marks?: { readonly run: string; readonly steps: readonly number[] };
}

/** A thinned line: all lists aligned, x rises. A gap (a value that is not finite) is a NaN in `y`. */
export interface LineView {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** The step of each point; of an average the nearest lower one. */
  readonly steps: Float64Array;
}

/** A curve, as asked for. */
export interface CurveView {
  readonly id: string;
  /** Real samples; of several members their mean. */
  readonly raw: LineView;
  /** The average; absent where the smoothing is 0. */
  readonly smooth?: LineView;
  /** Of several members: least and greatest of them at `raw.x`. */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array };
  /** Points within the range, and how many of them `raw` has. */
  readonly total: number;
  readonly shown: number;
  /** The whole curve's first and last x in this mode; absent without a point. */
  readonly extent?: readonly [number, number];
}

export interface CurvesResponse {
  readonly generation: number;
  readonly curves: readonly CurveView[];
  /** The places of `marks.steps`; NaN where the run has no such place. */
  readonly marks: Float64Array;
}

/** How many rollouts zoomed how often, along the axis. */
export interface ZoomHeatView {
  /** Each column covers steps `from` to `to`, both included, at places `x0` to `x1`. `counts[n]`: rollouts with n crops. */
  readonly columns: readonly {
    readonly from: number;
    readonly to: number;
    readonly x0: number;
    readonly x1: number;
    readonly counts: readonly number[];
  }[];
  /** The largest zoom count that is counted by itself; `counts` has one more entry for all above, where there are any. */
  readonly most: number;
}

/** Rows of curves as a table. */
export interface TableView {
  readonly total: number;
  readonly rows: readonly {
    readonly step: number;
    /** Seconds since 1970 of the first curve that tells. */
    readonly wallTime?: number;
    /** One per curve; null where it has no value at this step. */
    readonly values: readonly (number | null)[];
  }[];
}

/** The rollouts of one step. */
export type StepRolloutsView =
  /** No log of rollouts is known for the run. */
  | { readonly status: 'none' }
  | { readonly status: 'reading' }
  | {
      readonly status: 'ready';
      readonly log: string;
      readonly rollouts: number;
      /** Of those that were judged. */
      readonly correct?: number;
    };

/** What the page asks of the host. */
export interface DynamicsHostApi {
  /** Called once by the page when it listens. */
  ready(): Promise<DynamicsView>;
  curves(request: CurvesRequest): Promise<CurvesResponse>;
  /** What the run did between boundaries that a person has chosen: first steps of the second and third stage. */
  stageCards(run: string, boundaries: readonly number[]): Promise<readonly StageCard[]>;
  zoomHeat(
    run: string,
    x: XMode,
    range: readonly [number, number] | undefined,
    columns: number,
  ): Promise<ZoomHeatView>;
  /** Rows `[start, end)` of all steps at which any of the curves has a value. */
  table(curves: readonly CurveId[], start: number, end: number): Promise<TableView>;
  stepRollouts(run: string, step: number): Promise<StepRolloutsView>;
  /** Opens the rollouts of that step in the trajectory editor. */
  openRollouts(run: string, step: number): Promise<void>;
  /** Lets the person choose the log of rollouts of a run, and remembers it; resolves to whether one was chosen. */
  linkRollouts(run: string): Promise<boolean>;
  /** Opens the log at the bytes that a point was read from. */
  revealPoint(curve: CurveId, step: number): Promise<void>;
  /** Asks where to save and writes what the page has drawn. SVG is text. Resolves to whether it was saved. */
  savePicture(kind: 'png' | 'svg', content: Uint8Array | string): Promise<boolean>;
  /** Asks where to save and writes all points of the curves, not only those that are drawn. */
  saveTable(curves: readonly CurveId[]): Promise<boolean>;
  /** Tries again what failed. */
  reload(): Promise<void>;
}

/** What the host tells the page. */
export interface DynamicsPageApi {
  changed(view: DynamicsView): Promise<void>;
  /** Marks a step on the curves and brings it into view, such as the one of the rollout that a person reads. */
  showStep(step: number): Promise<void>;
}

/** What the page remembers across reloads: navigation and UI only. */
export interface DynamicsPageState {
  readonly x: XMode;
  readonly smoothing: number;
  /** The charts from top to bottom: a concept behind `concept:`, or a raw key behind `key:`. */
  readonly charts?: readonly string[];
  /** Of a concept's chart, by its entry in `charts`, the key that was chosen, where it is not the first. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Charts whose y axis is logarithmic. */
  readonly logarithmic?: readonly string[];
  /** Runs that are switched off. */
  readonly hidden?: readonly string[];
  /** The run whose stages are painted. */
  readonly focus?: string;
  /** Several runs as their mean and band. */
  readonly band?: boolean;
  readonly view?: 'charts' | 'table';
  readonly range?: readonly [number, number];
  /** Boundaries that a person has dragged, by run. */
  readonly boundaries?: Readonly<Record<string, readonly number[]>>;
  /** Share of the width that the cards take. */
  readonly split?: number;
}
