import type { ByteSource } from '../common/byteSource';
import { LineIndex } from '../common/lineIndex';
import { LineScanner } from '../common/lineScanner';
import { LruCache } from '../common/lru';
import type { OpenFile } from './fileSource';
import type { Indexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { LineWindow, type LineRead } from './lineWindow';

/** A last line without a line feed that is a whole record already. */
export interface Tail {
  readonly start: number;
  readonly end: number;
  readonly bytes: Uint8Array;
}

/** A line, or a value that is a record (or part of one) already. The range says where in the file it stands. */
export type RecordPart = LineRead | { readonly start: number; readonly end: number; readonly value: unknown };

/** Which lines of one file (or rows, where it has none) make up which record. */
export interface RecordTable {
  /** Records known, a last one without line feed included. */
  readonly count: number;
  /** Offset right after the last terminated line that was looked at. */
  readonly end: number;
  /** Looks at everything behind `end`. A tail stays a record until its line has been looked at. */
  extend(
    file: OpenFile,
    indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd>;
  /** Takes the unterminated line behind `end` as (part of) a record, or, given nothing, forgets the one taken before. */
  setTail(tail?: Tail): void;
  /**
   * The lines (or the row) of a record, in file order; empty when there is no such record.
   * @param withPictures also what is only read for a record that is looked at: columns of pictures
   */
  lines(file: ByteSource, record: number, withPictures?: boolean): Promise<readonly RecordPart[]>;
}

/** Every line that holds anything is a record. */
export class LineTable implements RecordTable {
  private tail: { readonly start: number; readonly end: number } | undefined;
  private readonly window = new LineWindow();
  /** Starts of all records between two known ones, where the index is sparse. */
  private readonly stretches = new LruCache<number, Float64Array>(64);

  constructor(private readonly index = new LineIndex()) {}

  get count(): number {
    return this.index.count + (this.tail ? 1 : 0);
  }

  get end(): number {
    return this.index.end;
  }

  /** The index of the terminated lines, to be kept. */
  get lineIndex(): LineIndex {
    return this.index;
  }

  extend(
    file: OpenFile,
    indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd> {
    return indexer.index(
      file,
      this.index.end,
      ({ starts, end }) => {
        if (signal.aborted) return;
        if (this.tail !== undefined && end > this.tail.start) this.tail = undefined;
        if (starts.length > 0) this.stretches.clear();
        this.index.append(starts, end);
        onProgress(end);
      },
      signal,
    );
  }

  /** Takes over the records in the first bytes of the file; only before anything else was indexed. */
  prime(head: Uint8Array): void {
    const starts: number[] = [];
    const mark = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 3 : 0;
    const scanner = new LineScanner(mark);
    scanner.push(head.subarray(mark), (start) => starts.push(start));
    if (scanner.lineStart > mark) this.index.append(Float64Array.from(starts), scanner.lineStart);
  }

  setTail(tail?: Tail): void {
    this.tail = tail && { start: tail.start, end: tail.end };
  }

  async lines(file: ByteSource, record: number): Promise<readonly LineRead[]> {
    const { tail } = this;
    if (tail !== undefined && record === this.index.count) {
      return [await this.window.unterminated(file, tail.start, tail.end)];
    }
    const known = this.index.locate(record);
    if (!known) return [];
    if (known.skip === 0) return [await this.window.line(file, known.start, known.limit)];
    const starts = await this.stretch(file, known.start, known.limit);
    const start = starts[known.skip];
    if (start === undefined) {
      const problem = 'The file was changed while it was read.';
      return [{ start: known.start, end: known.limit, problem }];
    }
    return [await this.window.line(file, start, starts[known.skip + 1] ?? known.limit)];
  }

  private async stretch(file: ByteSource, start: number, limit: number): Promise<Float64Array> {
    const kept = this.stretches.get(start);
    if (kept) return kept;
    const found: number[] = [];
    const scanner = new LineScanner(start);
    while (scanner.scanned < limit) {
      const bytes = await this.window.read(file, scanner.scanned, Math.min(limit - scanner.scanned, 1 << 18));
      if (bytes.length === 0) break;
      scanner.push(bytes, (record) => found.push(record));
    }
    const starts = Float64Array.from(found);
    this.stretches.set(start, starts, 1);
    return starts;
  }
}
