import assert from 'node:assert/strict';
import {
  appendFileSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { StreamedLog } from '../../../src/dynamics/streamedLog';
import { nodeMetricCodecs } from '../../../src/files/metricCodecs';
import { metricsJsonlReader } from '../../../src/readers/metrics/metricsJsonl';
import { metricRows, readMetrics, type MetricRow } from '../../support/readMetrics';
import { propertySeed } from '../../support/property';
import { ScratchFolder } from '../../support/scratchFolder';
import { WRITTEN_FORMATS, type WrittenFormat, type WrittenRow } from './support/writtenLogs';

const look = { signal: new AbortController().signal, isFollowed: true };

const rowsOf = (log: StreamedLog): MetricRow[] => log.told.runs.flatMap((run) => metricRows(run));

/** Steps and scores alone; what else a row has is not of interest. */
const pointsOf = (log: StreamedLog): (readonly [number | undefined, number | undefined])[] =>
  rowsOf(log).flatMap(([step, values]) => ('score' in values ? [[step, values['score']] as const] : []));

const counts = { append: 0, truncate: 0, rotate: 0, replace: 0, restart: 0 };

/** A writer that appends, is cut off, is rotated away and replaced, in an order that its seed tells. */
class RandomWriter {
  private rows: WrittenRow[] = [];
  private written = 0;
  private nextScore = 0;

  constructor(
    private readonly format: WrittenFormat,
    private readonly file: string,
    private readonly random: () => number,
  ) {
    writeFileSync(file, '');
    this.append();
  }

  act(): void {
    const dice = this.random();
    if (dice < 0.86) return this.append();
    if (dice < 0.9) return this.truncate();
    if (dice < 0.93) return this.anew('rotate', () => renameSync(this.file, `${this.file}.1`));
    if (dice < 0.96) return this.anew('replace', () => rmSync(this.file));
    this.anew('restart', () => truncateSync(this.file, 0));
  }

  /** Writes what was held back of the last row; what there is then. */
  complete(): readonly (readonly [number, number])[] {
    const content = this.format.content(this.rows);
    appendFileSync(this.file, content.subarray(this.written));
    this.written = content.length;
    return this.rows.map(({ step, score }) => [step, score]);
  }

  private append(): void {
    counts.append++;
    const count = Math.floor(this.random() * 4);
    for (let row = 0; row < count; row++) this.rows.push({ step: this.rows.length, score: this.nextScore++ });
    const content = this.format.content(this.rows);
    // Anywhere, also within a row.
    const end = this.written + Math.floor(this.random() * (content.length - this.written + 1));
    appendFileSync(this.file, content.subarray(this.written, end));
    this.written = end;
  }

  private truncate(): void {
    counts.truncate++;
    this.rows.length = Math.floor(this.random() * (this.rows.length + 1));
    const content = this.format.content(this.rows);
    this.written = Math.min(this.written, content.length);
    truncateSync(this.file, this.written);
  }

  /** Another file under the name; it may soon be longer than the one before. */
  private anew(how: 'rotate' | 'replace' | 'restart', begin: () => void): void {
    counts[how]++;
    begin();
    this.written = 0;
    this.rows = [];
    const count = Math.floor(this.random() * 40);
    for (let row = 0; row < count; row++) this.rows.push({ step: row, score: this.nextScore++ });
    writeFileSync(this.file, '');
    this.complete();
  }
}

/** The generator "mulberry32". */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a file of metrics that grows', () => {
  const scratch = new ScratchFolder();
  after(() => scratch.remove());

  for (const format of WRITTEN_FORMATS) {
    it(`loses and doubles nothing: ${format.reader.format}`, async () => {
      const seed = propertySeed();
      process.stdout.write(`[seed ${seed}]`);
      const random = randomOf(seed);
      const file = path.join(scratch.path, format.name);
      const writer = new RandomWriter(format, file, random);
      const log = new StreamedLog(file, format.reader);
      let looks = 0;
      for (let step = 0; step < 150; step++) {
        writer.act();
        if (random() < 0.6) continue;
        looks++;
        await log.look(look);
        const whole = await readMetrics(format.reader, Uint8Array.from(readFileSync(file)), {
          codecs: nodeMetricCodecs,
          finish: false,
        });
        assert.deepEqual(
          rowsOf(log),
          whole.runs.flatMap((run) => metricRows(run)),
          `after ${step}`,
        );
        assert.deepEqual(log.told.damages, whole.damages);
        assert.equal(log.failure, undefined);
        if (random() < 0.5) continue;
        const expected = writer.complete();
        await log.look(look);
        assert.deepEqual(pointsOf(log), expected, `after ${step}, complete`);
        assert.equal(await log.look(look), false);
      }
      assert.ok(looks > 20);
    });
  }

  it('was cut off and replaced in every way, and more than a thousand times in all', () => {
    assert.ok(Object.values(counts).reduce((sum, count) => sum + count) >= 1000);
    for (const count of Object.values(counts)) assert.ok(count > 5, JSON.stringify(counts));
  });

  it('reads each byte once', async () => {
    const file = path.join(scratch.path, 'once.jsonl');
    const taken: number[] = [];
    const counting = {
      ...metricsJsonlReader,
      start: (...args: Parameters<typeof metricsJsonlReader.start>) => {
        const stream = metricsJsonlReader.start(...args);
        return {
          write: (chunk: Uint8Array) => {
            taken.push(chunk.length);
            stream.write(chunk);
          },
          get pending() {
            return stream.pending;
          },
          finish: () => stream.finish(),
        };
      },
    };
    const row = (step: number): string => `${JSON.stringify({ step, score: step })}\n`;
    writeFileSync(file, row(0));
    const log = new StreamedLog(file, counting);
    for (let step = 1; step < 50; step++) {
      await log.look(look);
      appendFileSync(file, row(step));
    }
    await log.look(look);
    assert.equal(
      taken.reduce((sum, length) => sum + length, 0),
      readFileSync(file).length,
    );
    assert.equal(pointsOf(log).length, 50);
  });

  it('keeps what it has of a file that is gone or shut, and says so', async () => {
    const file = path.join(scratch.path, 'gone.jsonl');
    const log = new StreamedLog(file, metricsJsonlReader);
    assert.equal(await log.look(look), true);
    assert.match(log.failure ?? '', /^There is no file/);
    writeFileSync(file, '{"step":1,"score":2}\n');
    assert.equal(await log.look(look), true);
    assert.equal(log.failure, undefined);
    rmSync(file);
    assert.equal(await log.look(look), true);
    assert.match(log.failure ?? '', /no longer there/);
    assert.deepEqual(pointsOf(log), [[1, 2]]);
    assert.equal(await log.look(look), false);
  });

  it('takes a last row without a line end once nobody writes any more, and reads again should it go on', async () => {
    const file = path.join(scratch.path, 'torn.jsonl');
    writeFileSync(file, '{"step":1,"score":2}\n{"step":2,"score":3}');
    let now = Date.now();
    const log = new StreamedLog(file, metricsJsonlReader, () => now);
    await log.look(look);
    assert.deepEqual(pointsOf(log), [[1, 2]]);
    now += 61_000;
    assert.equal(await log.look(look), true);
    assert.deepEqual(pointsOf(log), [
      [1, 2],
      [2, 3],
    ]);
    appendFileSync(file, '\n{"step":3,"sc');
    await log.look(look);
    assert.deepEqual(pointsOf(log), [
      [1, 2],
      [2, 3],
    ]);
    now += 61_000;
    await log.look(look);
    assert.deepEqual(pointsOf(log), [
      [1, 2],
      [2, 3],
    ]);
    assert.deepEqual(log.told.damages, []);
    const unfollowed = new StreamedLog(file, metricsJsonlReader);
    await unfollowed.look({ ...look, isFollowed: false });
    assert.deepEqual(unfollowed.told.damages, []);
  });

  it('sees that a file of the same length and name is another one', async () => {
    const file = path.join(scratch.path, 'same.jsonl');
    const text = (score: number): string => `{"step":1,"score":${score}}\n`;
    writeFileSync(file, text(1));
    const log = new StreamedLog(file, metricsJsonlReader);
    await log.look(look);
    writeFileSync(file, text(2));
    utimesSync(file, 1, 1);
    assert.equal(await log.look(look), true);
    assert.deepEqual(pointsOf(log), [[1, 2]]);
  });
});
