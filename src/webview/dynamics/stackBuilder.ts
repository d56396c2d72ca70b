import type { StageCard } from '../../analysis/stages/stageCards';
import type { CurveView, RunView } from '../../protocol/dynamicsView';
import type { BoundaryHandle, ChartModel, StackModel, StageBand } from './charts/stackModel';
import { focusRun, unitOf } from './chartPlan';
import type { Drawn, PageState } from './pageState';
import { capital } from './words';

/** First steps of the second and later stages as they stand: moved ones, else the found ones. */
export function boundarySteps(run: RunView, state: Pick<PageState, 'boundaries'>): readonly number[] {
  const found = run.stages.boundaries.map(({ step }) => step);
  const moved = state.boundaries[run.id];
  // Growth may have found one more, or none: what was moved then means nothing any longer.
  return moved?.length === found.length ? moved : found;
}

/** Whether a person has moved a boundary of the run. */
export function isMoved(run: RunView, state: Pick<PageState, 'boundaries'>): boolean {
  const steps = boundarySteps(run, state);
  return run.stages.boundaries.some(({ step }, at) => step !== steps[at]);
}

/** The cards of a run's stages, and whether they are still those of other boundaries. */
export function cardsOf(run: RunView, state: Pick<PageState, 'boundaries' | 'moved'>): readonly StageCard[] {
  if (!isMoved(run, state) || state.moved?.run !== run.id) return run.stages.stages;
  return state.moved.cards;
}

/** The runs of what is open; none while it is not. */
export function runsOf({ view }: Pick<PageState, 'view'>): readonly RunView[] {
  return view.status === 'ready' ? view.runs : [];
}

/** Steps whose places are needed to draw a run's stages, breaks and the chosen step. */
export function markedSteps(run: RunView, state: Pick<PageState, 'boundaries' | 'selected'>): number[] {
  const { stages, steps, breaks } = run;
  const all = [
    ...boundarySteps(run, state),
    ...stages.boundaries.flatMap(({ interval }) => interval),
    ...breaks,
    ...(steps ? [steps.first, steps.last] : []),
    ...(state.selected === undefined ? [] : [state.selected]),
  ];
  return [...new Set(all)];
}

/** The sample of drawn lines that is nearest by `distance`; undefined where nothing is drawn. */
function nearest(
  drawn: Drawn,
  distance: (line: CurveView['raw'], at: number) => number,
): [number, number] | undefined {
  const ids = new Set(
    drawn.charts.flatMap(({ lines }) =>
      lines.filter(({ members }) => members.some(({ run }) => run === drawn.focus)).map(({ id }) => id),
    ),
  );
  let best: [number, number] | undefined;
  let least = Infinity;
  for (const { id, raw } of drawn.response.curves) {
    if (!ids.has(id)) continue;
    for (let at = 0; at < raw.x.length; at++) {
      const apart = distance(raw, at);
      if (apart < least) [least, best] = [apart, [raw.x[at] ?? NaN, raw.steps[at] ?? NaN]];
    }
  }
  return best;
}

/** Where a step stands on the axis that is drawn; undefined where that is not known. */
export function placeOf(drawn: Drawn, step: number): number | undefined {
  if (drawn.x === 'step') return step;
  const known = drawn.places.get(step);
  if (known !== undefined) return Number.isFinite(known) ? known : undefined;
  return nearest(drawn, (line, at) => Math.abs((line.steps[at] ?? NaN) - step))?.[0];
}

/** The step of the drawn sample that is nearest to a place. */
export function stepNear(drawn: Drawn, place: number): number | undefined {
  return nearest(drawn, (line, at) => Math.abs((line.x[at] ?? NaN) - place))?.[1];
}

/** First and last place of all curves; undefined where none has a point. */
export function extentOf(drawn: Drawn): readonly [number, number] | undefined {
  let [from, to] = [Infinity, -Infinity];
  for (const { extent } of drawn.response.curves) {
    if (!extent) continue;
    from = Math.min(from, extent[0]);
    to = Math.max(to, extent[1]);
  }
  return from <= to ? [from, to] : undefined;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined && Number.isFinite(value);
}

function bandsOf(run: RunView, drawn: Drawn, state: PageState): StageBand[] {
  const steps = boundarySteps(run, state);
  if (steps.length === 0 || !run.steps) return [];
  const edges = [run.steps.first, ...steps, run.steps.last].map((step) => placeOf(drawn, step));
  const cards = cardsOf(run, state);
  return edges.slice(0, -1).flatMap((from, index) => {
    const to = edges[index + 1];
    if (!isNumber(from) || !isNumber(to)) return [];
    return [{ index, name: capital(cards[index]?.name ?? `stage ${index + 1}`), from, to }];
  });
}

function handlesOf(run: RunView, drawn: Drawn, state: PageState): BoundaryHandle[] {
  return boundarySteps(run, state).flatMap((step, index) => {
    const x = placeOf(drawn, step);
    if (!isNumber(x)) return [];
    const found = run.stages.boundaries[index];
    const [from, to] = found?.step === step ? found.interval.map((end) => placeOf(drawn, end)) : [];
    return [{ index, x, ...(isNumber(from) && isNumber(to) && { interval: [from, to] as const }) }];
  });
}

function chartsOf(drawn: Drawn, logarithmic: readonly string[]): ChartModel[] {
  const curves = new Map(drawn.response.curves.map((curve) => [curve.id, curve]));
  const heated = drawn.charts.find(({ concept }) => concept === 'zoomCount' || concept === 'toolCalls')?.id;
  return drawn.charts.map((chart) => {
    const lines = chart.lines.flatMap(({ id, name, colour }) => {
      const curve = curves.get(id);
      return curve ? [{ curve, name, colour }] : [];
    });
    return {
      id: chart.id,
      title: chart.title,
      subtitle: chart.subtitle,
      choices: chart.choices,
      ...(chart.key !== undefined && { key: chart.key }),
      unit: unitOf(
        chart.concept,
        lines.map(({ curve }) => curve),
      ),
      logarithmic: logarithmic.includes(chart.id),
      lines,
      ...(drawn.heat && chart.id === heated && { heat: drawn.heat }),
    };
  });
}

/** What the charts draw now; undefined before the first points have come. */
export function buildStack(state: PageState): StackModel | undefined {
  const { drawn } = state;
  if (!drawn) return undefined;
  const extent = extentOf(drawn) ?? [0, 1];
  const run = focusRun(runsOf(state), state);
  const selected = state.selected === undefined ? undefined : placeOf(drawn, state.selected);
  const breaks = (run?.breaks ?? []).map((step) => placeOf(drawn, step)).filter(isNumber);
  return {
    x: drawn.x,
    range: (drawn.x === state.x ? state.range : undefined) ?? extent,
    extent,
    charts: chartsOf(drawn, state.logarithmic),
    bands: run ? bandsOf(run, drawn, state) : [],
    boundaries: run ? handlesOf(run, drawn, state) : [],
    breaks,
    ...(isNumber(selected) && { selected }),
    smoothed: drawn.smoothing > 0,
  };
}

/** How many points are drawn of how many there are in the range. */
export function pointCount({ drawn }: PageState): { readonly shown: number; readonly total: number } {
  const counts = { shown: 0, total: 0 };
  for (const { shown, total } of drawn?.response.curves ?? []) {
    counts.shown += shown;
    counts.total += total;
  }
  return counts;
}
