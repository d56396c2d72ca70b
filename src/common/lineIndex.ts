import { readVarint, writeVarint } from './varint';

/** Largest number of records for which every start is kept: 8 MiB of offsets. */
export const DENSE_LIMIT = 1 << 20;
/** Above `DENSE_LIMIT` the start of every 64th record is kept: short lines would cost more memory than they hold. */
export const SPARSE_STRIDE = 64;

/** Small: a folder may hold thousands of files, each with an index of its own. */
const FIRST_CAPACITY = 64;

/** Where to begin looking for a record. */
export interface RecordLocation {
  /** Offset of a record at or before the one that was asked for. */
  readonly start: number;
  /** How many records to pass over from there: 0 while the index is dense, below `SPARSE_STRIDE` else. */
  readonly skip: number;
  /** Offset by which the record has ended: the next known start, or the end of what is indexed. */
  readonly limit: number;
}

/** Starts of the records of one file, in file order. Offsets are exact up to 2^53. */
export class LineIndex {
  private starts = new Float64Array(FIRST_CAPACITY);
  private stored = 0;
  private records = 0;
  private indexedEnd = 0;
  private stride = 1;

  constructor(private readonly denseLimit = DENSE_LIMIT) {}

  /** Number of records known. */
  get count(): number {
    return this.records;
  }

  /** Offset right after the last line that is indexed, blank lines included: where indexing goes on. */
  get end(): number {
    return this.indexedEnd;
  }

  /** Bytes of memory that the offsets take. */
  get memory(): number {
    return this.starts.byteLength;
  }

  /**
   * Adds the records that follow.
   * @param starts the start of each record, ascending
   * @param end offset right after the last line looked at
   */
  append(starts: Float64Array, end: number): void {
    if (this.stride === 1 && this.records + starts.length > this.denseLimit) this.thin();
    const { stride } = this;
    const first = (stride - (this.records % stride)) % stride;
    this.reserve(this.stored + Math.ceil(starts.length / stride));
    if (stride === 1) {
      this.starts.set(starts, this.stored);
      this.stored += starts.length;
    } else {
      for (let i = first; i < starts.length; i += stride) this.starts[this.stored++] = starts[i] as number;
    }
    this.records += starts.length;
    this.indexedEnd = end;
  }

  /** Where record `index` is found; `undefined` when it is not indexed (yet). */
  locate(index: number): RecordLocation | undefined {
    if (!Number.isInteger(index) || index < 0 || index >= this.records) return undefined;
    const entry = Math.floor(index / this.stride);
    const limit = entry + 1 < this.stored ? (this.starts[entry + 1] as number) : this.indexedEnd;
    return { start: this.starts[entry] as number, skip: index % this.stride, limit };
  }

  /** The index as bytes: variable-length differences, about 3 bytes a record of 20 KB where plain offsets take 8. */
  serialize(): Uint8Array {
    const bytes = new Uint8Array(32 + this.stored * 8);
    let at = 0;
    for (const value of [this.records, this.indexedEnd, this.stride, this.stored]) {
      at = writeVarint(bytes, at, value);
    }
    let previous = 0;
    for (let i = 0; i < this.stored; i++) {
      const start = this.starts[i] as number;
      at = writeVarint(bytes, at, start - previous);
      previous = start;
    }
    return bytes.slice(0, at);
  }

  /** Reads what `serialize` wrote; `undefined` for anything that cannot be such an index. */
  static deserialize(bytes: Uint8Array, denseLimit = DENSE_LIMIT): LineIndex | undefined {
    const cursor = { at: 0 };
    const [records, end, stride, stored] = [0, 0, 0, 0].map(() => readVarint(bytes, cursor));
    if (records === undefined || end === undefined || stride === undefined || stored === undefined) {
      return undefined;
    }
    if (stride !== (records > denseLimit ? SPARSE_STRIDE : 1)) return undefined;
    if (stored !== Math.ceil(records / stride) || stored > bytes.length) return undefined;
    const index = new LineIndex(denseLimit);
    index.starts = new Float64Array(Math.max(FIRST_CAPACITY, stored));
    let start = 0;
    for (let i = 0; i < stored; i++) {
      const difference = readVarint(bytes, cursor);
      if (difference === undefined || (i > 0 && difference === 0)) return undefined;
      start += difference;
      index.starts[i] = start;
    }
    if (cursor.at !== bytes.length || (stored > 0 && start >= end)) return undefined;
    index.stored = stored;
    index.records = records;
    index.indexedEnd = end;
    index.stride = stride;
    return index;
  }

  private thin(): void {
    const kept = Math.ceil(this.stored / SPARSE_STRIDE);
    const starts = new Float64Array(Math.max(FIRST_CAPACITY, kept * 2));
    for (let i = 0; i < kept; i++) starts[i] = this.starts[i * SPARSE_STRIDE] as number;
    this.starts = starts;
    this.stored = kept;
    this.stride = SPARSE_STRIDE;
  }

  private reserve(entries: number): void {
    if (entries <= this.starts.length) return;
    const larger = new Float64Array(Math.max(entries, this.starts.length * 2));
    larger.set(this.starts.subarray(0, this.stored));
    this.starts = larger;
  }
}
