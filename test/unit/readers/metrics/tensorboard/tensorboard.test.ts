import assert from 'node:assert/strict';
import type { RawRuns } from '../../../../../src/metrics/rawRun';
import { tensorboardReader } from '../../../../../src/readers/metrics/tensorboard/tensorboard';
import { fieldBytes, joinBytes, messageBytes, varintBytes } from '../../../../support/protobufBytes';
import { metricRows, numbersOf, readMetrics, sniffMetrics } from '../../../../support/readMetrics';
import { eventFile, simpleValue, tensorValue } from '../../../../support/tfEvents';
import type { TestEvent } from '../../../../support/tfEvents';

const TYPE = { float: 1, double: 2, int32: 3, string: 7, int64: 9, bool: 10, bfloat16: 14, half: 19 };
const VERSION: TestEvent = { wallTime: 1.7e9, fileVersion: 'brain.Event:2' };
const shape = (...sizes: readonly number[]): Uint8Array =>
  joinBytes(
    ...sizes.map((size) =>
      fieldBytes(2, { bytes: fieldBytes(2, { bytes: messageBytes([1, { varint: size }]) }) }),
    ),
  );
const content = (write: (view: DataView) => void, length: number): Uint8Array => {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return fieldBytes(4, { bytes });
};

const read = (events: readonly TestEvent[]): Promise<RawRuns> =>
  readMetrics(tensorboardReader, eventFile([VERSION, ...events]));

/** What one event with these values gives. */
async function valuesOf(
  ...values: readonly Uint8Array[]
): Promise<Readonly<Record<string, number>> | undefined> {
  return metricRows((await read([{ step: 1, values }])).runs[0])[0]?.[1];
}

