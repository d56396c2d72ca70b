import assert from 'node:assert/strict';
import { curvesJsonReader, trainerStateReader } from '../../../../src/readers/metrics/jsonFiles';
import { metricsJsonlReader, swiftLoggingReader } from '../../../../src/readers/metrics/metricsJsonl';
import { wholeObjects, wholePairs } from '../../../../src/readers/metrics/recoverJson';
import { verlFileLoggerReader } from '../../../../src/readers/metrics/verlFileLogger';
import { metricRows, readMetrics, sniffMetrics } from '../../../support/readMetrics';

const LOGGER = '{"step":1,"data":{"a":0.5,"ok":true,"b":null}}\n{"step":2,"data":{"a":1}}\n';
const ROWS =
  '{"step": 1, "a": NaN, "optim": {"lr": 1e-6}}\n{"step": 2, "a": -Infinity}\n{"final/acc": 0.9}\n';
const SWIFT =
  '{"loss": 1e-05, "global_step/max_steps": "1/80"}\n{"loss": 2e-05, "global_step/max_steps": "2/80"}\n';
const STATE =
  '{"best_metric": null, "log_history": [{"step": 1, "loss": 0.5, "x": "word"}, {"step": 2, "loss": NaN}], "max_steps": 2}';
const CURVES = '{"source": "paper", "curves": {"iou": [[0, 0.3], [1, 0.25]], "count": [[0, 1], [1, null]]}}';

