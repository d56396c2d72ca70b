import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { distinctNames } from '../../../src/files/metricRunNames';
import type { MetricRun } from '../../../src/files/metricRuns';
import { readMetricRuns } from '../../../src/files/metricRuns';
import { findMetricSources } from '../../../src/files/metricSources';
import { mergeRestarts } from '../../../src/metrics/mergeRestarts';
import { curveCsv, curveEvents } from '../../support/curveFiles';
import { ScratchFolder } from '../../support/scratchFolder';

const GOLDEN = path.join(__dirname, '../../golden/logs');

async function runsOf(target: string, separate = false): Promise<MetricRun[]> {
  const { sources, problems } = await findMetricSources([target]);
  assert.deepEqual(problems, []);
  return readMetricRuns(sources, { separate });
}

const valuesOf = (run: MetricRun | undefined, key: string): number[] =>
  Array.from(mergeRestarts(run?.parts ?? []).series.get(key)?.values ?? []);

describe('metric runs of files', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  it('event files of one folder are one run, in the order of their starts', async () => {
    const curve = (value: number, count: number): { key: string; values: number[] }[] => [
      { key: 'reward', values: Array.from({ length: count }, () => value) },
    ];
    // The number decides, not the alphabet.
    folder.write('tb/study/events.out.tfevents.1000.host.1.0', curveEvents(curve(2, 3), 2));
    folder.write('tb/study/events.out.tfevents.999.host.1.0', curveEvents(curve(1, 4)));
    folder.write('tb/study/inner/events.out.tfevents.1000.host.1.1', curveEvents(curve(7, 1)));
    const runs = await runsOf(folder.path);
    assert.deepEqual(
      runs.map(({ name, source, format }) => [name, path.relative(folder.path, source), format]),
      [
        ['tb/study', 'tb/study', 'tensorboard'],
        ['tb/study/inner', 'tb/study/inner', 'tensorboard'],
      ],
    );
    assert.deepEqual(valuesOf(runs[0], 'reward'), [1, 1, 2, 2, 2]);
    const separate = await runsOf(path.join(folder.path, 'tb/study'), true);
    assert.deepEqual(
      separate.map(({ source }) => path.basename(source)),
      [
        'events.out.tfevents.999.host.1.0',
        'events.out.tfevents.1000.host.1.0',
        'events.out.tfevents.1000.host.1.1',
      ],
    );
    assert.equal(new Set(separate.map(({ name }) => name)).size, 3);
  });

  it('a real run that was started three times is one', async () => {
    const [run, ...others] = await runsOf(path.join(GOLDEN, 'tensorboard/restarts'));
    assert.deepEqual(others, []);
    assert.deepEqual([run?.name, run?.parts.length], ['restarts', 3]);
    assert.equal(mergeRestarts(run?.parts ?? []).breaks.length, 2);
  });

  it("the trainer's state in the output folder counts, and else the latest checkpoint's", async () => {
    const state = (...steps: number[]): string =>
      JSON.stringify({
        global_step: steps.at(-1),
        log_history: steps.map((step) => ({ step, reward: step })),
      });
    folder.write('done/checkpoint-2/trainer_state.json', state(1, 2));
    folder.write('done/trainer_state.json', state(1, 2, 3));
    folder.write('going/checkpoint-2/trainer_state.json', state(1, 2));
    folder.write('going/checkpoint-10/trainer_state.json', state(1, 10));
    const runs = await runsOf(folder.path);
    assert.deepEqual(
      runs.map(({ name, source }) => [name, path.relative(folder.path, source)]),
      [
        ['done', 'done/trainer_state.json'],
        ['checkpoint-10', 'going/checkpoint-10/trainer_state.json'],
      ],
    );
    const named = await runsOf(path.join(folder.path, 'done/checkpoint-2/trainer_state.json'));
    assert.deepEqual(valuesOf(named[0], 'reward'), [1, 2]);
  });

  it('a file holds several runs, a folder of files one', async () => {
    folder.write(
      'chart.csv',
      'Step,a - r,a - r__MIN,a - r__MAX,b - r,b - r__MIN,b - r__MAX\n1,1,1,1,5,5,5\n2,2,2,2,6,6,6\n',
    );
    const run = 'mlruns/0/0123456789abcdef0123456789abcdef';
    folder.write(
      `${run}/meta.yaml`,
      'run_id: 0123456789abcdef0123456789abcdef\nrun_name: first\nexperiment_id: 0\nstatus: 3\n',
    );
    folder.write(`${run}/metrics/critic/score`, '1000 0.5 1\n2000 0.75 2\n');
    folder.write(`${run}/params/lr`, '0.1');
    const runs = await runsOf(folder.path);
    assert.deepEqual(
      runs.map(({ name, format }) => [name, format]),
      [
        ['a', 'csv'],
        ['b', 'csv'],
        ['first', 'mlflow-files'],
      ],
    );
    assert.deepEqual(valuesOf(runs[1], 'r'), [5, 6]);
    assert.deepEqual(valuesOf(runs[2], 'critic/score'), [0.5, 0.75]);
    assert.equal(runs[2]?.source, path.join(folder.path, run));
  });

  it('plain names of files are those of their folders', async () => {
    for (const name of ['x/metrics.csv', 'y/version_0/metrics.csv', 'z/study-3.csv'])
      folder.write(name, curveCsv([{ key: 'reward', values: [1, 2, 3] }]));
    assert.deepEqual(
      (await runsOf(folder.path)).map(({ name }) => name),
      ['x', 'y/version_0', 'study-3'],
    );
  });

  it('tells bad pieces with their file, and what is no metrics where it was named', async () => {
    const rows = [1, 2, 3].map((step) => `{"step": ${step}, "data": {"a": ${step}}}\n`).join('');
    const file = folder.write('run.jsonl', `${rows}nonsense\n{"st`);
    const { sources } = await findMetricSources([file]);
    const tails: [string, number][] = [];
    const [run] = await readMetricRuns(sources, { onTail: (name, bytes) => tails.push([name, bytes]) });
    assert.deepEqual(
      run?.badPieces.map((piece) => [piece.file, piece.start, piece.end]),
      [[file, rows.length, rows.length + 8]],
    );
    assert.deepEqual(tails, [[file, 4]]);
    const other = folder.write('notes.txt', 'nothing to see\n');
    const found = await findMetricSources([other, path.join(folder.path, 'absent')]);
    assert.deepEqual([found.sources.length, found.problems.length], [0, 2]);
    assert.equal((await findMetricSources([folder.path])).problems.length, 0);
  });

  it('a file that two paths lead to counts once, and a signal ends the reading', async () => {
    const file = folder.write('s/study.csv', curveCsv([{ key: 'reward', values: [1, 2] }]));
    const { sources } = await findMetricSources([file, folder.path]);
    assert.equal(sources.length, 1);
    const stop = new AbortController();
    stop.abort();
    await assert.rejects(readMetricRuns(sources, { signal: stop.signal }), { code: 'cancelled' });
  });

  it('reads a file of many pieces as if it were one', async () => {
    const count = 40_000;
    const key = 'a'.repeat(100);
    const values = Array.from({ length: count }, (_, step) => step % 1000);
    folder.write('one/events.out.tfevents.1.host', curveEvents([{ key, values }]));
    const line = (step: number): string => `{"step": ${step}, "data": {"${key}": ${step % 1000}}}\n`;
    folder.write('two.jsonl', values.map((_, step) => line(step)).join(''));
    const runs = await runsOf(folder.path);
    assert.equal(runs.length, 2);
    for (const run of runs) {
      assert.deepEqual(run.badPieces, []);
      assert.deepEqual(valuesOf(run, key), values);
    }
  });

  it('the W&B files of a resumed run are one run', async () => {
    const bytes = readFileSync(path.join(GOLDEN, 'wandb/sdk-0.16.6.wandb'));
    folder.write('run-20260101_000000-x/run-x.wandb', new Uint8Array(bytes));
    folder.write('run-20260102_000000-x/run-x.wandb', new Uint8Array(bytes));
    folder.write('run-20260102_000000-x/files/output.log', 'step:1 - a:1.0\n');
    const runs = await runsOf(folder.path);
    assert.deepEqual(
      runs.map(({ parts }) => parts.length),
      [2],
    );
  });
});

