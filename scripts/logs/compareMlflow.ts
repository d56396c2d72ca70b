import type { Comparison, Fields } from './comparison';
import { fieldsOf, listOf } from './comparison';
import type { Ledger } from './ledger';
import { wantedNumber } from './numbers';
import type { ToldRow, ToldRun } from './told';

/** MLflow's stores: values of a run by key, each with its step and time. */
export const mlflowComparison: Comparison = {
  fits: (entry) => 'experiment' in entry && Array.isArray(entry['rows']),
  compare: (entry, told, ledger) => {
    const { run_id: id, child_run_id: child, experiment } = entry;
    const run = told.runs.find(({ description }) =>
      id === undefined ? description.group === experiment : description.id === id,
    );
    if (!run) return ledger.wrong(`no run ${String(id ?? experiment)} in the store`);
    if (id !== undefined) ledger.compare(['run_id'], run.description.id);
    if (id === undefined) ledger.compare(['experiment'], run.description.group);
    else ledger.except(['experiment'], 'experimentId');
    if (child !== undefined) {
      const parent = told.runs.find(({ description }) => description.id === child)?.description.parent;
      ledger.check(['child_run_id'], parent === id, parent);
    }
    for (const [key, value] of Object.entries(fieldsOf(entry['params'])))
      ledger.compare(['params', key], run.settings.find(([told]) => told === key)?.[1], value);
    if ('note' in entry) ledger.except(['note'], 'noteOnly');
    compareValues(entry, run, ledger);
  },
};

/** verl's sanitising of keys; source: verl `utils/tracking.py`, `_MlflowLoggingAdapter`. */
function sanitised(key: string): string {
  return key
    .replaceAll('@', '_at_')
    .replaceAll(/\/+/g, '/')
    .replaceAll(/[^/\w.\- :]/g, '_');
}

interface Point {
  readonly row: ToldRow;
  readonly value: number;
}

function compareValues(entry: Fields, run: ToldRun, ledger: Ledger): void {
  const points = new Map<string, Point[]>();
  for (const row of run.rows) {
    for (const [key, values] of row.values)
      points.set(key, [...(points.get(key) ?? []), ...values.map((value) => ({ row, value }))]);
  }
  listOf(entry['rows']).forEach((one, index) => {
    const { step, timestamp_ms: time, values } = fieldsOf(one);
    const met: ToldRow[] = [];
    for (const [name, wanted] of Object.entries(fieldsOf(values))) {
      const point = points.get(entry['run_id'] === undefined ? sanitised(name) : name)?.shift();
      if (point) met.push(point.row);
      ledger.compare(['rows', index, 'values', name], point?.value, wantedNumber(wanted));
    }
    const isStep = met.length > 0 && met.every((row) => row.step === step);
    ledger.check(['rows', index, 'step'], isStep, met[0]?.step);
    if (typeof time === 'number') {
      const isTime = met.length > 0 && met.every((row) => row.wall === time / 1000);
      ledger.check(['rows', index, 'timestamp_ms'], isTime, met[0]?.wall);
    }
  });
  const { key, value, steps, note } = fieldsOf(entry['resumed']);
  if (key !== undefined) {
    const again = listOf(steps).map(() => points.get(String(key))?.shift());
    ledger.check(['resumed', 'key'], again.every(Boolean), again.length);
    ledger.check(
      ['resumed', 'value'],
      again.every((point) => point?.value === value),
      again[0]?.value,
    );
    again.forEach((point, at) => ledger.compare(['resumed', 'steps', at], point?.row.step));
    if (note !== undefined) ledger.except(['resumed', 'note'], 'noteOnly');
  }
  for (const [name, left] of points) for (const point of left) ledger.extra(`${name} = ${point.value}`);
}
