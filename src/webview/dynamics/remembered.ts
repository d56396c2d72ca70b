import type { DynamicsPageState, XMode } from '../../protocol/dynamicsView';

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

/** As TensorBoard has it at first. */
export const FIRST_SMOOTHING = 0.6;
/** The most that can be chosen: beyond, an average shows next to nothing of a run. */
export const MOST_SMOOTHING = 0.99;
const FIRST_SPLIT = 0.26;
/** Entries of a remembered list that are read. */
const MOST_ENTRIES = 2000;

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
