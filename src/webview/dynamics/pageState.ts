import type { StageCard } from '../../analysis/stages/stageCards';
import type {
  CurvesResponse,
  DynamicsView,
  StepRolloutsView,
  XMode,
  ZoomHeatView,
} from '../../protocol/dynamicsView';
import type { PlannedChart } from './chartPlan';
import type { Remembered } from './remembered';
import { readPageState } from './remembered';

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