describe('TensorBoard events', () => {
  it('of PyTorch: one number per event, with step, time and place in the file', async () => {
    const bytes = eventFile([
      VERSION,
      { step: 1, wallTime: 1772478336.5, values: [simpleValue('agent/tool_call_mean', 0.5)] },
      { step: 2, wallTime: 1772478336.75, values: [simpleValue('agent/tool_call_mean', -Infinity)] },
      { step: 3, values: [simpleValue('agent/tool_call_mean', NaN), simpleValue('größe', 0)] },
    ]);
    const { runs, damages } = await readMetrics(tensorboardReader, bytes);
    const [run] = runs;
    assert.deepEqual(metricRows(run), [
      [1, { 'agent/tool_call_mean': 0.5 }],
      [2, { 'agent/tool_call_mean': -Infinity }],
      [3, { 'agent/tool_call_mean': NaN, größe: 0 }],
    ]);
    assert.ok(run);
    assert.deepEqual(numbersOf(run.wallTimes), [1772478336.5, 1772478336.75, NaN]);
    assert.equal(run.settings.get('file_version'), 'brain.Event:2');
    assert.equal(run.ends.at(0), run.starts.at(1));
    assert.equal(run.ends.at(2), bytes.length);
    assert.deepEqual(damages, []);
  });

  it('keeps steps as they are written: zero is left out on the wire, negative ones take ten bytes', async () => {
    const values = [simpleValue('a', 1)];
    const { runs } = await read([
      { step: 0, values },
      { step: -3, values },
      { step: 2 ** 40, values },
    ]);
    assert.deepEqual(
      metricRows(runs[0]).map(([step]) => step),
      [0, -3, 2 ** 40],
    );
  });

  it('of TensorFlow: scalars are tensors, whose plugin only the first event names', async () => {
    const value = (number: number, plugin?: string): Uint8Array =>
      tensorValue('loss', TYPE.float, fieldBytes(5, { float: number }), { plugin });
    const { runs } = await read([
      { step: 1, values: [value(0.5, 'scalars')] },
      { step: 2, values: [value(0.25)] },
    ]);
    assert.deepEqual(metricRows(runs[0]), [
      [1, { loss: 0.5 }],
      [2, { loss: 0.25 }],
    ]);
  });

  it('with tensors of every kind of number, listed or raw', async () => {
    const cases: readonly (readonly [string, number, Uint8Array, number])[] = [
      ['raw float', TYPE.float, content((view) => view.setFloat32(0, 1.5, true), 4), 1.5],
      ['doubles', TYPE.double, fieldBytes(6, { double: 1e-300 }), 1e-300],
      ['raw double', TYPE.double, content((view) => view.setFloat64(0, Math.PI, true), 8), Math.PI],
      ['int', TYPE.int32, fieldBytes(7, { varint: 12 }), 12],
      ['negative int', TYPE.int32, fieldBytes(7, { varint: -1 }), -1],
      ['packed negative', TYPE.int64, fieldBytes(10, { bytes: varintBytes(-5) }), -5],
      ['raw int64', TYPE.int64, content((view) => view.setBigInt64(0, -7n, true), 8), -7],
      ['bool', TYPE.bool, fieldBytes(11, { varint: 1 }), 1],
      ['half', TYPE.half, fieldBytes(13, { varint: 0xc100 }), -2.5],
      ['small half', TYPE.half, content((view) => view.setUint16(0, 1, true), 2), 2 ** -24],
      ['infinite half', TYPE.half, fieldBytes(13, { varint: 0xfc00 }), -Infinity],
      ['bfloat16', TYPE.bfloat16, fieldBytes(13, { varint: 0x3fc0 }), 1.5],
      ['uint64', 23, fieldBytes(17, { varint: 2n ** 63n }), 2 ** 63],
      ['uint8', 4, content((view) => view.setUint8(0, 200), 1), 200],
      ['zero, which has no bytes', TYPE.float, new Uint8Array(0), 0],
    ];
    for (const [name, type, tensor, expected] of cases) {
      assert.deepEqual(await valuesOf(tensorValue(name, type, tensor)), { [name]: expected }, name);
    }
    const one = joinBytes(shape(1, 1), fieldBytes(5, { bytes: fieldBytes(0, { float: 2 }).slice(1) }));
    assert.deepEqual(
      await valuesOf(tensorValue('one', TYPE.float, one)),
      { one: 2 },
      'one element of rank 2',
    );
  });

  it('makes no number of a histogram, a picture or a list', async () => {
    const number = fieldBytes(5, { float: 1 });
    for (const value of [
      tensorValue('weights', TYPE.float, number, { plugin: 'histograms' }),
      tensorValue('list', TYPE.float, joinBytes(shape(2), number, number), { plugin: 'scalars' }),
      tensorValue('empty', TYPE.float, shape(0), { plugin: 'scalars' }),
      tensorValue('complex', 8, new Uint8Array(0)),
      messageBytes([1, { bytes: 'old histogram' }], [5, { bytes: messageBytes([1, { double: 1 }]) }]),
      messageBytes([1, { bytes: 'picture' }], [4, { bytes: messageBytes([1, { varint: 8 }]) }]),
    ]) {
      assert.deepEqual(await valuesOf(value), {});
    }
  });

  it('keeps texts apart', async () => {
    const texts = joinBytes(
      shape(2),
      fieldBytes(8, { bytes: 'first' }),
      fieldBytes(8, { bytes: 'zweitens ä' }),
    );
    const { runs } = await read([
      { step: 4, values: [tensorValue('notes', TYPE.string, texts, { plugin: 'text' })] },
    ]);
    assert.deepEqual(runs[0]?.texts.get('notes'), ['first', 'zweitens ä']);
    assert.equal(runs[0].series.size, 0);
  });

  it('names the step from which on a restarted writer voids what is there', async () => {
    const values = [simpleValue('a', 1)];
    const { runs } = await read([
      { step: 1, values },
      { step: 2, values },
      { step: 2, session: 1 },
      { step: 2, values },
      { step: 3, session: 2 },
    ]);
    assert.deepEqual(runs[0]?.breaks, [{ kind: 'purge', step: 2, row: 2 }]);
  });

  it('in pieces of any size are the same', async () => {
    const bytes = eventFile([
      VERSION,
      ...Array.from({ length: 40 }, (_, step) => ({
        step,
        values: [simpleValue('a', step), simpleValue(`tag ${step % 3}`, step / 2)],
      })),
      { step: 40, values: [tensorValue('text', TYPE.string, fieldBytes(8, { bytes: 'x'.repeat(5000) }))] },
      { step: 41, values: [simpleValue('a', 41)] },
    ]);
    const whole = await readMetrics(tensorboardReader, bytes);
    assert.equal(whole.runs[0]?.rowCount, 42);
    for (const piece of [1, 2, 11, 12, 13, 100, 4096]) {
      const parts = await readMetrics(tensorboardReader, bytes, { piece });
      assert.deepEqual(metricRows(parts.runs[0]), metricRows(whole.runs[0]), `${piece}`);
      assert.deepEqual(parts.runs[0]?.starts, whole.runs[0].starts);
      assert.deepEqual(parts.runs[0].texts, whole.runs[0].texts);
      assert.deepEqual(parts.damages, []);
    }
  });

  it('are told from other files', () => {
    const bytes = eventFile([VERSION]);
    assert.equal(sniffMetrics(tensorboardReader, 'runs/a/events.out.tfevents.1.node01', bytes), 1);
    assert.equal(sniffMetrics(tensorboardReader, 'copy.bin', bytes), 1, 'by its content alone');
    assert.equal(
      sniffMetrics(tensorboardReader, 'data.tfrecord', eventFile([{ step: 1 }])),
      0,
      'records of others',
    );
    assert.equal(
      sniffMetrics(tensorboardReader, 'events.out.tfevents.1.node01', ''),
      0.5,
      'nothing there yet',
    );
    assert.equal(sniffMetrics(tensorboardReader, 'train.log', 'step:1 - a:1\nstep:2 - a:2\n'), 0);
  });
});
