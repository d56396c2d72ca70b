import type { Concept } from '../../metrics/concepts';
import { CONCEPT_NAMES } from '../../metrics/concepts';
import type { CurveId, CurvesRequest, CurveView, KeyView, RunView } from '../../protocol/dynamicsView';
import { visibleLine } from '../shared/visibleText';
import type { Remembered } from './remembered';
import type { Unit } from './charts/format';
import { capital, countWords, nameLine } from './words';

/*
 * Which charts there are and what they draw. A chart is of a concept, of which each run draws its own key, or of one
 * raw key. Its id says which, since a raw key may have the name of a concept.
 */

const OF_CONCEPT = 'concept:';
const OF_KEY = 'key:';

/** The charts in the paper's order: of each pair the second stands in for runs that have not the first. */
const FIRST_CHARTS: readonly (readonly [Concept, Concept?])[] = [
  ['zoomCount', 'toolCalls'],
  ['responseLength', 'responseLengthWithObservations'],
  ['iou'],
  ['accuracy', 'score'],
];
/** So many charts where nothing is known of any key. */
const UNKNOWN_CHARTS = 4;
/** Keys that a chart's subtitle names; more are counted. */
const NAMED_KEYS = 3;

const PERCENT: ReadonlySet<Concept> = new Set(['accuracy', 'toolSuccess']);
const TOKENS: ReadonlySet<Concept> = new Set([
  'responseLength',
  'responseLengthWithObservations',
  'observationLength',
]);

/** A line of a chart: a curve of a run, or the mean of several. */
export interface PlannedLine {
  /** Id of its curve in requests. */
  readonly id: string;
  readonly name: string;
  readonly colour: number;
  readonly members: readonly CurveId[];
}

/** A chart before there are points. */
export interface PlannedChart {
  readonly id: string;
  readonly concept: Concept | undefined;
  readonly title: string;
  readonly subtitle: string;
  readonly choices: readonly { readonly key: string; readonly label: string }[];
  readonly key: string | undefined;
  readonly lines: readonly PlannedLine[];
  /** The curves behind the lines, one per run that has any. */
  readonly curves: readonly CurveId[];
}

/** Id of the chart of a concept. */
export function conceptChart(concept: Concept): string {
  return OF_CONCEPT + concept;
}

/** Id of the chart of a raw key. */
export function keyChart(key: string): string {
  return OF_KEY + key;
}

/** The concept of a chart; undefined where it is of a raw key, or of nothing that there is. */
export function conceptOf(chart: string): Concept | undefined {
  const name = chart.startsWith(OF_CONCEPT) ? chart.slice(OF_CONCEPT.length) : '';
  return Object.hasOwn(CONCEPT_NAMES, name) ? (name as Concept) : undefined;
}

/** A run's key as the host told it. */
export function keyView(run: RunView, key: string): KeyView | undefined {
  return run.keys.find((one) => one.key === key);
}

/** The key of a run that a chart draws; undefined where it has none. */
export function keyFor(
  run: RunView,
  chart: string,
  keys: Readonly<Record<string, string>>,
): string | undefined {
  const concept = conceptOf(chart);
  if (concept === undefined) {
    const key = chart.slice(OF_KEY.length);
    return chart.startsWith(OF_KEY) && keyView(run, key) ? key : undefined;
  }
  const own = run.concepts[concept] ?? [];
  const chosen = keys[chart];
  return chosen !== undefined && own.includes(chosen) ? chosen : own[0];
}

/** The charts that are shown before a person has chosen any. */
export function firstCharts(runs: readonly RunView[]): string[] {
  const has = (run: RunView, concept: Concept): boolean => (run.concepts[concept]?.length ?? 0) > 0;
  const known = FIRST_CHARTS.flatMap(([first, second]) => {
    const own = runs.some((run) => has(run, first)) ? [first] : [];
    const instead = second !== undefined && runs.some((run) => has(run, second) && !has(run, first));
    return [...own, ...(instead ? [second] : [])].map(conceptChart);
  });
  if (known.length > 0) return known;
  const points = new Map<string, number>();
  for (const { keys } of runs)
    for (const { key, points: count } of keys) points.set(key, (points.get(key) ?? 0) + count);
  return [...points]
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
    .slice(0, UNKNOWN_CHARTS)
    .map(([key]) => keyChart(key));
}

/** The ids of the charts that are shown. */
export function chartIds(
  runs: readonly RunView[],
  { charts }: Pick<Remembered, 'charts'>,
): readonly string[] {
  return charts ?? firstCharts(runs);
}

/** The runs that are drawn. */
export function visibleRuns(
  runs: readonly RunView[],
  { hidden }: Pick<Remembered, 'hidden'>,
): readonly RunView[] {
  return runs.filter(({ id }) => !hidden.includes(id));
}

