import type { StageCard } from '../../analysis/stages/stageCards';
import type {
  CurvesResponse,
  DynamicsPageState,
  DynamicsView,
  StepRolloutsView,
  XMode,
  ZoomHeatView,
} from '../../protocol/dynamicsView';
import type { PlannedChart } from './chartPlan';

/** An answer of the host, with what was asked for. */
export interface Drawn {
  readonly charts: readonly PlannedChart[];
  readonly x: XMode;
  readonly smoothing: number;
  /** The run whose stages and heat strip are drawn. */
  readonly focus: string | undefined;
  readonly response: CurvesResponse;
  /** Places on the axis by step, of the run in focus. */
  readonly places: ReadonlyMap<number, number>;
  readonly heat: ZoomHeatView | undefined;
}

/** A value of a curve at the chosen step. */
export interface StepValue {
  readonly chart: string;
  readonly run: string;
  readonly key: string;
  /** Absent where the curve has no sample at the step. */
  readonly value?: number;
}

/** What is known of the chosen step; values are of the last answer until a newer one has come. */
export interface StepDetails {
  readonly step: number;
  readonly values: readonly StepValue[];
  readonly run: string | undefined;
  readonly rollouts: StepRolloutsView | undefined;
}

/** Cards between boundaries that a person has chosen. */
export interface MovedCards {
  readonly run: string;
  readonly boundaries: readonly number[];
  readonly cards: readonly StageCard[];
}

/** What the next life of the page finds again. */
export interface Remembered {
  readonly x: XMode;
  readonly smoothing: number;
  /** Ids of charts, as `chartPlan.ts` makes them; undefined: those that fit the runs. */
  readonly charts: readonly string[] | undefined;
  /** Of a chart the key that was chosen. */
  readonly keys: Readonly<Record<string, string>>;
  readonly logarithmic: readonly string[];
  readonly hidden: readonly string[];
  readonly focus: string | undefined;
  readonly band: boolean;
  readonly table: boolean;
  readonly range: readonly [number, number] | undefined;
  /** First steps of the second and later stages, by run. */
  readonly boundaries: Readonly<Record<string, readonly number[]>>;
  /** Share of the width that the cards take. */
  readonly split: number;
}

/** Everything that the page draws from. */
export interface PageState extends Remembered {
  readonly view: DynamicsView;
  /** Pixel columns of the plots. */
  readonly columns: number;
  readonly drawn: Drawn | undefined;
  /** Why the curves could not be had. */
  readonly problem: string | undefined;
  /** The chosen step. */
  readonly selected: number | undefined;
  readonly details: StepDetails | undefined;
  readonly moved: MovedCards | undefined;
}

/** As TensorBoard has it at first. */
export const FIRST_SMOOTHING = 0.6;
/** The most that can be chosen: beyond, an average shows next to nothing of a run. */
export const MOST_SMOOTHING = 0.99;
const FIRST_SPLIT = 0.26;
/** Entries of a remembered list that are read. */
const MOST_ENTRIES = 2000;

/** The state of a page that has heard nothing yet. */
export function firstState(stored: unknown): PageState {
  return {
    ...readPageState(stored),
    view: { status: 'loading' },
    columns: 800,
    drawn: undefined,
    problem: undefined,
    selected: undefined,
    details: undefined,
    moved: undefined,
  };
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function strings(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.filter((entry) => typeof entry === 'string').slice(0, MOST_ENTRIES);
}

function recordOf<T>(value: unknown, read: (entry: unknown) => T | undefined): Readonly<Record<string, T>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  const entries = Object.entries(value).slice(0, MOST_ENTRIES);
  return Object.fromEntries(
    entries.flatMap(([key, entry]) => {
      const good = read(entry);
      return good === undefined ? [] : [[key, good]];
    }),
  );
}

function rangeOf(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value)) return undefined;
  const [from, to]: readonly unknown[] = value as unknown[];
  return isFinite(from) && isFinite(to) && from < to ? [from, to] : undefined;
}

function boundariesOf(value: unknown): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > 2 || !value.every(isFinite))
    return undefined;
  return value.every((step, at) => at === 0 || step > (value[at - 1] ?? step)) ? value : undefined;
}

function between(value: unknown, least: number, most: number): number | undefined {
  return isFinite(value) && value >= least && value <= most ? value : undefined;
}

/** Reads what an earlier page left, whatever that is. */
export function readPageState(stored: unknown): Remembered {
  const state: Partial<Record<keyof DynamicsPageState, unknown>> =
    typeof stored === 'object' && stored !== null ? stored : {};
  return {
    x: state.x === 'relative' || state.x === 'wall' ? state.x : 'step',
    smoothing: between(state.smoothing, 0, MOST_SMOOTHING) ?? FIRST_SMOOTHING,
    charts: strings(state.charts),
    keys: recordOf(state.keys, (key) => (typeof key === 'string' ? key : undefined)),
    logarithmic: strings(state.logarithmic) ?? [],
    hidden: strings(state.hidden) ?? [],
    focus: typeof state.focus === 'string' ? state.focus : undefined,
    band: state.band === true,
    table: state.view === 'table',
    range: rangeOf(state.range),
    boundaries: recordOf(state.boundaries, boundariesOf),
    split: between(state.split, 0.1, 0.6) ?? FIRST_SPLIT,
  };
}

/** What the next page shall find. */
export function writePageState(state: Remembered): DynamicsPageState {
  const { x, smoothing, charts, keys, logarithmic, hidden, focus, band, table, range, boundaries, split } =
    state;
  return {
    x,
    smoothing,
    ...(charts && { charts }),
    keys,
    logarithmic,
    hidden,
    ...(focus !== undefined && { focus }),
    band,
    view: table ? 'table' : 'charts',
    ...(range && { range }),
    boundaries,
    split,
  };
}
