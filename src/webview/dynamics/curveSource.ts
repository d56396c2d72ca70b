import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type {
  CurvesRequest,
  CurvesResponse,
  DynamicsHostApi,
  ZoomHeatView,
} from '../../protocol/dynamicsView';
import type { Store } from '../shared/store';
import { focusRun, planCharts, requestedCurves } from './chartPlan';
import { Latest } from './latest';
import type { Drawn, PageState } from './pageState';
import { markedSteps, runsOf } from './stackBuilder';

/** CSS pixels of a column of the heat strip: it is read as a picture, not point by point. */
const HEAT_COLUMN = 6;
/** So many answers in a row may be older than what is open; then one is drawn, or a fast log would show nothing. */
const MOST_STALE = 3;

interface Answer {
  readonly plan: Omit<Drawn, 'response' | 'places' | 'heat'>;
  readonly marks: readonly number[];
  readonly response: CurvesResponse;
  readonly heat: ZoomHeatView | undefined;
}

/** Keeps the points of what is shown up to date: asks for them whenever what they depend on has changed. */
export class CurveSource {
  private readonly latest: Latest<Answer>;
  private stale = 0;

  /** @param arrived called after points have come */
  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<DynamicsHostApi>,
    private readonly arrived: () => void,
  ) {
    this.latest = new Latest(
      () => this.ask(),
      (answer) => this.take(answer),
      (thrown) => store.update({ problem: errorMessage(thrown) }),
    );
  }

  /** Asks again. */
  refresh(): void {
    this.latest.want();
  }

  private ask(): Promise<Answer> | undefined {
    const state = this.store.get();
    const runs = runsOf(state);
    if (runs.length === 0) return undefined;
    const charts = planCharts(runs, state);
    const focus = focusRun(runs, state);
    const marks = focus ? markedSteps(focus, state) : [];
    const request: CurvesRequest = {
      curves: requestedCurves(charts),
      x: state.x,
      columns: state.columns,
      smoothing: state.smoothing,
      ...(state.range && { range: state.range }),
      ...(focus && { marks: { run: focus.id, steps: marks } }),
    };
    const plan = { charts, x: state.x, smoothing: state.smoothing, focus: focus?.id };
    const hasHeat =
      focus?.rollouts?.hasZoomCounts === true &&
      charts.some(({ concept }) => concept === 'zoomCount' || concept === 'toolCalls');
    const columns = Math.max(1, Math.floor(state.columns / HEAT_COLUMN));
    // The strip is an addition: where it can't be had the curves still stand.
    const heat = hasHeat
      ? this.host()
          .zoomHeat(focus.id, state.x, state.range, columns)
          .catch(() => undefined)
      : Promise.resolve(undefined);
    return Promise.all([this.host().curves(request), heat]).then(([response, strip]) => ({
      plan,
      marks,
      response,
      heat: strip,
    }));
  }

  private take({ plan, marks, response, heat }: Answer): void {
    const { view } = this.store.get();
    if (view.status !== 'ready') return;
    if (response.generation < view.generation && this.stale < MOST_STALE) {
      this.stale++;
      this.latest.want();
      return;
    }
    this.stale = 0;
    const places = new Map(marks.map((step, at) => [step, response.marks[at] ?? NaN]));
    this.store.update({ drawn: { ...plan, response, places, heat }, problem: undefined });
    this.arrived();
  }
}
