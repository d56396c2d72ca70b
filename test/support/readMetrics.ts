import { memorySource } from '../../src/common/byteSource';
import type { NumberColumn } from '../../src/metrics/columns';
import { RawRuns } from '../../src/metrics/rawRun';
import type { RawRun } from '../../src/metrics/rawRun';
import type { MetricCodecs } from '../../src/readers/metrics/metricCodecs';
import type { MetricReader } from '../../src/readers/metrics/metricReader';

/** A row as tests write it down: its step and its values in the row's order. */
export type MetricRow = readonly [number | undefined, Readonly<Record<string, number>>];

const NO_CODECS: MetricCodecs = {
  crc32: () => {
    throw new Error('This reader needs no checksum.');
  },
  openSqlite: () => Promise.reject(new Error('This reader needs no database.')),
};

const toBytes = (content: string | Uint8Array): Uint8Array => Buffer.from(content) as Uint8Array;

/** Reads bytes as a file that has ended; a stream gets them in pieces of the given size. */
export async function readMetrics(
  reader: MetricReader,
  content: string | Uint8Array,
  { piece = Infinity, codecs = NO_CODECS, finish = true } = {},
): Promise<RawRuns> {
  const bytes = toBytes(content);
  const runs = new RawRuns();
  const context = { file: 'test.log', codecs };
  if (reader.layout === 'whole') {
    await reader.read(memorySource('test.log', bytes), runs, context);
    return runs;
  }
  const stream = reader.start(runs, context);
  const step = Math.min(piece, Math.max(1, bytes.length));
  for (let at = 0; at < bytes.length; at += step) stream.write(bytes.subarray(at, at + step));
  if (finish) stream.finish();
  return runs;
}

/** The numbers of a column, in order. */
export function numbersOf(column: NumberColumn): number[] {
  return Array.from({ length: column.length }, (_, index) => column.at(index));
}

/** The rows of a run as tests write them down. */
export function metricRows(run: RawRun | undefined): MetricRow[] {
  if (!run) return [];
  const rows = Array.from({ length: run.rowCount }, (): Record<string, number> => ({}));
  for (const [key, { rows: places, values }] of run.series) {
    for (let index = 0; index < places.length; index++) {
      const row = rows[places.at(index)];
      if (row) row[key] = values.at(index);
    }
  }
  return rows.map((values, index) => {
    const step = run.steps.at(index);
    return [Number.isNaN(step) ? undefined : step, values];
  });
}

/** How sure a reader is of a file. */
export function sniffMetrics(reader: MetricReader, path: string, content: string | Uint8Array): number {
  const head = toBytes(content).subarray(0, 65536);
  return reader.sniff({ path, head, lines: new TextDecoder().decode(head).split('\n').slice(0, -1) });
}