describe('names of runs', () => {
  it('stay where they differ, and else get what differs first', () => {
    const run = (name: string, ...tellers: string[]) => ({ name, tellers });
    assert.deepEqual(distinctNames([run('a', 'p', 'x'), run('b', 'p', 'x')]), ['a', 'b']);
    assert.deepEqual(distinctNames([run('a', 'p', 'x'), run('a', 'p', 'y')]), ['a (x)', 'a (y)']);
    assert.deepEqual(distinctNames([run('a', 'p', 'x'), run('a', 'p', 'y'), run('a', 'q', 'x')]), [
      'a (p, x)',
      'a (p, y)',
      'a (q, x)',
    ]);
    // Neither the project nor the format alone, both together before the identifier.
    const runs = [run('a', 'p', 'x', '17'), run('a', 'p', 'y', '18'), run('a', 'q', 'y', '19')];
    assert.deepEqual(distinctNames(runs), ['a (p, x)', 'a (p, y)', 'a (q, y)']);
    assert.deepEqual(distinctNames([run('a', '', 'x'), run('a', '', 'x')]), ['a (1)', 'a (2)']);
    // A name that is made must not be that of another run.
    const made = distinctNames([run('a', 'x'), run('a', 'y'), run('a (x)', '')]);
    assert.equal(new Set(made).size, 3);
  });
});
