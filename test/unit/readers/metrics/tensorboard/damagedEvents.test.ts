import assert from 'node:assert/strict';
import fc from 'fast-check';
import { crc32c, maskedCrc32c } from '../../../../../src/readers/metrics/tensorboard/crc32c';
import { tensorboardReader } from '../../../../../src/readers/metrics/tensorboard/tensorboard';
import { joinBytes } from '../../../../support/protobufBytes';
import { checkPropertyAsync } from '../../../../support/property';
import type { MetricRow } from '../../../../support/readMetrics';
import { metricRows, readMetrics } from '../../../../support/readMetrics';
import { eventBytes, simpleValue, tfRecord } from '../../../../support/tfEvents';

const ROWS = 60;
const RECORDS = Array.from({ length: ROWS }, (_, step) =>
  tfRecord(
    eventBytes({ step: step + 1, wallTime: 1.7e9 + step, values: [simpleValue(`tag ${step % 4}`, step)] }),
  ),
);
const FILE = joinBytes(...RECORDS);
const STARTS = RECORDS.reduce<number[]>(
  (starts, { length }) => [...starts, (starts.at(-1) ?? 0) + length],
  [0],
);

const steps = (rows: readonly MetricRow[]): (number | undefined)[] => rows.map(([step]) => step);
const read = async (
  bytes: Uint8Array,
  piece?: number,
): Promise<{ readonly rows: MetricRow[]; readonly reasons: string[] }> => {
  const { runs, damages } = await readMetrics(tensorboardReader, bytes, piece === undefined ? {} : { piece });
  return { rows: metricRows(runs[0]), reasons: damages.map(({ reason }) => reason) };
};
const flipped = (at: number, bit: number): Uint8Array => {
  const bytes = FILE.slice();
  bytes[at] = (bytes[at] as number) ^ (1 << bit);
  return bytes;
};

describe('the checksum of events', () => {
  it('is CRC-32C, masked', () => {
    const text = new TextEncoder().encode('CRC test, one two');
    const bytes = joinBytes(Uint8Array.from([0x1a, text.length]), text);
    assert.equal(maskedCrc32c(bytes, 0, bytes.length), 0x5794d08a);
    assert.equal(crc32c(new TextEncoder().encode('123456789'), 0, 9), 0xe3069283);
    assert.equal(crc32c(bytes, 3, 3), 0);
  });
});

describe('a damaged event file', () => {
  it('loses the one event whose data are wrong', async () => {
    const at = (STARTS[20] as number) + 20;
    const { rows, reasons } = await read(flipped(at, 3));
    assert.deepEqual(
      steps(rows),
      Array.from({ length: ROWS }, (_, step) => step + 1).filter((step) => step !== 21),
    );
    assert.deepEqual(reasons, ['The checksum of this event is wrong.']);
  });

  it('goes on at the next event where a length is wrong', async () => {
    for (const place of [0, 3, 5, 9]) {
      const { runs, damages } = await readMetrics(
        tensorboardReader,
        flipped((STARTS[7] as number) + place, 6),
      );
      assert.equal(metricRows(runs[0]).length, ROWS - 1);
      assert.deepEqual(
        damages.map(({ start, end }) => [start, end]),
        [[STARTS[7], STARTS[8]]],
        'the place of the damage',
      );
    }
  });

  it('cut at any byte gives its whole events, and what is left is pending until the file has ended', async () => {
    for (let cut = 0; cut <= FILE.length; cut++) {
      const whole = STARTS.filter((start) => start <= cut).length - 1;
      const { rows, reasons } = await read(FILE.subarray(0, cut));
      assert.equal(rows.length, whole, `${cut}`);
      const isEdge = STARTS.includes(cut);
      assert.deepEqual(reasons, isEdge ? [] : ['The last event is cut off.'], `${cut}`);
    }
    const stream = tensorboardReader.start(
      {
        run() {},
        row() {},
        value() {},
        text() {},
        setting() {},
        break() {},
        state() {},
        damaged: assert.fail,
      },
      { file: 'test', codecs: { crc32: () => 0, openSqlite: () => Promise.reject(new Error('none')) } },
    );
    stream.write(FILE.subarray(0, (STARTS[3] as number) + 5));
    assert.equal(stream.pending, 5);
    stream.write(FILE.subarray((STARTS[3] as number) + 5));
    assert.equal(stream.pending, 0);
  });

  it('that ends in zeros, as a crash leaves it, keeps its events, and takes those that are added behind', async () => {
    const zeros = new Uint8Array(4096);
    const { rows, reasons } = await read(joinBytes(FILE, zeros, RECORDS[0] as Uint8Array), 1000);
    assert.deepEqual(steps(rows).slice(-2), [ROWS, 1]);
    assert.deepEqual(reasons, ['There are no events here: the bytes are damaged.']);
    assert.equal((await read(joinBytes(FILE, zeros))).rows.length, ROWS);
  });

  it('with random flips and a random cut: nothing is thrown, and every intact event is read', async () => {
    const at = fc.nat({ max: FILE.length - 1 });
    await checkPropertyAsync(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.nat({ max: 7 })), { maxLength: 6 }),
        fc.option(at, { nil: FILE.length }),
        fc.integer({ min: 1, max: 700 }),
        async (flips, cut, piece) => {
          const bytes = FILE.slice(0, cut);
          for (const [place, bit] of flips) {
            if (place < cut) bytes[place] = (bytes[place] as number) ^ (1 << bit);
          }
          const intact = RECORDS.flatMap((record, index) => {
            const [start, end] = [STARTS[index] as number, STARTS[index + 1] as number];
            return Buffer.compare(record, bytes.subarray(start, end)) === 0 ? [index + 1] : [];
          });
          assert.deepEqual(steps((await read(bytes, piece)).rows), intact);
        },
      ),
      { numRuns: 300 },
    );
  });
});
