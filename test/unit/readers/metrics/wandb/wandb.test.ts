import assert from 'node:assert/strict';
import type { RawRuns } from '../../../../../src/metrics/rawRun';
import { wandbReader } from '../../../../../src/readers/metrics/wandb/wandb';
import { fieldBytes, joinBytes } from '../../../../support/protobufBytes';
import { metricRows, numbersOf, readMetrics, sniffMetrics } from '../../../../support/readMetrics';
import {
  history,
  item,
  output,
  runRecord,
  WANDB_CODECS,
  wandbFile,
  wandbRecord,
} from '../../../../support/wandbRun';

const read = (...records: readonly Uint8Array[]): Promise<RawRuns> =>
  readMetrics(wandbReader, wandbFile(records), { codecs: WANDB_CODECS });
const step = (number: number): Uint8Array => item(['_step'], `${number}`);
const update = (...items: readonly Uint8Array[]): Uint8Array[] =>
  items.map((bytes) => fieldBytes(1, { bytes }));

describe('a W&B run', () => {
  it('has a row per step, with its time and place', async () => {
    const bytes = wandbFile([
      runRecord('r1'),
      history(item(['acc'], '0.5'), step(1), item(['_timestamp'], '1.7724783365e+09')),
      history(item('acc', '2'), item('_step', '2')),
    ]);
    const { runs, damages } = await readMetrics(wandbReader, bytes, { codecs: WANDB_CODECS });
    const [run] = runs;
    assert.deepEqual(run?.description, { id: 'r1', name: 'name of r1', group: 'zoom' });
    assert.deepEqual(metricRows(run), [
      [1, { acc: 0.5 }],
      [2, { acc: 2 }],
    ]);
    assert.deepEqual(numbersOf(run.wallTimes), [1772478336.5, NaN]);
    assert.equal(run.ends.at(0), run.starts.at(1));
    assert.equal(run.ends.at(1), bytes.length);
    assert.equal(run.state, 'running');
    assert.deepEqual(damages, []);
  });

  it('takes the record’s own step where no item tells it', async () => {
    const recordStep = (number: number): Uint8Array =>
      fieldBytes(2, { bytes: number === 0 ? new Uint8Array(0) : fieldBytes(1, { varint: number }) });
    const acc = fieldBytes(1, { bytes: item(['acc'], '1') });
    const { runs } = await read(
      wandbRecord(2, acc, recordStep(0)),
      wandbRecord(2, acc, recordStep(7)),
      wandbRecord(2, acc, recordStep(7), fieldBytes(1, { bytes: step(8) })),
      wandbRecord(2, acc),
    );
    assert.deepEqual(
      metricRows(runs[0]).map(([told]) => told),
      [0, 7, 8, undefined],
    );
  });

  it('reads numbers as Python and Go write them, also where JSON has none', async () => {
    const { runs } = await read(
      history(
        step(1),
        item(['nan'], 'NaN'),
        item(['up'], 'Infinity'),
        item(['down'], '-Infinity'),
        item(['word'], '"Infinity"'),
        item(['go'], '1.0123455e+06'),
        item(['large'], '1152921504606846978'),
        item(['flag'], 'true'),
        item(['none'], 'null'),
        item(['broken'], '{'),
        item(['text'], '"step 1"'),
      ),
    );
    assert.deepEqual(metricRows(runs[0]), [
      [
        1,
        {
          nan: NaN,
          up: Infinity,
          down: -Infinity,
          word: Infinity,
          go: 1012345.5,
          large: Number('1152921504606846978'),
          flag: 1,
          none: NaN,
        },
      ],
    ]);
    assert.deepEqual(runs[0]?.texts.get('text'), ['step 1']);
  });

  it('prefers values that have their type beside them', async () => {
    const { runs } = await read(
      history(
        step(1),
        item(['none'], '1', [3, { varint: 1 }]),
        item(['truth'], undefined, [4, { varint: 0 }]),
        item(['integer'], '0', [5, { varint: 13 }]),
        item(['large'], '0', [5, { varint: (2n ** 60n + 2n) * 2n }]),
        item(['number'], '0', [6, { double: -0.1 }]),
        item(['text'], '1', [7, { bytes: 'word' }]),
        item(['json'], '1', [8, { bytes: '{"a": 2}' }]),
      ),
    );
    assert.deepEqual(metricRows(runs[0]), [
      [1, { none: NaN, truth: 0, integer: -7, large: 2 ** 60, number: -0.1, 'json.a': 2 }],
    ]);
    assert.deepEqual(runs[0]?.texts.get('text'), ['word']);
  });

  it('joins the keys of dictionaries with dots, in both generations', async () => {
    const { runs } = await read(
      history(step(1), item(['val', 'vstar', 'acc'], '0.5'), item(['val', 'a.b'], '1')),
      history(item('_step', '2'), item('val', '{"vstar": {"acc": 0.25}, "a.b": 1}')),
    );
    assert.deepEqual(metricRows(runs[0]), [
      [1, { 'val.vstar.acc': 0.5, 'val.a.b': 1 }],
      [2, { 'val.vstar.acc': 0.25, 'val.a.b': 1 }],
    ]);
  });

  it('keeps media as text, whole again where their keys stand apart, and makes no curve of them', async () => {
    const { runs } = await read(
      history(
        item(['rollouts', 'nrows'], '4'),
        step(1),
        item(['rollouts', '_type'], '"table-file"'),
        item(['rollouts', 'path'], '"media/table/a.table.json"'),
        item(['rollouts2'], '3'),
      ),
      history(
        item('_step', '2'),
        item('rollouts', '{"_type": "table-file", "nrows": 5}'),
        item('list', '[1, 2]'),
      ),
    );
    assert.deepEqual(metricRows(runs[0]), [
      [1, { rollouts2: 3 }],
      [2, {}],
    ]);
    assert.deepEqual(
      runs[0]?.texts.get('rollouts')?.map((text) => JSON.parse(text) as unknown),
      [
        { nrows: 4, _type: 'table-file', path: 'media/table/a.table.json' },
        { _type: 'table-file', nrows: 5 },
      ],
    );
    assert.deepEqual(runs[0].texts.get('list'), ['[1,2]']);
  });

  it('knows its settings, its summary and how it ended', async () => {
    const bytes = [
      runRecord('r1', item('algorithm', '{"adv_estimator": "grpo"}'), item('_wandb', '{}')),
      wandbRecord(5, ...update(item(['note'], '"café"'), item('algorithm', '{"adv_estimator": "gae"}'))),
      wandbRecord(3, ...update(item(['best', 'acc'], '0.5'))),
      wandbRecord(3, ...update(item(['best', 'acc'], '0.9005'))),
    ];
    const { runs } = await read(...bytes, wandbRecord(18));
    assert.deepEqual(
      runs[0]?.settings,
      new Map<string, unknown>([
        ['algorithm', { adv_estimator: 'gae' }],
        ['note', 'café'],
        ['summary/best.acc', 0.9005],
      ]),
    );
    assert.equal(runs[0].state, 'finished');
    const failed = await read(...bytes, wandbRecord(18, fieldBytes(1, { varint: -9 })));
    assert.equal(failed.runs[0]?.state, 'failed');
  });

  it('has what the machine did at a time and not at a step', async () => {
    const time = joinBytes(fieldBytes(1, { varint: 1_700_000_000 }), fieldBytes(2, { varint: 500_000_000 }));
    const { runs } = await read(
      wandbRecord(7, fieldBytes(2, { bytes: time }), fieldBytes(3, { bytes: item('gpu.0.temp', '61.5') })),
    );
    assert.deepEqual(metricRows(runs[0]), [[undefined, { 'system/gpu.0.temp': 61.5 }]]);
    assert.equal(runs[0]?.wallTimes.at(0), 1_700_000_000.5);
  });

  it('is told from other files', () => {
    const bytes = wandbFile([runRecord('r1')]);
    assert.equal(sniffMetrics(wandbReader, 'wandb/run-x/run-x.wandb', bytes), 1);
    assert.equal(sniffMetrics(wandbReader, 'copy', bytes), 1, 'by its content alone');
    assert.equal(sniffMetrics(wandbReader, 'run-x.wandb', ''), 0.5, 'nothing there yet');
    assert.equal(sniffMetrics(wandbReader, 'train.log', ':Wolf'), 0);
  });
});

