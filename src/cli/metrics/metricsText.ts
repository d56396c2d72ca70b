import { CONCEPT_NAMES } from '../../metrics/concepts';
import { isTwinKey } from '../../readers/metrics/csvColumns';
import { table } from '../text/layout';
import { safeLine } from '../text/safeText';
import { sparkline } from '../text/sparkline';
import type { Style } from '../text/style';
import type { KeyPoints, RunView } from './runView';

const SPARK_CELLS = 24;

/** A value for a table: four digits, or the word for what is no number. */
export function cellNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) && Math.abs(value) < 1e9
    ? String(value)
    : String(Number(value.toPrecision(4)));
}

/** A run of metrics for a person: its keys, those first whose meaning is known, and what is to be known about them. */
export function metricsText(view: RunView, style: Style): string {
  const { run, concepts, keys, breaks } = view;
  const meanings = new Map([...concepts].map(([concept, { key }]) => [key, CONCEPT_NAMES[concept]]));
  const order = [...concepts.values()].map(({ key }) => key);
  const place = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  const shown = keys.filter(({ key }) => !isTwinKey(key)).sort((a, b) => place(a.key) - place(b.key));
  const rows = shown.map((points) => [
    safeLine(points.key),
    meanings.get(points.key) ?? '',
    String(points.count),
    stepText(points),
    points.count === 0 ? '' : cellNumber(points.value(points.count - 1)),
    curve(points),
  ]);
  const [first = '', ...lines] = table(
    [['KEY', 'MEANING', 'POINTS', 'STEPS', 'LAST', 'CURVE'], ...rows],
    new Set([2, 4]),
  );
  const notes = [...concepts].flatMap(([concept, { key, rule }]) =>
    rule.note ? [`${CONCEPT_NAMES[concept]} (${safeLine(key)}): ${rule.note}`] : [],
  );
  return [
    style.bold(safeLine(run.name)),
    `${safeLine(run.source)}, ${facts(view).join(', ')}`,
    ...(breaks.length > 0
      ? [style.dim(`begins anew at step ${breaks.join(', ')}: the last written counts`)]
      : []),
    ...(rows.length > 0 ? [style.bold(first), ...lines] : []),
    ...notes.map((note) => style.dim(note)),
    '',
  ].join('\n');
}

function facts({ run, keys }: RunView): string[] {
  const state = run.parts.flatMap((part) => part.state ?? []).at(-1);
  const files = new Set(run.files).size;
  const twins = keys.filter(({ key }) => isTwinKey(key)).length;
  return [
    run.label,
    ...(files > 1 ? [`${files} files`] : []),
    keys.length === 0 ? 'no values' : `${keys.length} ${keys.length === 1 ? 'key' : 'keys'}`,
    ...(twins > 0 ? [`${twins} of them a least or greatest value beside another (not shown)`] : []),
    ...(state ? [state] : []),
    ...(run.badPieces.length > 0
      ? [`${run.badPieces.length} bad ${run.badPieces.length === 1 ? 'record' : 'records'}`]
      : []),
  ];
}

function stepText({ count, step }: KeyPoints): string {
  if (count === 0) return '-';
  const [first, last] = [step(0), step(count - 1)];
  if (Number.isNaN(first) && Number.isNaN(last)) return '-';
  return first === last ? `${first}` : `${first} to ${last}`;
}

function curve({ count, value }: KeyPoints): string {
  return sparkline(
    Float64Array.from({ length: count }, (_, index) => value(index)),
    SPARK_CELLS,
  );
}
