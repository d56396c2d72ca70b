import { throwIfCancelled } from '../common/cancel';
import { decodeUtf8 } from '../common/json';
import type { MetricSink } from '../metrics/metricSink';
import type { FolderMetricReader, MetricReader, MetricSniff } from '../readers/metrics/metricReader';
import { FOLDER_METRIC_READERS, metricReaderOf, sniffMetrics } from '../readers/metrics/metricRegistry';
import { FileSource } from './fileSource';
import { nodeMetricCodecs } from './metricCodecs';
import { databaseFormat } from './metricDatabase';
import { folderOf } from './metricFolder';
import { ReadAhead } from './readAhead';

/** Bytes that are looked at to tell what a file is. */
const HEAD_BYTES = 64 * 1024;
/** Bytes of a piece: what is held of a file, however large it is, besides the values found in it. */
const PIECE_BYTES = 1 << 20;

/** A reader of one file, or of the folder that a file marks. */
export type AnyMetricReader = MetricReader | FolderMetricReader;

/**
 * Tells by its first 64 KiB which reader reads a file of metrics; a database by its tables. Undefined for every other
 * file.
 * @throws ImcotError when the file can't be opened or read
 */
export async function sniffMetricFile(file: string): Promise<AnyMetricReader | undefined> {
  const source = await FileSource.open(file);
  let head: Uint8Array;
  try {
    head = await source.read(0, HEAD_BYTES);
  } finally {
    await source.close();
  }
  const input = { path: file.replaceAll('\\', '/'), head, lines: completeLines(head) };
  const found = surestFolderReader(input) ?? sniffMetrics(input);
  if (found?.format !== 'mlflow-sqlite' && found?.format !== 'trackio') return found;
  // All databases begin alike.
  const format = await databaseFormat(file);
  return format && metricReaderOf(format);
}

function surestFolderReader(input: MetricSniff): FolderMetricReader | undefined {
  return FOLDER_METRIC_READERS.find((reader) => reader.sniff(input) > 0);
}

function completeLines(head: Uint8Array): string[] {
  if (head.includes(0)) return [];
  const lines = decodeUtf8(head).split('\n').slice(0, -1);
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

/** What a caller hears while a file is read. */
export interface ReadMetricOptions {
  readonly signal?: AbortSignal;
  /** Bytes read so far, and the size of the file when it was opened. */
  readonly onProgress?: (read: number, size: number) => void;
  /** All bytes were read; the last so many are no whole record yet. What is `damaged` from now on is about them. */
  readonly onTail?: (bytes: number) => void;
}

/**
 * Reads a file of metrics from its first byte to its last, in memory that does not grow with its size.
 * @param file its path; for a folder's reader the file that marks the folder
 * @throws ImcotError `cancelled`, or when the file can't be opened or read
 */
export async function readMetricFile(
  file: string,
  reader: AnyMetricReader,
  sink: MetricSink,
  { signal, onProgress, onTail }: ReadMetricOptions = {},
): Promise<void> {
  throwIfCancelled(signal);
  const context = { file, codecs: nodeMetricCodecs, ...(signal && { signal }) };
  if (reader.layout === 'folder') return reader.read(folderOf(file), sink, context);
  const source = await FileSource.open(file);
  const ahead = new ReadAhead((target, offset) => source.readInto(target, offset), 0, PIECE_BYTES);
  try {
    if (reader.layout === 'whole') return await reader.read(source, sink, context);
    const size = await source.size();
    const stream = reader.start(sink, context);
    let read = 0;
    for (;;) {
      const piece = await ahead.next();
      throwIfCancelled(signal);
      if (piece.length === 0) break;
      stream.write(piece);
      read += piece.length;
      onProgress?.(read, size);
    }
    if (stream.pending > 0) onTail?.(stream.pending);
    stream.finish();
  } finally {
    await ahead.settle();
    await source.close();
  }
}
