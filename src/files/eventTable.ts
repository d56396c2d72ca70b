import type { ByteSource } from '../common/byteSource';
import { LineScanner } from '../common/lineScanner';
import { EVENT_KEY_BYTES, eventKey } from '../readers/trajectories/imcotEvents';
import type { OpenFile } from './fileSource';
import { allocateBytes } from './fileSource';
import type { Indexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { LineWindow, type LineRead } from './lineWindow';
import type { RecordTable, Tail } from './recordTable';

/** Bytes read and searched before others get their turn: a few milliseconds of short lines. */
const CHUNK_BYTES = 1 << 20;

interface Range {
  readonly start: number;
  /** One past the line feed. */
  readonly limit: number;
}

/**
 * Groups the lines of an event log by the trajectory that they name, in the order in which trajectories begin. A line
 * that names none (damaged) is a record of its own. Each header begins a new numbering, so logs that were written
 * one behind the other keep their trajectories apart.
 */
export class EventTable implements RecordTable {
  private readonly records: Range[][] = [];
  private byKey = new Map<number, Range[]>();
  private lookedAt = 0;
  private tail: { readonly range: Range; readonly record: number | undefined } | undefined;
  private readonly window = new LineWindow();

  get count(): number {
    return this.records.length + (this.tail && this.tail.record === undefined ? 1 : 0);
  }

  get end(): number {
    return this.lookedAt;
  }

  async extend(
    file: OpenFile,
    _indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd> {
    const scanner = new LineScanner(this.lookedAt);
    const buffer = allocateBytes(CHUNK_BYTES);
    let carried = new Uint8Array(0);
    for (let got = buffer.length; got === buffer.length;) {
      const base = scanner.scanned;
      got = await file.readInto(buffer, base);
      if (signal.aborted) break;
      const chunk = buffer.subarray(0, got);
      const prefix = (start: number): Uint8Array =>
        start >= base ? chunk.subarray(start - base, start - base + EVENT_KEY_BYTES) : join(carried, chunk);
      scanner.push(chunk, (start, feed) => this.add(start, feed, prefix(start).subarray(0, feed - start)));
      carried = scanner.openRecord < 0 ? new Uint8Array(0) : Uint8Array.from(prefix(scanner.openRecord));
      this.lookedAt = scanner.lineStart;
      if (this.tail && this.lookedAt > this.tail.range.start) this.tail = undefined;
      onProgress(this.lookedAt);
    }
    return { end: scanner.lineStart, size: scanner.scanned, openRecord: scanner.openRecord };
  }

  setTail(tail?: Tail): void {
    this.tail = undefined;
    const key = tail && eventKey(tail.bytes);
    if (!tail || key === 'header') return;
    const range = { start: tail.start, limit: tail.end };
    const lines = key === undefined ? undefined : this.byKey.get(key);
    this.tail = { range, record: lines ? this.records.indexOf(lines) : undefined };
  }

  async lines(file: ByteSource, record: number): Promise<readonly LineRead[]> {
    const found: LineRead[] = [];
    for (const { start, limit } of this.records[record] ?? []) {
      found.push(await this.window.line(file, start, limit));
    }
    if (this.tail && record === (this.tail.record ?? this.records.length)) {
      const { start, limit } = this.tail.range;
      found.push(await this.window.unterminated(file, start, limit));
    }
    return found;
  }

  private add(start: number, feed: number, linePrefix: Uint8Array): void {
    const key = eventKey(linePrefix);
    const range = { start, limit: feed + 1 };
    if (key === 'header') this.byKey = new Map<number, Range[]>();
    else if (key === undefined) this.records.push([range]);
    else {
      const lines = this.byKey.get(key);
      if (lines) lines.push(range);
      else {
        const begun = [range];
        this.byKey.set(key, begun);
        this.records.push(begun);
      }
    }
  }
}

/** The first bytes of a line that began in an earlier chunk. */
function join(carried: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (carried.length >= EVENT_KEY_BYTES) return carried;
  const joined = new Uint8Array(Math.min(EVENT_KEY_BYTES, carried.length + chunk.length));
  joined.set(carried);
  joined.set(chunk.subarray(0, joined.length - carried.length), carried.length);
  return joined;
}
