import type { CoordinateFrame } from '../../common/boundingBox';
import type { SourceView, TrajectoryPageState, TrajectoryView } from '../../protocol/trajectoryView';
import type { DrawnBox } from './drawnBoxes';
import type { LiveState } from './liveRollout';
import type { ListReading, RowFilter, RowSort, RowsFound, RowView } from '../../protocol/listView';
import type { Step } from './readingOrder';
import type { ListOrder } from './rowOrder';
import { RowOrder } from './rowOrder';

/** What stands in the tree and on the stage. */
export type Shown =
  | { readonly status: 'loading' }
  | { readonly status: 'empty' }
  /** Nothing of the file can be shown. */
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'error'; readonly index: number; readonly message: string }
  | { readonly status: 'bad'; readonly row: Extract<RowView, { status: 'bad' }> }
  | {
      readonly status: 'ready';
      readonly trajectory: TrajectoryView;
      readonly steps: readonly Step[];
      readonly boxes: readonly DrawnBox[];
      /** Counts how often pictures had to be asked for anew. */
      readonly pictures: number;
    };

/** How the question stands that filter box and column headers ask. */
export type Found =
  /** Nothing is asked. */
  | { readonly status: 'none' }
  /** It is on its way; the list is as it was. */
  | { readonly status: 'working'; readonly reading?: ListReading }
  | RowsFound
  | { readonly status: 'failed'; readonly message: string };

/** Everything that the page draws from. */
export interface PageState {
  readonly source: SourceView;
  /** Which records the list has. */
  readonly order: ListOrder;
  /** What the filter box asks for; everything where empty. */
  readonly search: string;
  /** File order where absent. */
  readonly sort: RowSort | undefined;
  readonly found: Found;
  /** Index of the record that is chosen. */
  readonly selected: number;
  readonly shown: Shown;
  /** Position of the replay cursor; 0 is the question. */
  readonly part: number;
  readonly raw: boolean;
  /** Whether log-probabilities shade the text, where the file has them. */
  readonly heat: boolean;
  /** How the rollout stands that is shown, while it goes on. */
  readonly live: LiveState | undefined;
  /** Whether a person has scrolled away from the end of what is being written. */
  readonly away: boolean;
  /** Number of the tool call under the pointer. */
  readonly hovered: number | undefined;
  /** Whether the boxes of the ground truth are drawn. */
  readonly truth: boolean;
  /** In which frame boxes are told; as the file has them where absent. */
  readonly frame: CoordinateFrame | undefined;
  /** Whether the boxes of the other rollouts of the group are drawn. */
  readonly siblings: boolean;
  /** Record under the pointer among those. */
  readonly hoveredSibling: number | undefined;
  /** Whether the replay goes on by itself, and how fast: 1 is the speed for reading. */
  readonly playing: boolean;
  readonly speed: number;
  /** Name of the formula that rewards are shown by, or `recorded`; undefined until the host has said it. */
  readonly shownFormula: string | undefined;
  /** The one that a person has chosen here; undefined while the setting decides. */
  readonly formula: string | undefined;
  /** Fractions of the width: list, stage. */
  readonly split: readonly [number, number];
}

/** Widths at first: as a reader of long text wants them. */
export const FIRST_SPLIT: readonly [number, number] = [0.2, 0.35];

/** The last position of the cursor, after everything has been said. */
export const LAST_PART = Number.MAX_SAFE_INTEGER;

function wholeNumber(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function fraction(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 && value < 1 ? value : undefined;
}

/** A filter of more ranges is not kept: what a page remembers is to be small. */
export const MAX_KEPT_RANGES = 5000;

/** Longest text of the filter box, in UTF-16 units: a little more than an expression may have. */
export const MAX_SEARCH = 2001;

function isRange(value: unknown, index: number, all: readonly unknown[]): boolean {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [start, end] = (value as unknown[]).map(wholeNumber);
  const before: unknown = index === 0 ? [0, 0] : all[index - 1];
  const least = Array.isArray(before) ? (wholeNumber(before[1]) ?? Infinity) : Infinity;
  return start !== undefined && end !== undefined && start >= least && end > start;
}

function readFilter(value: unknown): RowFilter | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { label, ranges } = value as Partial<Record<keyof RowFilter, unknown>>;
  if (typeof label !== 'string' || !Array.isArray(ranges) || !ranges.every(isRange)) return undefined;
  return { label, ranges: ranges as RowFilter['ranges'] };
}

function readSort(value: unknown): RowSort | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { field, descending } = value as Partial<Record<keyof RowSort, unknown>>;
  return typeof field === 'string' ? { field, descending: descending === true } : undefined;
}

/** Speeds of the replay. */
export const SPEEDS: readonly number[] = [0.5, 1, 2, 4];

const FRAMES: readonly unknown[] = ['original', 'resized', 'relative1000', 'relative1'];

/** What a page remembers. */
type Kept =
  | 'selected'
  | 'part'
  | 'raw'
  | 'truth'
  | 'split'
  | 'order'
  | 'search'
  | 'sort'
  | 'frame'
  | 'speed'
  | 'formula';

/** Reads what an earlier page left, whatever that is. */
export function readPageState(stored: unknown): Pick<PageState, Kept> {
  const state: Partial<Record<keyof TrajectoryPageState, unknown>> =
    typeof stored === 'object' && stored !== null ? stored : {};
  const pair: readonly unknown[] = Array.isArray(state.split) ? (state.split as unknown[]) : [];
  const list = fraction(pair[0]);
  const stage = fraction(pair[1]);
  return {
    selected: wholeNumber(state.selected) ?? 0,
    part: wholeNumber(state.part) ?? LAST_PART,
    raw: state.raw === true,
    truth: state.truth !== false,
    frame: FRAMES.includes(state.frame) ? (state.frame as CoordinateFrame) : undefined,
    speed: SPEEDS.find((speed) => speed === state.speed) ?? 1,
    formula: typeof state.formula === 'string' ? state.formula.slice(0, 100) : undefined,
    split: list !== undefined && stage !== undefined ? [list, stage] : FIRST_SPLIT,
    order: new RowOrder(readFilter(state.filter)),
    search: typeof state.search === 'string' ? state.search.slice(0, MAX_SEARCH) : '',
    sort: readSort(state.sort),
  };
}

/** What the next page shall find. */
export function writePageState(state: PageState): TrajectoryPageState {
  const { selected, part, raw, truth, split, order, search, sort, frame, speed, formula } = state;
  const kept = order.filter && order.filter.ranges.length <= MAX_KEPT_RANGES ? order.filter : undefined;
  return {
    selected,
    part,
    raw,
    split,
    ...(!truth && { truth }),
    ...(frame && { frame }),
    ...(speed !== 1 && { speed }),
    ...(formula !== undefined && { formula }),
    ...(kept && { filter: kept }),
    ...(search !== '' && { search }),
    ...(sort && { sort }),
  };
}
