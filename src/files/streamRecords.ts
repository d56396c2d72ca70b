import { ImcotError } from '../common/errors';
import { LineScanner } from '../common/lineScanner';
import type { RecordResult, TrajectoryReader } from '../readers/reader';
import { READERS } from '../readers/registry';
import { rowsOfLine } from './columnTable';
import type { OpenFile } from './fileSource';
import { FileSource } from './fileSource';
import { InProcessIndexer } from './indexClient';
import { wholeTail } from './lastLine';
import { LineWindow, MAX_RECORD_BYTES, type LineRead } from './lineWindow';
import { KeptGroups } from './parquet/parquetTable';
import { ReadAhead } from './readAhead';
import { readRecord } from './readRecord';
import type { RecordPart } from './recordTable';
import { resolveFiles } from './resolveFiles';
import { sniffLog } from './sniffFile';
import { tableOf } from './tableOf';

/** Larger than for indexing: a line that crosses the edge of a chunk is read once more. */
const STREAM_BYTES = 1 << 20;

/** Options of `streamRecords`. */
export interface StreamOptions {
  /** The formats to choose from; all by default. */
  readonly readers?: readonly TrajectoryReader[];
  /** Called when a file ends in bytes that are no whole record (yet): how many, from the last line end on. */
  readonly onIncompleteTail?: (file: string, bytes: number) => void;
  readonly signal?: AbortSignal;
  /** See `RecordContext.figuresOnly`. */
  readonly figuresOnly?: boolean;
  /** Positions of the records that are wanted, `[start, end)`, ascending; the others are passed over unread. All where absent. */
  readonly only?: readonly (readonly [start: number, end: number])[];
  /** How files are opened; for tests that let reading fail. */
  readonly openFile?: (file: string) => Promise<OpenFile>;
}

/**
 * All records of a log in order, in one pass and in memory that does not grow with the log. The same records as those
 * of `openTrajectorySource`, bad ones included.
 * @throws ImcotError with a sentence when the log can't be opened or read on; `cancelled` when the signal says so
 */
export async function* streamRecords(
  paths: string | readonly string[],
  options: StreamOptions = {},
): AsyncGenerator<RecordResult, void, void> {
  const { files } = await resolveFiles(paths);
  const open = options.openFile ?? ((file: string) => FileSource.open(file));
  const { figuresOnly = false, only } = options;
  const last = only ? (only.at(-1)?.[1] ?? 0) : Infinity;
  const { reader } = await sniffLog(files, options.readers ?? READERS, open);
  let index = 0;
  for (const name of files) {
    const file = await open(name);
    try {
      const records = recordsOf(reader, file, options);
      for await (const lines of records) {
        if (options.signal?.aborted) throw new ImcotError('cancelled', 'Reading was stopped.');
        if (index >= last) return;
        const at = index++;
        if (only && !only.some(([start, end]) => at >= start && at < end)) continue;
        yield readRecord(reader, lines, { file: name, index: at, figuresOnly });
      }
    } finally {
      await file.close();
    }
  }
}

function recordsOf(
  reader: TrajectoryReader,
  file: OpenFile,
  options: StreamOptions,
): AsyncGenerator<readonly RecordPart[], void, void> {
  switch (reader.layout) {
    case 'lines':
      return lineRecords(file, options);
    case 'columns':
      return columnRecords(file, options);
    case 'events':
    case 'parquet':
    case 'sections':
    case 'list':
    case 'archive':
      return tableRecords(file, reader, options);
  }
}

/** Rows of lines that are tables; the rows of one line are held at a time. */
async function* columnRecords(
  file: OpenFile,
  options: StreamOptions,
): AsyncGenerator<readonly RecordPart[], void, void> {
  for await (const lines of lineRecords(file, options)) {
    for (const line of lines) for (const row of rowsOfLine(line)) yield [row];
  }
}

/** Records of a file that is known by a table: of a Parquet file the rows of one row group are held at a time. */
async function* tableRecords(
  file: OpenFile,
  reader: TrajectoryReader,
  options: StreamOptions,
): AsyncGenerator<readonly RecordPart[], void, void> {
  const table = tableOf(reader, new KeptGroups());
  const signal = options.signal ?? new AbortController().signal;
  const { end, size, openRecord } = await table.extend(file, new InProcessIndexer(), signal, () => undefined);
  const tail = await wholeTail(file, openRecord, size);
  if (tail) table.setTail(tail);
  else if (openRecord >= 0 && size > end) options.onIncompleteTail?.(file.name, size - end);
  for (let record = 0; record < table.count; record++)
    yield await table.lines(file, record, options.figuresOnly !== true);
}

type Lines = readonly LineRead[];

/**
 * Every line of a file that is not blank, as it comes; the last one where it is whole, with or without a line end. Its
 * bytes are good until the next one is asked for.
 */
export async function* lineRecords(
  file: OpenFile,
  options: Pick<StreamOptions, 'onIncompleteTail'>,
): AsyncGenerator<Lines, void, void> {
  const window = new LineWindow();
  const mark = await file.read(0, 3);
  const offset = mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf ? 3 : 0;
  const scanner = new LineScanner(offset);
  const chunks = new ReadAhead((target, at) => file.readInto(target, at), offset, STREAM_BYTES);
  try {
    for (;;) {
      const base = scanner.scanned;
      const chunk = await chunks.next();
      if (chunk.length === 0) break;
      const found: { readonly start: number; readonly end: number }[] = [];
      scanner.push(chunk, (start, end) => found.push({ start, end }));
      for (const { start, end } of found) {
        const inside = start >= base && end - start <= MAX_RECORD_BYTES;
        yield [
          inside
            ? { start, end, bytes: chunk.subarray(start - base, end - base) }
            : await window.line(file, start, end + 1),
        ];
      }
    }
  } finally {
    await chunks.settle();
  }
  const tail = await wholeTail(file, scanner.openRecord, scanner.scanned);
  if (tail) yield [tail];
  else if (scanner.openRecord >= 0)
    options.onIncompleteTail?.(file.name, scanner.scanned - scanner.lineStart);
}