describe('the console inside a W&B run', () => {
  const lines = (from: number, to: number): Uint8Array[] =>
    Array.from({ length: to - from }, (_, index) =>
      [output(`(TaskRunner pid=9) step:${from + index} - a:0.${from + index}`), output('\n')].flat(),
    ).flat();

  it('is kept as text, its metrics only where the run has no history', async () => {
    const logged = await read(...lines(1, 4), history(step(1), item(['a'], '0.1234')), ...lines(4, 30));
    assert.deepEqual(metricRows(logged.runs[0]), [[1, { a: 0.1234 }]]);
    assert.equal(logged.runs[0]?.texts.get('console')?.length, 29);
    assert.equal(logged.runs[0].texts.get('console')?.[1], '(TaskRunner pid=9) step:2 - a:0.2');

    const few = await read(...lines(1, 4));
    assert.deepEqual(metricRows(few.runs[0]), [
      [1, { a: 0.1 }],
      [2, { a: 0.2 }],
      [3, { a: 0.3 }],
    ]);
    assert.equal(few.runs[0]?.wallTimes.at(0), 5);
  });

  it('of a run without history goes on as it is written', async () => {
    const bytes = wandbFile(lines(1, 21));
    const { runs } = await readMetrics(wandbReader, bytes, { codecs: WANDB_CODECS, finish: false });
    assert.deepEqual(
      metricRows(runs[0]).map(([told]) => told),
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('comes in pieces, from two streams', async () => {
    const { runs } = await read(
      output('one '),
      output('warn', 0),
      output('line\ntwo'),
      output('ing\n', 0),
      output('\n'),
    );
    assert.deepEqual(runs[0]?.texts.get('console'), ['one line', 'warning', 'two']);
  });
});