describe('metrics as JSON', () => {
  it('of verl’s file logger: null is a number that was not finite', async () => {
    const runs = await readMetrics(verlFileLoggerReader, LOGGER, { piece: 5 });
    assert.deepEqual(metricRows(runs.runs[0]), [
      [1, { a: 0.5, ok: 1, b: NaN }],
      [2, { a: 1 }],
    ]);
  });

  it('as lines with a step: bare NaN, nested names, a last row without a step', async () => {
    const runs = await readMetrics(metricsJsonlReader, ROWS);
    assert.deepEqual(metricRows(runs.runs[0]), [
      [1, { a: NaN, 'optim/lr': 1e-6 }],
      [2, { a: -Infinity }],
      [undefined, { 'final/acc': 0.9 }],
    ]);
  });

  it('takes the time of a row where it is one, and not a duration', async () => {
    const runs = await readMetrics(
      metricsJsonlReader,
      '{"step":1,"_timestamp":1772478336.5,"time":3,"a":1}\n',
    );
    assert.equal(runs.runs[0]?.wallTimes.at(0), 1772478336.5);
    assert.deepEqual(metricRows(runs.runs[0]), [[1, { time: 3, a: 1 }]]);
  });

  it('of ms-swift: the step stands before a slash', async () => {
    const runs = await readMetrics(swiftLoggingReader, SWIFT);
    assert.deepEqual(metricRows(runs.runs[0]), [
      [1, { loss: 1e-5 }],
      [2, { loss: 2e-5 }],
    ]);
  });

  it('of a trainer state: one row per entry, words apart', async () => {
    const runs = await readMetrics(trainerStateReader, STATE);
    assert.deepEqual(metricRows(runs.runs[0]), [
      [1, { loss: 0.5 }],
      [2, { loss: NaN }],
    ]);
    assert.deepEqual(runs.runs[0]?.texts.get('x'), ['word']);
  });

  it('of plain curves', async () => {
    const runs = await readMetrics(curvesJsonReader, CURVES);
    assert.deepEqual(metricRows(runs.runs[0]), [
      [0, { iou: 0.3 }],
      [1, { iou: 0.25 }],
      [0, { count: 1 }],
      [1, { count: NaN }],
    ]);
  });

  it('each is told by its content, and by no other reader as surely', () => {
    const readers = [
      verlFileLoggerReader,
      metricsJsonlReader,
      swiftLoggingReader,
      trainerStateReader,
      curvesJsonReader,
    ];
    const surest = (content: string): string | undefined =>
      readers
        .map((reader) => ({ reader, sure: sniffMetrics(reader, 'x.json', `${content}`) }))
        .filter(({ sure }) => sure > 0)
        .sort((a, b) => b.sure - a.sure)[0]?.reader.format;
    assert.equal(surest(LOGGER), 'verl-file-logger');
    assert.equal(surest(ROWS.split('\n').slice(0, 2).join('\n') + '\n'), 'metrics-jsonl');
    assert.equal(surest(SWIFT), 'swift-logging');
    assert.equal(surest(STATE), 'trainer-state');
    assert.equal(surest(CURVES), 'curves-json');
    assert.equal(
      surest('{"step":1,"prompt":"a","response":"b","reward":1}\n'),
      undefined,
      'rollouts are no metrics',
    );
    assert.equal(surest('{"question":"a","answer":"b"}\n'), undefined);
  });

  it('cut at any byte: nothing is thrown, and what is whole is read', async () => {
    for (const [reader, content] of [
      [verlFileLoggerReader, LOGGER],
      [metricsJsonlReader, ROWS],
      [swiftLoggingReader, SWIFT],
      [trainerStateReader, STATE],
      [curvesJsonReader, CURVES],
    ] as const) {
      const all = metricRows((await readMetrics(reader, content)).runs[0]);
      for (let cut = 0; cut <= content.length; cut++) {
        const part = content.slice(0, cut);
        const rows = metricRows((await readMetrics(reader, part)).runs[0]);
        assert.deepEqual(rows, all.slice(0, rows.length), `${reader.format} at ${cut}`);
        const whole = reader.layout === 'stream' ? part.split('\n').length - 1 : 0;
        assert.ok(rows.length >= whole, `${reader.format} at ${cut}: ${rows.length} of ${whole} lines`);
      }
    }
  });

  it('a state that is cut off keeps its whole entries, and says so', async () => {
    const runs = await readMetrics(trainerStateReader, STATE.slice(0, STATE.indexOf(', {"step": 2') + 14));
    assert.deepEqual(metricRows(runs.runs[0]), [[1, { loss: 0.5 }]]);
    assert.match(runs.damages[0]?.reason ?? '', /not whole JSON/);
  });

  it('a line that is no object is named with its place, and the next ones are read', async () => {
    const runs = await readMetrics(metricsJsonlReader, '{"step":1,"a":1}\n[1]\n{"step"\n{"step":2,"a":2}\n');
    assert.deepEqual(
      metricRows(runs.runs[0]).map(([step]) => step),
      [1, 2],
    );
    assert.deepEqual(
      runs.damages.map(({ start, end }) => [start, end]),
      [
        [17, 20],
        [21, 28],
      ],
    );
  });

  it('of damaged JSON the whole parts are found: brackets in strings are no brackets, names go with their pairs', () => {
    const text = '{"a": [{"t": "]}\\" {", "n": {"b": 1}}, {"t" 5}, {"x": NaN}, {"t": "x';
    assert.deepEqual([...wholeObjects(text, 1)], [{ t: ']}" {', n: { b: 1 } }, { x: NaN }]);
    const curves = '{"curves": {"a\\u0062": [[1, 2], [3], [4, 5}, [6, -Infinity]], "c": [[7, 8.5], [9, 1';
    assert.deepEqual(
      [...wholePairs(curves, 0)],
      [
        { name: 'ab', pair: [1, 2] },
        { name: 'ab', pair: [6, -Infinity] },
        { name: 'c', pair: [7, 8.5] },
      ],
    );
  });

  it('a quote that is never closed does not make the search for whole objects slow', () => {
    const text = `{"log_history": [${'{"step": 1, "a": "x}, '.repeat(20_000)}`;
    const start = performance.now();
    assert.equal([...wholeObjects(text, 1)].length, 0);
    assert.ok(performance.now() - start < 60_000);
  }).timeout(90_000);
});
