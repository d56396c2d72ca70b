import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BlockLog } from '../../../../../src/readers/metrics/wandb/blockLog';
import { wandbReader } from '../../../../../src/readers/metrics/wandb/wandb';
import { joinBytes } from '../../../../support/protobufBytes';
import { checkPropertyAsync } from '../../../../support/property';
import { metricRows, readMetrics } from '../../../../support/readMetrics';
import { history, item, WANDB_CODECS, wandbFile } from '../../../../support/wandbRun';

const BLOCK = 32768;

/** What a run file gives: its records by their first bytes and their places, and the places of damage. */
function records(
  bytes: Uint8Array,
  piece = bytes.length,
): { found: string[]; places: number[][]; lost: number[][] } {
  const found: string[] = [];
  const places: number[][] = [];
  const lost: number[][] = [];
  const log = new BlockLog((part) => WANDB_CODECS.crc32(part), {
    record: (data, from, to, start, end) => {
      found.push(Buffer.from(data.subarray(from, to)).toString('latin1'));
      places.push([start, end]);
    },
    damaged: (_reason, start, end) => lost.push([start, end]),
  });
  for (let at = 0; at < bytes.length; at += piece) log.write(bytes.subarray(at, at + piece));
  log.finish();
  return { found, places, lost };
}

const data = (index: number, length: number): Uint8Array => new Uint8Array(length).fill(65 + (index % 26));
const texts = (all: readonly Uint8Array[]): string[] =>
  all.map((part) => Buffer.from(part).toString('latin1'));

describe('the blocks of a W&B run', () => {
  it('hold records of any length, in pieces of any size', () => {
    const lengths = [0, 1, 100, 32754 - 122, 0, 32754, 32755, 32761, 32762, 0, 70000, 5, 100000, 32747, 3];
    const all = lengths.map((length, index) => data(index, length));
    const bytes = wandbFile(all);
    for (const piece of [bytes.length, 1, 6, 7, 1000, BLOCK]) {
      const { found, places, lost } = records(bytes, piece);
      assert.deepEqual(found, texts(all), `${piece}`);
      assert.deepEqual(lost, []);
      assert.deepEqual(places.at(-1)?.[1], bytes.length);
    }
  });

  it('that are damaged cost the records that the damage touches, and no others', () => {
    const all = Array.from({ length: 400 }, (_, index) => data(index, 300 + index));
    const bytes = wandbFile(all);
    const { places } = records(bytes);
    for (const [index, offset] of [
      [3, 0],
      [20, 4],
      [21, 5],
      [22, 6],
      [50, 100],
      [399, 8],
    ] as const) {
      const [start, end] = places[index] as [number, number];
      const damaged = bytes.slice();
      damaged[start + offset] = (damaged[start + offset] as number) ^ 0x55;
      const { found, lost } = records(damaged, 1000);
      assert.deepEqual(found, texts(all.filter((_, place) => place !== index)), `${index}`);
      assert.deepEqual(lost, [[start, end]]);
    }
  });

  it('that are gone in the middle of a long record cost this one', () => {
    const all = [data(0, 10), data(1, 3 * BLOCK), data(2, 20)];
    const bytes = wandbFile(all);
    bytes.fill(255, BLOCK, 2 * BLOCK);
    const { found, lost } = records(bytes, 500);
    assert.deepEqual(found, texts([data(0, 10), data(2, 20)]));
    assert.equal(lost.length, 1);
    assert.equal(lost[0]?.[0], 7 + 7 + 10, 'from where the record begins');
  });

  it('may end in zeros', () => {
    const all = [data(0, 10), data(1, 20)];
    const bytes = wandbFile(all);
    assert.deepEqual(records(joinBytes(bytes, new Uint8Array(500))), records(bytes));
    const whole = joinBytes(bytes, new Uint8Array(BLOCK - bytes.length));
    const next = wandbFile([data(2, 5)]).slice(7);
    assert.deepEqual(records(joinBytes(whole, next), 100).found, texts([...all, data(2, 5)]));
  });
});

describe('a W&B run that is cut or damaged', () => {
  const rows = Array.from({ length: 120 }, (_, index) =>
    history(item(['_step'], `${index}`), item(['text'], JSON.stringify('x'.repeat((index * 37) % 900)))),
  );
  const file = wandbFile(rows);
  const ends = records(file).places.map(([, end]) => end as number);
  const steps = async (bytes: Uint8Array, piece: number): Promise<(number | undefined)[]> =>
    metricRows((await readMetrics(wandbReader, bytes, { piece, codecs: WANDB_CODECS })).runs[0]).map(
      ([step]) => step,
    );

  it('is cut anywhere: whole records are read, and a live reader waits without a complaint', async () => {
    assert.ok(file.length > BLOCK, 'more than one block');
    for (let cut = 0; cut < file.length; cut += 97) {
      const part = file.subarray(0, cut);
      const whole = ends.filter((end) => end <= cut).length;
      const live = await readMetrics(wandbReader, part, { codecs: WANDB_CODECS, finish: false });
      assert.equal(live.runs[0]?.rowCount ?? 0, whole, `${cut}`);
      assert.deepEqual(live.damages, []);
      const ended = await readMetrics(wandbReader, part, { codecs: WANDB_CODECS });
      assert.equal(ended.runs[0]?.rowCount ?? 0, whole);
      assert.ok(ended.damages.length <= 1);
    }
  });

  it('knows how many bytes wait for their end', () => {
    const stream = wandbReader.start(
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
      { file: 'test', codecs: WANDB_CODECS },
    );
    const end = ends[40] as number;
    stream.write(file.subarray(0, end + 9));
    assert.equal(stream.pending, 9);
    stream.write(file.subarray(end + 9));
    assert.equal(stream.pending, 0);
  });

  it('has a length that points behind the end of the file: what follows it is read', async () => {
    const at = records(file).places[114]?.[0] as number;
    const bytes = file.slice(0, ends[118]);
    bytes[at + 5] = (bytes[at + 5] as number) | 0x10;
    assert.deepEqual(
      await steps(bytes, 500),
      [...rows.keys()].filter((index) => index < 119 && index !== 114),
    );
    const { lost } = records(bytes, 500);
    assert.deepEqual(lost, [[at, ends[114]]]);
  });

  it('with random flips and a random cut: nothing is thrown, and every intact record is read', async () => {
    const at = fc.nat({ max: file.length - 1 });
    const starts = records(file).places.map(([start]) => start as number);
    await checkPropertyAsync(
      fc.asyncProperty(
        fc.array(fc.tuple(at, fc.nat({ max: 7 })), { maxLength: 6 }),
        fc.option(at, { nil: file.length }),
        fc.integer({ min: 1, max: 5000 }),
        async (flips, cut, piece) => {
          const bytes = file.slice(0, cut);
          for (const [place, bit] of flips)
            if (place < cut) bytes[place] = (bytes[place] as number) ^ (1 << bit);
          const intact = starts.flatMap((start, index) => {
            const end = ends[index] as number;
            return Buffer.compare(file.subarray(start, end), bytes.subarray(start, end)) === 0 ? [index] : [];
          });
          assert.deepEqual(await steps(bytes, piece), intact);
        },
      ),
      { numRuns: 200 },
    );
  });
});
