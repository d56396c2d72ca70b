import type { ByteSource } from '../common/byteSource';
import { LineScanner } from '../common/lineScanner';
import { EVENT_KEY_BYTES, eventKey } from '../readers/trajectories/imcotEvents';
import type { OpenFile } from './fileSource';
import { EventLines } from './eventLines';
import { allocateBytes } from './fileSource';
import type { Indexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { LineWindow, type LineRead } from './lineWindow';
import type { RecordTable, Tail } from './recordTable';

/** Bytes read and searched before others get their turn: a few milliseconds of the shortest lines. */
const CHUNK_BYTES = 1 << 18;

/**
 * Groups the lines of an event log by the trajectory that they name, in the order in which trajectories begin. A line
 * that names none (damaged) is a record of its own. Each header begins a new numbering, so logs that were written
 * one behind the other keep their trajectories apart.
 */
export class EventTable implements RecordTable {
  private readonly known = new EventLines();
  private byKey = new Map<number, number>();
  private lookedAt = 0;
  /** The unterminated line: where it is, and which known record it goes on with. */
  private tail:
    { readonly start: number; readonly end: number; readonly record: number | undefined } | undefined;
  private readonly window = new LineWindow();

  get count(): number {
    return this.known.records + (this.tail && this.tail.record === undefined ? 1 : 0);
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
      scanner.push(chunk, (start, feed) => this.add(start, prefix(start).subarray(0, feed - start)));
      carried = scanner.openRecord < 0 ? new Uint8Array(0) : Uint8Array.from(prefix(scanner.openRecord));
      this.lookedAt = scanner.lineStart;
      if (this.tail && this.lookedAt > this.tail.start) this.tail = undefined;
      onProgress(this.lookedAt);
    }
    return { end: scanner.lineStart, size: scanner.scanned, openRecord: scanner.openRecord };
  }

  setTail(tail?: Tail): void {
    this.tail = undefined;
    const key = tail && eventKey(tail.bytes);
    if (!tail || key === 'header') return;
    const record = key === undefined ? undefined : this.byKey.get(key);
    this.tail = { start: tail.start, end: tail.end, record };
  }

  async lines(file: ByteSource, record: number): Promise<readonly LineRead[]> {
    const found: LineRead[] = [];
    for (const { start, limit } of this.known.of(record, this.lookedAt)) {
      found.push(await this.window.line(file, start, limit));
    }
    if (this.tail && record === (this.tail.record ?? this.known.records)) {
      found.push(await this.window.unterminated(file, this.tail.start, this.tail.end));
    }
    return found;
  }

  private add(start: number, linePrefix: Uint8Array): void {
    const key = eventKey(linePrefix);
    if (key === 'header') this.byKey = new Map();
    else if (key === undefined) this.known.add(start, undefined);
    else {
      const record = this.byKey.get(key);
      const added = this.known.add(start, record);
      if (record === undefined) this.byKey.set(key, added);
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
