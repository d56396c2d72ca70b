import type { ByteSource } from '../common/byteSource';
import type { JsonRecord } from '../readers/fields';
import type { InnerRecord, TrajectoryReader } from '../readers/reader';
import type { OpenFile } from './fileSource';
import { allocateBytes } from './fileSource';
import type { Indexer } from './indexClient';
import { JsonListScanner, type Span } from './jsonListScanner';
import type { IndexEnd } from './lineIndexer';
import { MAX_RECORD_BYTES } from './lineWindow';
import { parseLine } from './readRecord';
import type { RecordPart, RecordTable, Tail } from './recordTable';

const CHUNK_BYTES = 1 << 20;
/** Larger fields beside the list are left out of the head, in bytes; all of them together may have four times as many. */
const FIELD_BYTES = 4 * 2 ** 20;

/**
 * The entries of a list in the one JSON object that a file is. Such a file is written anew as a whole: another object is
 * made for a later state. Of a file that was cut off, the entries that are whole are there.
 */
export class ListTable implements RecordTable {
  private scanner: JsonListScanner;
  private looked = 0;
  private perEntry = 1;
  private tail: Span | undefined;
  private headFields: JsonRecord = {};
  private kept: { readonly start: number; readonly part: RecordPart } | undefined;

  constructor(private readonly reader: TrajectoryReader) {
    this.scanner = new JsonListScanner(reader.listName ?? '');
  }

  get count(): number {
    return (this.scanner.starts.length + (this.tail ? 1 : 0)) * this.perEntry;
  }

  get end(): number {
    return this.looked;
  }

  async extend(
    file: OpenFile,
    _indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd> {
    const scanner = new JsonListScanner(this.reader.listName ?? '');
    // One byte more than the file has, so that its end is seen at the first read.
    const buffer = allocateBytes(Math.min(CHUNK_BYTES, (await file.size()) + 1));
    for (let got = buffer.length; got === buffer.length && !scanner.isClosed;) {
      got = await file.readInto(buffer, scanner.scanned);
      if (signal.aborted) break;
      scanner.push(buffer.subarray(0, got));
      onProgress(scanner.scanned);
    }
    const size = Math.max(await file.size(), scanner.scanned);
    this.scanner = scanner;
    this.tail = undefined;
    this.kept = undefined;
    this.headFields = await readFields(file, scanner);
    this.perEntry = Math.max(0, this.reader.recordsOfEntry?.(this.headFields) ?? 1);
    if (scanner.isClosed) {
      this.looked = size;
      return { end: size, size, openRecord: -1 };
    }
    this.looked = scanner.ends.at(-1) ?? 0;
    return { end: this.looked, size, openRecord: scanner.openEntry >= 0 ? scanner.openEntry : this.looked };
  }

  setTail(tail?: Tail): void {
    const isEntry = tail !== undefined && tail.start === this.scanner.openEntry;
    this.tail = isEntry ? { start: tail.start, end: tail.end } : undefined;
    this.kept = undefined;
  }

  async lines(file: ByteSource, record: number): Promise<readonly RecordPart[]> {
    if (record < 0 || record >= this.count) return [];
    const at = Math.floor(record / this.perEntry);
    const start = this.scanner.starts[at] ?? this.tail?.start ?? 0;
    const end = this.scanner.ends[at] ?? this.tail?.end ?? 0;
    if (this.kept?.start !== start) this.kept = { start, part: await readEntry(file, { start, end }) };
    const { part } = this.kept;
    if (!('value' in part)) return [part];
    const value: InnerRecord = {
      head: this.headFields,
      entry: part.value,
      part: record % this.perEntry,
    };
    return [{ start, end, value }];
  }
}

async function readEntry(file: ByteSource, { start, end }: Span): Promise<RecordPart> {
  if (end - start > MAX_RECORD_BYTES) {
    const size = ((end - start) / 2 ** 20).toFixed(1);
    const problem = `The record has ${size} MiB and at most ${MAX_RECORD_BYTES / 2 ** 20} MiB are read (the record limit).`;
    return { start, end, problem };
  }
  const parsed = parseLine({ start, end, bytes: await file.read(start, end - start) });
  return 'problem' in parsed ? { start, end, problem: parsed.problem } : { start, end, value: parsed.value };
}

async function readFields(file: ByteSource, { fields }: JsonListScanner): Promise<JsonRecord> {
  const found: [string, unknown][] = [];
  let left = 4 * FIELD_BYTES;
  for (const { name, start, end } of fields) {
    const bytes = end - start;
    if (bytes > FIELD_BYTES || bytes > left) continue;
    left -= bytes;
    const part = await readEntry(file, { start, end });
    if ('value' in part) found.push([name, part.value]);
  }
  return Object.fromEntries(found);
}
