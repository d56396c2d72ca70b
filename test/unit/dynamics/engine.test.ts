import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DynamicsEngine } from '../../../src/dynamics/engine';
import type { RolloutAccess } from '../../../src/dynamics/linkedRollouts';
import type { RolloutRun } from '../../../src/dynamics/rolloutRun';
import type { Series } from '../../../src/metrics/mergeRestarts';
import { csvReader } from '../../../src/readers/metrics/csv';
import type { CurvesRequest, DynamicsView, RunView } from '../../../src/protocol/dynamicsView';
import { curveEvents, verlConsole } from '../../support/curveFiles';
import { figure3 } from '../../support/figure3';
import { metricRows, readMetrics } from '../../support/readMetrics';
import { ScratchFolder } from '../../support/scratchFolder';
import { PROJECT_ROOT } from '../../support/sources';

const KEYS = {
  zoomCount: 'tool_call_counts/mean',
  responseLength: 'response_length/mean',
  iou: 'grounding/iou',
};

/** The paper's run, as a trainer prints it. */
function paperRun(steps = Infinity): string {
  const curves = figure3().curves.map(({ concept, values }) => ({
    key: KEYS[concept as keyof typeof KEYS],
    values: Array.from(values).slice(0, steps),
  }));
  return verlConsole(curves);
}

const rolloutSeries = (key: string, steps: readonly number[]): Series => ({
  key,
  steps: Float64Array.from(steps),
  values: Float64Array.from(steps, (step) => step / 10),
  wallTimes: Float64Array.from(steps, () => NaN),
  parts: Float64Array.from(steps, () => 0),
  rows: Float64Array.from(steps, (_, at) => at),
});

/** Rollouts of these steps, two per step. */
function rolloutRun(steps: readonly number[]): RolloutRun {
  return {
    series: new Map([['rollouts/zoom_count', rolloutSeries('rollouts/zoom_count', steps)]]),
    zoomDistributions: steps.map((step) => ({ step, counts: [1, 0, 1] })),
    steps: steps.map((step, at) => ({
      step,
      rollouts: 2,
      judged: 2,
      correct: 1,
      ranges: [[2 * at, 2 * at + 2]],
    })),
    records: 2 * steps.length,
    badRecords: 0,
    withoutStep: 0,
  };
}

/** No rollouts anywhere but those of `logs`, by the path of their log. */
const rolloutsOf = (logs: Readonly<Record<string, RolloutRun>>, found?: string): RolloutAccess => ({
  openRolloutCurves: (paths) => {
    const run = logs[path.basename(paths[0] ?? '')];
    if (!run) return Promise.reject(new Error('There are no rollouts.'));
    return Promise.resolve({ run, refresh: () => Promise.resolve(false) });
  },
  findRollouts: () =>
    Promise.resolve(found === undefined ? undefined : { paths: [found], candidates: [found] }),
});

type Ready = Extract<DynamicsView, { status: 'ready' }>;

function ready(view: DynamicsView): Ready {
  assert.equal(view.status, 'ready', JSON.stringify(view));
  return view as Ready;
}

function onlyRun(view: DynamicsView): RunView {
  const { runs } = ready(view);
  assert.equal(runs.length, 1);
  return runs[0] as RunView;
}

const drawing = (
  members: CurvesRequest['curves'][number]['members'],
  more: Partial<CurvesRequest> = {},
): CurvesRequest => ({
  curves: [{ id: 'a', members }],
  x: 'step',
  columns: 1000,
  smoothing: 0,
  ...more,
});