/** The run whose stages are painted: the chosen one, else the first that has stages, else the first. */
export function focusRun(
  runs: readonly RunView[],
  state: Pick<Remembered, 'hidden' | 'focus'>,
): RunView | undefined {
  const visible = visibleRuns(runs, state);
  return (
    visible.find(({ id }) => id === state.focus) ??
    visible.find(({ stages }) => stages.status !== 'no clear stages') ??
    visible[0]
  );
}

/** All charts that are shown, for these runs. A chart that no visible run has anything for is left out. */
export function planCharts(
  runs: readonly RunView[],
  state: Pick<Remembered, 'charts' | 'keys' | 'hidden' | 'band'>,
): PlannedChart[] {
  const visible = visibleRuns(runs, state);
  return chartIds(runs, state).flatMap((id, place) => {
    const curves = visible.flatMap((run) => {
      const key = keyFor(run, id, state.keys);
      return key === undefined ? [] : [{ run: run.id, key }];
    });
    if (curves.length === 0) return [];
    const choices = choicesOf(visible, conceptOf(id));
    return [
      {
        id,
        concept: conceptOf(id),
        title: titleOf(id),
        subtitle: subtitleOf(visible, id, curves),
        choices,
        key: curves[0]?.key,
        lines: linesOf(runs, curves, `c${place}`, state.band),
        curves,
      },
    ];
  });
}

function titleOf(id: string): string {
  const concept = conceptOf(id);
  return concept === undefined ? nameLine(id.slice(OF_KEY.length)) : conceptTitle(concept);
}

/** A concept as a heading: 'Zoom count', 'Grounding IoU'. */
export function conceptTitle(concept: Concept): string {
  return concept === 'iou' ? 'Grounding IoU' : capital(CONCEPT_NAMES[concept]);
}

function linesOf(
  runs: readonly RunView[],
  curves: readonly CurveId[],
  chart: string,
  band: boolean,
): PlannedLine[] {
  if (band && curves.length > 1)
    return [
      {
        id: `${chart}.mean`,
        name: `mean of ${countWords(curves.length, 'run')}`,
        colour: 0,
        members: curves,
      },
    ];
  return curves.map((curve) => {
    const colour = runs.findIndex(({ id }) => id === curve.run);
    return {
      id: `${chart}.r${colour}`,
      name: nameLine(runs[colour]?.name ?? ''),
      colour,
      members: [curve],
    };
  });
}

/** What must be known of a key, without its full stop; empty where nothing must. */
function remark({ computed, note }: KeyView): string {
  const said = note === undefined ? '' : visibleLine(note, 200).replace(/\.$/, '');
  return [computed === true ? 'computed from the rollouts' : '', said].filter(Boolean).join(' · ');
}

function choicesOf(runs: readonly RunView[], concept: Concept | undefined): PlannedChart['choices'] {
  const labels = new Map<string, string>();
  for (const run of concept === undefined ? [] : runs) {
    const keys = run.concepts[concept as Concept] ?? [];
    // Another run's key is no choice: each run draws its own.
    for (const key of keys.length > 1 ? keys : []) {
      const view = keyView(run, key);
      const said = view ? remark(view) : '';
      if (!labels.has(key)) labels.set(key, said === '' ? nameLine(key) : `${nameLine(key)} · ${said}`);
    }
  }
  return [...labels].map(([key, label]) => ({ key, label }));
}

function subtitleOf(runs: readonly RunView[], id: string, curves: readonly CurveId[]): string {
  const views = curves.flatMap(({ run, key }) => {
    const view = keyView(runs.find((one) => one.id === run) as RunView, key);
    return view ? [view] : [];
  });
  const keys = [...new Set(views.map(({ key }) => key))];
  if (keys.length > 1) {
    const more = keys.length - NAMED_KEYS;
    const named = keys.slice(0, NAMED_KEYS).map(nameLine).join(', ');
    return more > 0 ? `${named} and ${more} more` : named;
  }
  const said = views[0] ? remark(views[0]) : '';
  if (conceptOf(id) === undefined) return said;
  return [nameLine(keys[0] ?? ''), said].filter(Boolean).join(' · ');
}

/** How a chart's values read. What is logged as percent already stays a number. */
export function unitOf(concept: Concept | undefined, curves: readonly CurveView[]): Unit {
  if (concept === undefined) return 'number';
  if (TOKENS.has(concept)) return 'tokens';
  if (!PERCENT.has(concept)) return 'number';
  return curves.every(({ raw }) => raw.y.every((value) => !(value > 1))) ? 'percent' : 'number';
}

/** All lines of charts, as a request names them. */
export function requestedCurves(charts: readonly PlannedChart[]): CurvesRequest['curves'] {
  return charts.flatMap(({ lines }) => lines.map(({ id, members }) => ({ id, members })));
}
