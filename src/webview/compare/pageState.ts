import { CELLS, type Cell } from '../../analysis/compare/comparison';
import type {
  ComparedRow,
  CompareFound,
  ComparePageState,
  CompareView,
  Side,
} from '../../protocol/compareView';
import type { TrajectoryView } from '../../protocol/trajectoryView';
import type { DrawnBox } from '../trajectory/drawnBoxes';

/** A rollout of the chosen row. */
export type Loaded =
  | { readonly status: 'loading' }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'ready'; readonly trajectory: TrajectoryView; readonly boxes: readonly DrawnBox[] };

/** What is looked at. */
export interface Shown {
  readonly row: ComparedRow;
  /** Absent where the row has no rollout of that log. */
  readonly a?: Loaded;
  readonly b?: Loaded;
  /** Counts how often pictures had to be asked for anew. */
  readonly pictures: number;
}

/** How the question stands that cells and filter ask. */
export type Found =
  | { readonly status: 'none' }
  | { readonly status: 'working' }
  | CompareFound
  | { readonly status: 'failed'; readonly message: string };

/** Which boxes are drawn. */
export interface Visible extends Readonly<Record<Side, boolean>> {
  readonly truth: boolean;
}

/** Everything that the page draws from. */
export interface PageState {
  readonly view: CompareView | undefined;
  /** The outcome that the list is narrowed to. */
  readonly cell: Cell | undefined;
  readonly search: string;
  readonly found: Found;
  /** Number of the chosen row in the comparison, and its place in the list; -1 while it has none. */
  readonly row: number;
  readonly position: number;
  readonly shown: Shown | undefined;
  readonly visible: Visible;
  /** The call under the pointer. */
  readonly hovered: { readonly side: Side; readonly call: number } | undefined;
  /** Width of the list as a fraction. */
  readonly split: number;
}

/** Longest text of the filter box, in UTF-16 units: a little more than an expression may have. */
export const MAX_SEARCH = 2001;
const FIRST_SPLIT = 0.34;

type Kept = Pick<PageState, 'row' | 'cell' | 'search' | 'visible' | 'split'>;

/** Reads what an earlier page left, whatever that is. */
export function readPageState(stored: unknown): Kept {
  const state: Partial<Record<keyof ComparePageState, unknown>> =
    typeof stored === 'object' && stored !== null ? stored : {};
  const { row, cell, search, truth, split } = state;
  return {
    row: typeof row === 'number' && Number.isSafeInteger(row) && row >= 0 ? row : 0,
    cell: CELLS.find((known) => known === cell),
    search: typeof search === 'string' ? search.slice(0, MAX_SEARCH) : '',
    visible: { a: true, b: true, truth: truth !== false },
    split: typeof split === 'number' && split > 0 && split < 1 ? split : FIRST_SPLIT,
  };
}

/** What the next page shall find. */
export function writePageState({ row, cell, search, visible, split }: PageState): ComparePageState {
  return {
    row,
    split,
    ...(cell && { cell }),
    ...(search !== '' && { search }),
    ...(!visible.truth && { truth: false }),
  };
}
