import assert from 'node:assert/strict';
import { joinBytes } from '../../src/common/copyBytes';
import { crc32 } from '../../src/files/metricCodecs';
import type { RawRuns } from '../../src/metrics/rawRun';
import type { MetricFormatId } from '../../src/readers/metrics/metricReader';
import { metricReaderOf } from '../../src/readers/metrics/metricRegistry';
import { seeded } from './mutations';
import { readMetrics } from './readMetrics';
import { eventBytes, simpleValue, tfRecord } from './tfEvents';
import { history, item, wandbFile } from './wandbRun';

/*
 * Files of metrics whose every row is known without any reader, and what must hold when they are cut or flipped: nothing
 * is thrown, every row that the damage leaves alone is read, and a cut invents no number.
 */

/** A row with the bytes that it needs: `[start, end)`, its line end included. */
interface KnownRow {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** A file whose rows are known. */
export interface KnownFile {
  readonly format: MetricFormatId;
  readonly bytes: Uint8Array;
  readonly rows: readonly KnownRow[];
  /** Bytes from the beginning whose damage costs everything behind them, such as the names of a table's columns. */
  readonly head: number;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

const valuesAt = (step: number): Record<string, number> => ({
  'critic/score/mean': Math.fround(Math.sin(step)),
  'agent/tool_call_mean': Math.fround(1.25 + step / 8),
  'response_length/mean': 200 + step,
});

/** Puts a file together from what stands in front, between and behind its rows. */
function fileOf(
  format: MetricFormatId,
  count: number,
  row: (step: number, values: Readonly<Record<string, number>>) => Uint8Array,
  { head = text(''), between = text(''), tail = text(''), noise = (_: number) => text('') } = {},
): KnownFile {
  const pieces: Uint8Array[] = [head];
  const rows: KnownRow[] = [];
  let at = head.length;
  const add = (bytes: Uint8Array): void => {
    pieces.push(bytes);
    at += bytes.length;
  };
  for (let step = 1; step <= count; step++) {
    if (step > 1) add(between);
    add(noise(step));
    const start = at;
    add(row(step, valuesAt(step)));
    rows.push({ start, end: at, step, values: valuesAt(step) });
  }
  add(tail);
  return { format, bytes: joinBytes(pieces), rows, head: head.length };
}

const lines = (
  format: MetricFormatId,
  count: number,
  line: (step: number, values: Readonly<Record<string, number>>) => string,
): KnownFile => fileOf(format, count, (step, values) => text(`${line(step, values)}\n`));

function wandb(count: number): KnownFile {
  const records = Array.from({ length: count }, (_, at) =>
    history(
      item(['_step'], `${at + 1}`),
      ...Object.entries(valuesAt(at + 1)).map(([key, value]) => item(key.split('/'), JSON.stringify(value))),
      item(['note'], JSON.stringify('x'.repeat((at * 37) % 400))),
    ),
  );
  const ends = records.map((_, at) => wandbFile(records.slice(0, at + 1)).length);
  const rows = ends.map((end, at) => ({
    start: ends[at - 1] ?? 7,
    end,
    step: at + 1,
    // W&B's own way to join the names of a dictionary.
    values: Object.fromEntries(
      Object.entries(valuesAt(at + 1)).map(([key, value]) => [key.replaceAll('/', '.'), value]),
    ),
  }));
  return { format: 'wandb', bytes: wandbFile(records), rows, head: 7 };
}

/** One file of each format that is no database, with so many rows. */
export const KNOWN_FILES: Readonly<Record<string, (rows: number) => KnownFile>> = {
  'TensorBoard events': (rows) =>
    fileOf(
      'tensorboard',
      rows,
      (step, values) =>
        tfRecord(
          eventBytes({
            step,
            wallTime: 1e9 + step,
            values: Object.entries(values).map(([key, value]) => simpleValue(key, value)),
          }),
        ),
      { head: tfRecord(eventBytes({ wallTime: 1e9, fileVersion: 'brain.Event:2' })) },
    ),
  'W&B run': wandb,
  'verl console': (rows) =>
    fileOf(
      'verl-console',
      rows,
      (step, values) =>
        text(
          `\u001b[36m(TaskRunner pid=9)\u001b[0m step:${step} - ${Object.entries(values)
            .map(([key, value], at) => `${key}:${at === 0 ? `np.float64(${value})` : value}`)
            .join(' - ')}\n`,
        ),
      { noise: (step) => text(step % 3 === 0 ? '(WorkerDict pid=3) ünïcode progress 10%|#\r20%|##\n' : '') },
    ),
  'verl file logger': (rows) =>
    lines('verl-file-logger', rows, (step, data) => JSON.stringify({ step, data })),
  'JSON lines': (rows) => lines('metrics-jsonl', rows, (step, values) => JSON.stringify({ step, ...values })),
  'ms-swift': (rows) =>
    lines('swift-logging', rows, (step, values) =>
      JSON.stringify({ ...values, 'global_step/max_steps': `${step}/${rows}` }),
    ),
  CSV: (rows) =>
    fileOf('csv', rows, (step, values) => text(`${[step, ...Object.values(values)].join(',')}\r\n`), {
      head: text(`step,${Object.keys(valuesAt(0)).join(',')}\r\n`),
    }),
  'trainer state': (rows) =>
    fileOf(
      'trainer-state',
      rows,
      (step, values) => text(`    ${JSON.stringify({ ...values, step }, null, 1)}`),
      {
        head: text('{\n  "epoch": 2.5,\n  "log_history": [\n'),
        between: text(',\n'),
        tail: text('\n  ],\n  "max_steps": 500\n}\n'),
      },
    ),
  'curves as JSON': (rows) => ({
    ...fileOf('curves-json', rows, (step) => text(`[${step}, ${valuesAt(step)['critic/score/mean']}]`), {
      head: text('{"curves": {"critic/score/mean": ['),
      between: text(', '),
      tail: text(']}}\n'),
    }),
  }),
};

/** What of a row's values its format's file holds. */
function valuesOf({ format }: KnownFile, { values }: KnownRow): Readonly<Record<string, number>> {
  const score = values['critic/score/mean'] ?? NaN;
  return format === 'curves-json' ? { 'critic/score/mean': score } : values;
}

interface ReadRow {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

async function readRows(file: KnownFile, bytes: Uint8Array, piece: number): Promise<ReadRow[]> {
  const reader = metricReaderOf(file.format);
  assert.ok(reader);
  const codecs = { crc32, openSqlite: () => Promise.reject(new Error('This reader needs no database.')) };
  return rowsOf(await readMetrics(reader, bytes, { piece, codecs }));
}

function rowsOf({ runs }: RawRuns): ReadRow[] {
  return runs.flatMap((run) => {
    const rows = Array.from({ length: run.rowCount }, (_, at) => ({
      step: run.steps.at(at),
      values: {} as Record<string, number>,
    }));
    for (const [key, { rows: places, values }] of run.series)
      for (let at = 0; at < places.length; at++) {
        const row = rows[places.at(at)];
        if (row) row.values[key] = values.at(at);
      }
    return rows;
  });
}

/** A file cut after `length` bytes: all whole rows, and of the next one nothing that does not stand in the file. */
export async function checkCut(file: KnownFile, length: number, piece: number): Promise<void> {
  const read = await readRows(file, file.bytes.slice(0, length), piece);
  const whole = file.rows.filter(({ end }) => end <= length);
  const where = `${file.format} cut at ${length}`;
  assert.ok(read.length >= whole.length, `${where}: ${read.length} of ${whole.length} rows`);
  for (const [at, { step, values }] of read.entries()) {
    const known = file.rows[at];
    assert.ok(known, `${where}: a row too many`);
    const expected = valuesOf(file, known);
    if (at < whole.length) assert.deepEqual({ step, values }, { step: known.step, values: expected }, where);
    else for (const [key, value] of Object.entries(values)) assert.equal(value, expected[key], where);
  }
  assert.ok(read.length <= whole.length + 1, `${where}: ${read.length} rows`);
}

/** A file with flipped bits, perhaps cut as well: every row that no flip touches is read, in order. */
export async function checkFlips(
  file: KnownFile,
  flips: readonly (readonly [place: number, bit: number])[],
  length: number,
  piece: number,
): Promise<void> {
  const bytes = file.bytes.slice(0, length);
  for (const [place, bit] of flips) {
    if (place < length) bytes[place] = (bytes[place] as number) ^ (1 << bit);
  }
  const read = await readRows(file, bytes, piece);
  const touched = flips.map(([place]) => place).filter((place) => place < length);
  if (touched.some((place) => place < file.head) || touched.some((place) => opensQuote(file, bytes, place)))
    return;
  const intact = file.rows.filter(
    ({ start, end }) =>
      end <= length &&
      // A line feed in front of a row belongs to the row before, and is part of what ends it.
      !touched.some((place) => place >= start - 1 && place <= end),
  );
  let at = 0;
  for (const row of intact) {
    const expected = valuesOf(file, row);
    const found = read.findIndex(
      ({ step, values }, index) =>
        index >= at &&
        step === row.step &&
        Object.keys(expected).every((key) => values[key] === expected[key]),
    );
    assert.ok(
      found >= 0,
      `${file.format}, flips ${JSON.stringify(flips)}, cut at ${length}: row ${row.step} lost`,
    );
    at = found + 1;
  }
}

/** A quote in a table makes one cell of everything up to the next one. */
function opensQuote({ format }: KnownFile, bytes: Uint8Array, place: number): boolean {
  return format === 'csv' && bytes[place] === 0x22;
}

/** So many random cuts and flips, the same for the same seed. */
export async function checkRandomDamage(file: KnownFile, rounds: number, seed: number): Promise<void> {
  const random = seeded(seed);
  for (let round = 0; round < rounds; round++) {
    const piece = 1 + random(5000);
    const isCut = random(3) === 0;
    const length = isCut ? random(file.bytes.length + 1) : file.bytes.length;
    const count = random(5);
    if (count === 0) await checkCut(file, length, piece);
    else {
      const flips = Array.from({ length: count }, () => [random(file.bytes.length), random(8)] as const);
      await checkFlips(file, flips, length, piece);
    }
  }
}