describe('the engine of the dynamics editor', () => {
  let scratch: ScratchFolder;
  let engine: DynamicsEngine;
  let last: DynamicsView | undefined;
  beforeEach(() => {
    scratch = new ScratchFolder();
  });
  afterEach(() => {
    engine.dispose();
    scratch.remove();
  });

  async function open(target: string, rollouts = rolloutsOf({}), follow = true): Promise<DynamicsView> {
    engine = new DynamicsEngine({ rollouts, pollMs: 1e6 });
    engine.onDidChange((view) => (last = view));
    return engine.open({ paths: [target], links: {}, follow });
  }
  /** What is there after everything was looked at. */
  async function now(): Promise<DynamicsView> {
    await engine.look();
    return (last = engine.view());
  }

  it("shows the paper's run with its stages, and leads from a point to its bytes", async () => {
    const file = scratch.write('train.log', paperRun());
    const run = onlyRun(await open(file));
    assert.equal(run.stages.status, 'three stages');
    const [second, third] = run.stages.boundaries.map(({ step }) => step) as [number, number];
    assert.ok(Math.abs(second - 20) <= 3 && Math.abs(third - 46) <= 3, `${second}, ${third}`);
    assert.deepEqual(run.steps, { first: 0, last: 79, count: 80 });
    assert.deepEqual(run.concepts.toolCalls, [KEYS.zoomCount]);
    assert.equal(run.keys.find(({ key }) => key === KEYS.iou)?.points, 80);
    const place = await engine.place({ run: run.id, key: KEYS.iou }, 46);
    assert.equal(place?.file, file);
    assert.match(readFileSync(file).subarray(place.start, place.end).toString(), /step:46 - /);
    assert.equal(await engine.place({ run: run.id, key: KEYS.iou }, 46.5), undefined);
    const cards = await engine.stageCards(run.id, [30]);
    assert.deepEqual(
      cards.map(({ from, to }) => [from, to]),
      [
        [0, 29],
        [30, 79],
      ],
    );
    assert.equal(await engine.sourcePath(run.id), file);
  });

  it('draws thinned samples, their average over all points, and places of steps', async () => {
    const values = Array.from({ length: 20_000 }, (_, step) => (step === 7777 ? 50 : Math.sin(step)));
    const file = scratch.write('events.out.tfevents.1.node', curveEvents([{ key: 'score', values }]));
    const run = onlyRun(await open(file));
    const members = [{ run: run.id, key: 'score' }];
    const [curve] = (await engine.curves(drawing(members, { columns: 100, smoothing: 0.9 }))).curves;
    assert.equal(curve?.total, 20_000);
    assert.ok(curve.shown <= 400 && curve.shown === curve.raw.x.length);
    assert.equal(curve.raw.y[curve.raw.steps.indexOf(7777)], 50);
    assert.ok(curve.smooth && Math.max(...curve.smooth.y) > 4 && Math.max(...curve.smooth.y) < 6.5);
    assert.deepEqual(curve.extent, [0, 19_999]);
    const timed = await engine.curves(
      drawing(members, { x: 'relative', range: [10, 20], marks: { run: run.id, steps: [15, 99_999] } }),
    );
    assert.deepEqual(
      [...(timed.curves[0]?.raw.x ?? [])],
      [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21],
    );
    assert.equal(timed.curves[0]?.total, 11);
    assert.deepEqual([...timed.marks], [15, NaN]);
    const wall = await engine.curves(drawing(members, { x: 'wall' }));
    assert.deepEqual(wall.curves[0]?.extent, [1e9, 1e9 + 19_999]);
    const none = await engine.curves(drawing([{ run: 'nobody', key: 'score' }]));
    assert.equal(none.curves[0]?.raw.x.length, 0);
  });

  it('follows a log, a second file of its folder, another run, and a restart that empties the file', async () => {
    const console = scratch.write('runs/a/train.log', paperRun(10));
    scratch.write('runs/b/events.out.tfevents.1.n', curveEvents([{ key: 'score', values: [1, 2, 3] }]));
    const first = ready(await open(path.join(scratch.path, 'runs')));
    const ids = new Map(first.runs.map(({ source, id }) => [source, id]));
    assert.deepEqual([...ids.keys()], [path.join('a', 'train.log'), 'b']);
    const counts = (view: DynamicsView): unknown =>
      Object.fromEntries(ready(view).runs.map(({ source, steps, live }) => [source, [steps?.count, live]]));
    assert.deepEqual(counts(first), { [path.join('a', 'train.log')]: [10, true], b: [3, true] });
    appendFileSync(console, paperRun().slice(paperRun(10).length));
    assert.deepEqual(counts(await now()), { [path.join('a', 'train.log')]: [80, true], b: [3, true] });
    assert.ok(ready(last as DynamicsView).generation > first.generation);
    rmSync(console);
    const view = ready(await now());
    assert.match(view.runs[0]?.notices.join() ?? '', /no longer there/);
    assert.equal(view.runs[0]?.steps?.count, 80);
    writeFileSync(console, paperRun(5));
    const after = ready(await now());
    assert.equal(after.runs[0]?.steps?.count, 5);
    assert.deepEqual(
      after.runs.map(({ id }) => id),
      [...ids.values()],
    );
    assert.deepEqual(after.runs[0]?.notices, []);
  });

  it('finds files that come into a folder', async () => {
    const folder = path.join(scratch.path, 'logs');
    mkdirSync(folder);
    scratch.write('logs/events.out.tfevents.1.n', curveEvents([{ key: 'score', values: [1, 2, 3] }]));
    engine = new DynamicsEngine({ rollouts: rolloutsOf({}), pollMs: 50 });
    const first = onlyRun(await engine.open({ paths: [folder], links: {}, follow: true }));
    const grown = new Promise<RunView[]>((resolve) => {
      engine.onDidChange((view) => {
        if (view.status !== 'ready' || view.runs.length < 2) return;
        if (view.runs.some(({ steps }) => steps?.count === 6)) resolve([...view.runs]);
      });
    });
    scratch.write('logs/events.out.tfevents.2.n', curveEvents([{ key: 'score', values: [4, 5, 6] }], 3));
    scratch.write('logs/other/metrics.jsonl', '{"step":1,"score":2}\n{"step":2,"score":2}\n');
    const runs = await grown;
    assert.equal(runs.find(({ id }) => id === first.id)?.steps?.count, 6);
  });

  it('gives a table, and CSV that is read back as it was', async () => {
    const file = scratch.write(
      'metrics.jsonl',
      ['{"step":1,"a":0.1,"b":1}', '{"step":2,"a":NaN}', '{"step":4,"b":-1e-300,"=c":1}'].join('\n') + '\n',
    );
    const run = onlyRun(await open(file));
    const curves = ['a', 'b', '=c'].map((key) => ({ run: run.id, key }));
    const { total, rows } = await engine.table(curves, 1, 9);
    assert.equal(total, 3);
    assert.deepEqual(rows, [
      { step: 2, values: [NaN, null, null] },
      { step: 4, values: [null, -1e-300, 1] },
    ]);
    const { text, next } = await engine.csv(curves, 0);
    assert.equal(next, undefined);
    assert.match(text, /^step,wall_time,/);
    assert.ok(text.endsWith('\r\n'));
    const [back] = (await readMetrics(csvReader, text)).runs;
    const [a, b, c] = curves.map(({ key }) => `${run.name}: ${key}`) as [string, string, string];
    assert.deepEqual(metricRows(back), [
      [1, { [a]: 0.1, [b]: 1 }],
      [2, { [a]: NaN }],
      [4, { [b]: -1e-300, [c]: 1 }],
    ]);
  });

  it('gives several runs as their mean and band', async () => {
    scratch.write('a/metrics.jsonl', '{"step":1,"s":1,"_timestamp":1}\n{"step":2,"s":2}\n{"step":3,"s":9}\n');
    scratch.write('b/metrics.jsonl', '{"step":2,"s":4}\n{"step":3,"s":NaN}\n{"step":5,"s":7}\n');
    const { runs } = ready(await open(scratch.path));
    const members = runs.map(({ id: run }) => ({ run, key: 's' }));
    const [curve] = (await engine.curves(drawing(members))).curves;
    assert.deepEqual([...(curve?.raw.x ?? [])], [1, 2, 3, 5]);
    assert.deepEqual([...(curve?.raw.y ?? [])], [1, 3, 9, 7]);
    assert.deepEqual([...(curve?.band?.low ?? [])], [1, 2, 9, 7]);
    assert.deepEqual([...(curve?.band?.high ?? [])], [1, 4, 9, 7]);
  });

  it('links rollouts that lie beside a log, and others that a person chooses', async () => {
    const file = scratch.write('train.log', paperRun(40));
    const access = rolloutsOf(
      { 'found.jsonl': rolloutRun([1, 2]), 'chosen.jsonl': rolloutRun([3]) },
      '/x/found.jsonl',
    );
    await open(file, access);
    const run = onlyRun(await now());
    assert.deepEqual(run.rollouts, {
      name: 'found.jsonl',
      link: 'found',
      records: 4,
      badRecords: 0,
      hasZoomCounts: true,
    });
    assert.deepEqual(run.concepts.zoomCount, ['rollouts/zoom_count']);
    assert.equal(run.keys.find(({ key }) => key === 'rollouts/zoom_count')?.computed, true);
    assert.deepEqual(await engine.stepRollouts(run.id, 2), {
      status: 'ready',
      log: 'found.jsonl',
      rollouts: 2,
      correct: 1,
    });
    assert.deepEqual(await engine.stepRecords(run.id, 2), { paths: ['/x/found.jsonl'], ranges: [[2, 4]] });
    assert.equal(await engine.stepRecords(run.id, 9), undefined);
    assert.equal(await engine.place({ run: run.id, key: 'rollouts/zoom_count' }, 2), undefined);
    const heat = await engine.zoomHeat(run.id, 'step', undefined, 100);
    assert.equal(heat.most, 2);
    assert.deepEqual(heat.columns, [
      { from: 1, to: 1, x0: 0.5, x1: 1.5, counts: [1, 0, 1] },
      { from: 2, to: 2, x0: 1.5, x1: 2.5, counts: [1, 0, 1] },
    ]);
    await engine.link(run.id, '/y/chosen.jsonl');
    const linked = onlyRun(await now());
    assert.equal(linked.rollouts?.link, 'chosen');
    assert.deepEqual(await engine.rolloutPaths(run.id), ['/y/chosen.jsonl']);
    await engine.link(run.id, '/y/none.jsonl');
    const broken = onlyRun(await now());
    assert.equal(broken.rollouts?.problem, 'There are no rollouts.');
    assert.deepEqual(await engine.stepRollouts(run.id, 2), { status: 'none' });
  });

  it('reads what the writers left, each run by itself', async () => {
    const view = await open(path.join(PROJECT_ROOT, 'test/golden/logs'), rolloutsOf({}), false);
    assert.equal(view.status, 'ready');
    const { runs } = ready(await now());
    const steps = Object.fromEntries(runs.map(({ source, steps: own }) => [source, own?.count]));
    assert.equal(steps['csv/lightning.csv'], 80);
    assert.equal(steps['tensorboard/restarts'], 80);
    assert.ok((steps['wandb/crash.wandb'] ?? 0) > 10);
    assert.ok((steps['mlflow/mlflow.db'] ?? 0) > 10);
    assert.equal(new Set(runs.map(({ id }) => id)).size, runs.length);
    assert.ok(runs.find(({ source }) => source === 'tensorboard/restarts')?.breaks.length);
  });

  it('says what it can not read', async () => {
    const view = await open(scratch.write('notes.txt', 'nothing\n'));
    assert.equal(view.status, 'error');
    assert.match((view as { message: string }).message, /notes\.txt is no file of metrics/);
    await assert.rejects(engine.sourcePath('nobody'), /no longer there/);
  });
});
