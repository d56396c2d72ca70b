import type { RunDescription, RunState } from '../../../metrics/metricSink';
import type { SqlRow } from '../metricCodecs';
import { cellNumber, cellText } from './cells';
import type { DatabaseWalk } from './databaseWalk';

/** MLflow's stand-in for an infinity, which its column type can't hold everywhere. */
const LARGEST = Number.MAX_VALUE;

const STATES: Readonly<Record<string, RunState>> = {
  RUNNING: 'running',
  SCHEDULED: 'running',
  FINISHED: 'finished',
  FAILED: 'failed',
  KILLED: 'failed',
};

interface Run {
  readonly description: RunDescription;
  readonly state: RunState | undefined;
}

/**
 * Tells every run of MLflow's tables that is not in its waste bin; false where these are not its tables. Tables:
 * mlflow/store/tracking/dbmodels/models.py of MLflow 3.17.
 */
export async function tellMlflow(walk: DatabaseWalk): Promise<boolean> {
  if (!walk.has('metrics', 'key', 'value', 'run_uuid') || !walk.has('runs', 'run_uuid')) return false;
  const { sink } = walk;
  const { runs, deleted } = await readRuns(walk);
  for (const { description, state } of runs.values()) {
    sink.run(description);
    if (state) sink.state(state);
  }
  let current: string | undefined;
  /** Turns to a run; false for one that was deleted. */
  const turnTo = (id: string): boolean => {
    if (deleted.has(id)) return false;
    if (id !== current) sink.run(runs.get(id)?.description ?? { id });
    current = id;
    return true;
  };
  await walk.rows('params', ['key', 'value', 'run_uuid'], ({ key, value, run_uuid: run }) => {
    if (turnTo(cellText(run) ?? '')) sink.setting(cellText(key) ?? '', cellText(value));
  });
  current = undefined;
  let last: string | undefined;
  await walk.rows('metrics', ['key', 'value', 'timestamp', 'run_uuid', 'step', 'is_nan'], (row) => {
    const key = cellText(row['key']);
    const value = metricValue(row);
    const [run, step, time] = [
      cellText(row['run_uuid']) ?? '',
      cellNumber(row['step']),
      cellNumber(row['timestamp']),
    ];
    if (key === undefined || value === undefined || !turnTo(run)) return;
    // What was logged by one call stands together, under one step and one time.
    const place = `${run} ${step} ${time}`;
    if (place !== last) sink.row(step ?? 0, time === undefined ? undefined : time / 1000, 0, 0);
    last = place;
    sink.value(key, value);
  });
  return true;
}

function metricValue({ value: cell, is_nan: isNan }: SqlRow): number | undefined {
  if (cellNumber(isNan) === 1) return NaN;
  const value = cellNumber(cell);
  if (value === undefined) return undefined;
  return Math.abs(value) === LARGEST ? Math.sign(value) * Infinity : value;
}

async function readRuns(
  walk: DatabaseWalk,
): Promise<{ runs: ReadonlyMap<string, Run>; deleted: ReadonlySet<string> }> {
  const experiments = new Map<string, string>();
  await walk.rows('experiments', ['experiment_id', 'name'], ({ experiment_id: id, name }) => {
    experiments.set(cellText(id) ?? '', cellText(name) ?? '');
  });
  const [names, parents] = [new Map<string, string>(), new Map<string, string>()];
  await walk.rows('tags', ['key', 'value', 'run_uuid'], ({ key, value, run_uuid: run }) => {
    const tags = key === 'mlflow.runName' ? names : key === 'mlflow.parentRunId' ? parents : undefined;
    tags?.set(cellText(run) ?? '', cellText(value) ?? '');
  });
  const runs = new Map<string, Run>();
  const deleted = new Set<string>();
  const columns = ['run_uuid', 'name', 'experiment_id', 'status', 'lifecycle_stage'];
  await walk.rows('runs', columns, (row) => {
    const id = cellText(row['run_uuid']) ?? '';
    if (row['lifecycle_stage'] === 'deleted') return void deleted.add(id);
    const name = cellText(row['name']) || names.get(id);
    const parent = parents.get(id);
    const group = experiments.get(cellText(row['experiment_id']) ?? '');
    const description = {
      id,
      ...(name && { name }),
      ...(parent && { parent }),
      ...(group && { group }),
    };
    runs.set(id, { description, state: STATES[cellText(row['status']) ?? ''] });
  });
  return { runs, deleted };
}
