import assert from 'node:assert/strict';
import path from 'node:path';
import { metricsJson } from '../../../../src/cli/metrics/metricsJson';
import type { RunView } from '../../../../src/cli/metrics/runView';
import { sparkline } from '../../../../src/cli/text/sparkline';
import { curveCsv, curveEvents } from '../../../support/curveFiles';
import { ScratchFolder } from '../../../support/scratchFolder';
import { imcot } from '../support/imcot';

interface PrintedRun {
  readonly name: string;
  readonly source: string;
  readonly format: string;
  readonly series: Readonly<
    Record<string, readonly (readonly [number | null, number | string, number | null])[]>
  >;
  readonly concepts: Readonly<Record<string, string>>;
  readonly breaks: readonly number[];
  readonly badRecords: number;
}

const runsOf = (json: unknown): readonly PrintedRun[] => (json as { runs: readonly PrintedRun[] }).runs;

describe('imcot metrics', () => {
  let folder: ScratchFolder;
  beforeEach(() => (folder = new ScratchFolder()));
  afterEach(() => folder.remove());

  const restarted = (): string =>
    folder.write(
      'logs/run-7.log',
      [
        'step:1 - agent/tool_call_mean:0.5 - obs_length/mean:1 - response_length/mean:np.float64(nan)',
        'step:2 - agent/tool_call_mean:0.75 - response_length/mean:inf',
        'step:3 - agent/tool_call_mean:1',
        'Traceback (most recent call last):',
        'step:2 - agent/tool_call_mean:0.25 - response_length/mean:-inf',
        'step:3 - agent/tool_call_mean:-0.0',
        '',
      ].join('\n'),
    );

  it('prints merged curves as JSON, what is no number as a word', async () => {
    const file = restarted();
    const { code, out, err } = await imcot(['metrics', '--json', file]);
    assert.deepEqual([code, err], [0, '']);
    const [run, ...others] = runsOf(JSON.parse(out));
    assert.deepEqual(others, []);
    assert.deepEqual(
      [run?.name, run?.source, run?.format, run?.badRecords, run?.breaks],
      ['run-7', file, 'verl-console', 0, [2]],
    );
    assert.deepEqual(run?.series['agent/tool_call_mean'], [
      [1, 0.5, null],
      [2, 0.25, null],
      [3, -0, null],
    ]);
    assert.deepEqual(run?.series['response_length/mean'], [
      [1, 'NaN', null],
      [2, '-Infinity', null],
    ]);
    assert.deepEqual(run?.concepts, {
      toolCalls: 'agent/tool_call_mean',
      responseLength: 'response_length/mean',
      observationLength: 'obs_length/mean',
    });
  });

  it('prints what stands in each file with --raw', async () => {
    const { out } = await imcot(['metrics', '--raw', '--json', restarted()]);
    const [run] = runsOf(JSON.parse(out));
    assert.deepEqual(run?.series['agent/tool_call_mean'], [
      [1, 0.5, null],
      [2, 0.75, null],
      [3, 1, null],
      [2, 0.25, null],
      [3, -0, null],
    ]);
    assert.deepEqual(
      run?.series['response_length/mean']?.map(([, value]) => value),
      ['NaN', 'Infinity', '-Infinity'],
    );
    const curve = [{ key: 'reward', values: [1, 2] }];
    folder.write('tb/events.out.tfevents.1.host', curveEvents(curve));
    folder.write('tb/events.out.tfevents.2.host', curveEvents(curve, 1));
    const rows = [1, 2, 3, 4, 5].map((step) => `{"step": ${step}, "reward": 1}\n`);
    folder.write('tb/final.jsonl', `${rows.join('')}{"reward": 9}\n`);
    const target = path.join(folder.path, 'tb');
    const merged = runsOf((await imcot(['metrics', '--json', target])).json());
    const raw = runsOf((await imcot(['metrics', '--raw', '--json', target])).json());
    assert.deepEqual([merged.length, raw.length], [2, 3]);
    const events = merged.find(({ format }) => format === 'tensorboard');
    assert.deepEqual(events?.series['reward'], [
      [0, 1, 1e9],
      [1, 1, 1e9],
      [2, 2, 1e9 + 1],
    ]);
    const last = (runs: readonly PrintedRun[]): unknown =>
      runs.find(({ format }) => format === 'metrics-jsonl')?.series['reward']?.at(-1);
    assert.deepEqual(last(merged), [5, 1, null]);
    assert.deepEqual(last(raw), [null, 9, null]);
  });

  it('shows a person the keys, what they mean, and how they went', async () => {
    const { code, out } = await imcot(['metrics', restarted()]);
    assert.equal(code, 0);
    const lines = out.split('\n');
    assert.equal(lines[0], 'run-7');
    assert.match(lines[1] ?? '', /verl console log, 3 keys$/);
    assert.match(out, /begins anew at step 2: the last written counts/);
    assert.match(out, /^agent\/tool_call_mean +tool calls +3 +1 to 3 +0 +█▅▁$/m);
    assert.match(out, /^response_length\/mean +response length +2 +1 to 2 +-Infinity/m);
    assert.match(out, /^tool calls \(agent\/tool_call_mean\): Mean over the whole batch/m);
    assert.match(out, /^response length \(response_length\/mean\): Observation tokens are not counted\.$/m);
  });

  it('ends with 1 for bad records, and for what is no metrics', async () => {
    const rows = [1, 2, 3].map((step) => `{"step": ${step}, "data": {"a": ${step}}}\n`).join('');
    const file = folder.write('bad.jsonl', `${rows}x\n${rows}`);
    const bad = await imcot(['metrics', '--json', file]);
    assert.equal(bad.code, 1);
    assert.equal(runsOf(bad.json())[0]?.badRecords, 1);
    assert.match(bad.err, /bad\.jsonl, byte \d+: This line is no row of metrics/);
    const none = await imcot(['metrics', '--json', folder.write('a.txt', 'words\n')]);
    assert.deepEqual([none.code, none.json()], [1, { runs: [] }]);
    assert.match(none.err, /a\.txt is no file of metrics/);
    assert.match((await imcot(['metrics', path.join(folder.path, 'nothing')])).err, /There is no file/);
    // A file that is being written ends somewhere, and that is no error.
    const live = await imcot(['metrics', folder.write('live.jsonl', `${rows}{"step": 4, "da`)]);
    assert.equal(live.code, 0);
    assert.match(live.err, /ends in 15 bytes that are no whole record/);
  });

  it('hands a long run over in small pieces', () => {
    const count = 50_000;
    const points = { key: 'a', count, step: (at: number) => at, value: () => 1 / 3, wallTime: () => NaN };
    const run = {
      name: 'long',
      source: 's',
      format: 'csv',
      label: '',
      parts: [],
      files: [],
      badPieces: [],
    } as const;
    const view: RunView = { run, keys: [points, { ...points, key: 'b' }], concepts: new Map(), breaks: [] };
    const pieces = [...metricsJson([view, view])];
    assert.ok(pieces.length > 20);
    assert.ok(Math.max(...pieces.map((piece) => piece.length)) < 70_000);
    const runs = runsOf(JSON.parse(pieces.join('')));
    assert.deepEqual(
      runs.map(({ series }) => [series['a']?.length, series['b']?.at(-1)]),
      [
        [count, [count - 1, 1 / 3, null]],
        [count, [count - 1, 1 / 3, null]],
      ],
    );
  });

  it('is listed beside rollouts', async () => {
    folder.write('x/study.csv', curveCsv([{ key: 'reward', values: [1, 2, 3] }]));
    folder.write('x/result.jsonl', '{"nothing": "known"}\n');
    const { code, out } = await imcot(['list', '--json', folder.path]);
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(out), {
      sources: [
        {
          path: path.join(folder.path, 'x/study.csv'),
          format: 'csv',
          records: 3,
          badRecords: 0,
          steps: { count: 3, first: 0, last: 2 },
          kind: 'metrics',
        },
      ],
    });
    const named = await imcot(['list', path.join(folder.path, 'x/study.csv')]);
    assert.deepEqual([named.code, named.err], [0, '']);
    assert.match(named.out, /study\.csv +csv +metrics +3 +0 +0 to 2 \(3\)/);
  });
});

describe('sparkline', () => {
  it('shows means between the least and the greatest', () => {
    assert.equal(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8), '▁▂▃▄▅▆▇█');
    assert.equal(sparkline([0, 2, 6, 8], 2), '▁█');
    assert.equal(sparkline([5, 5, 5], 10), '▄▄▄');
    assert.equal(sparkline([0, NaN, 1, Infinity], 4), '▁ █ ');
    assert.equal(sparkline([], 4), '');
  });
});
