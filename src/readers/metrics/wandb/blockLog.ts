import { copyBytes, joinBytes } from '../../../common/copyBytes';
import { HeldBytes } from '../heldBytes';
import type { MetricCodecs } from '../metricCodecs';
import type { MetricStream } from '../metricReader';
import { viewOf } from '../protobuf';

/*
 * W&B's transaction log: seven bytes that name it, then LevelDB's log format with another checksum. Blocks of 32 KiB
 * (the first one counts the seven bytes) hold chunks: CRC-32 of type and data (plain, not LevelDB's masked CRC-32C),
 * length (u16), type, data; a record is one chunk or several. Fewer bytes than a chunk's head at a block's end are
 * padding. Source: LevelDB `doc/log_format.md`; W&B `core/pkg/leveldb/record.go`.
 */

/** Receives whole records and the places where none could be read. */
export interface BlockLogTaker {
  /** A record: its data are `bytes[from..to)`, valid during the call; in the file it goes from `start` to `end`. */
  record(bytes: Uint8Array, from: number, to: number, start: number, end: number): void;
  damaged(reason: string, start: number, end: number): void;
}

const BLOCK = 32768;
const CHUNK_HEAD = 7;
const CHUNK = { full: 1, first: 2, middle: 3, last: 4 } as const;
/** A record that is larger is not put together. */
const MAX_RECORD = 256 * 1024 * 1024;

const CUT_OFF = 'The last record is cut off.';
const DAMAGED = 'The records here are damaged.';

/** What a file begins with: ":W&B", the magic number 0xBEE1, version 0. */
const FILE_HEAD = [0x3a, 0x57, 0x26, 0x42, 0xe1, 0xbe, 0];

/** Whether the bytes begin as a run file does; in a shorter one, as far as they go. */
export function isBlockLogHead(bytes: Uint8Array): boolean {
  return FILE_HEAD.every((byte, at) => at >= bytes.length || bytes[at] === byte);
}

/** A record of which the last chunk has not come yet. */
interface OpenRecord {
  readonly start: number;
  readonly pieces: Uint8Array[];
  length: number;
}

/**
 * Cuts a run file into records. Where a chunk is wrong, the rest of its block is searched for one whose checksum is
 * right, so that damage costs no more than the records that it touches.
 */
export class BlockLog implements MetricStream {
  private readonly held = new HeldBytes();
  /** File offset of the first held byte. */
  private offset = 0;
  private open: OpenRecord | undefined;
  /** Where damage began that has not been told yet; -1 while there is none. */
  private lostAt = -1;
  /** Where damage began with a chunk that goes beyond the end of the file; -1 while there is none. */
  private cutAt = -1;
  /** Whether the rest of the present block must be searched for its next chunk. */
  private isLost = false;

  constructor(
    private readonly crc32: MetricCodecs['crc32'],
    private readonly taker: BlockLogTaker,
  ) {}

  get pending(): number {
    const end = this.offset + this.held.length;
    return end - (this.open?.start ?? this.offset);
  }

  write(chunk: Uint8Array): void {
    const bytes = this.held.add(chunk);
    if (bytes) this.take(bytes, false);
  }

  finish(): void {
    this.take(this.held.all(), true);
    const end = this.offset + this.held.length;
    const start = this.open?.start ?? this.offset;
    if (this.lostAt >= 0) this.settle(end, this.lostAt === this.cutAt ? CUT_OFF : DAMAGED);
    else if (start < end) this.taker.damaged(CUT_OFF, start, end);
    this.open = undefined;
    this.offset = end;
    this.held.keep(new Uint8Array(0), 0, 0);
  }

  /** Hands over the whole records of the held bytes, and keeps the rest. */
  private take(bytes: Uint8Array, isEnd: boolean): void {
    const view = viewOf(bytes);
    const base = this.offset;
    let at = 0;
    let needed = 0;
    for (;;) {
      const step = this.step(bytes, view, at, base, isEnd);
      if (step > 0) at += step;
      else {
        needed = -step;
        break;
      }
    }
    this.offset = base + at;
    this.held.keep(bytes, at, needed);
  }

  /** Takes what stands at `at`. @returns its length; the negative count of bytes that it needs, where they are not there */
  private step(bytes: Uint8Array, view: DataView, at: number, base: number, isEnd: boolean): number {
    const place = base + at;
    const there = bytes.length - at;
    if (place === 0) return there < CHUNK_HEAD ? -CHUNK_HEAD : this.fileHead(bytes);
    const left = BLOCK - (place % BLOCK);
    if (left < CHUNK_HEAD) return there < left ? -left : left;
    if (this.isLost) return this.search(bytes, view, at, base, isEnd);
    if (there < CHUNK_HEAD) return -CHUNK_HEAD;
    const size = chunkSize(view, at);
    if (!isChunkHead(view, at, left)) {
      const isBlank = size === CHUNK_HEAD && view.getUint32(at, true) === 0 && bytes[at + 6] === 0;
      const end = Math.min(left, there);
      // A block may end in zeros; a file that was being written when the machine stopped may, too.
      if (isBlank && there < left && !isEnd) return -left;
      if (isBlank && bytes.subarray(at, at + end).every((byte) => byte === 0)) return end;
    } else {
      if (there < size && !isEnd) return -size;
      if (there >= size && this.isIntact(bytes, view, at)) {
        this.chunk(bytes, at, size, base);
        return size;
      }
    }
    this.lose(place);
    // Either the file ends in this chunk, or its length is damaged and whole ones follow.
    if (there < size) this.cutAt = this.lostAt;
    return this.search(bytes, view, at, base, isEnd);
  }

  private fileHead(bytes: Uint8Array): number {
    if (!isBlockLogHead(bytes)) {
      this.taker.damaged('The file does not begin as a W&B run of a known version.', 0, CHUNK_HEAD);
    }
    return CHUNK_HEAD;
  }

  /** Goes to the block's next chunk, or to its end, where another one begins in any case. */
  private search(bytes: Uint8Array, view: DataView, at: number, base: number, isEnd: boolean): number {
    const left = BLOCK - ((base + at) % BLOCK);
    const there = Math.min(left, bytes.length - at);
    if (there < left && !isEnd) return -left;
    for (let skip = 0; skip + CHUNK_HEAD <= there; skip++) {
      const found = at + skip;
      if (!isChunkHead(view, found, left - skip) || chunkSize(view, found) > there - skip) continue;
      if (!this.isIntact(bytes, view, found)) continue;
      this.isLost = false;
      const size = chunkSize(view, found);
      this.chunk(bytes, found, size, base);
      return skip + size;
    }
    if (there === left) this.isLost = false;
    return there;
  }

  private isIntact(bytes: Uint8Array, view: DataView, at: number): boolean {
    return this.crc32(bytes.subarray(at + 6, at + chunkSize(view, at))) === view.getUint32(at, true);
  }

  private chunk(bytes: Uint8Array, at: number, size: number, base: number): void {
    const type = bytes[at + 6];
    const start = base + at;
    const [from, to] = [at + CHUNK_HEAD, at + size];
    if (type === CHUNK.full || type === CHUNK.first) {
      // The record before this one has no end.
      if (this.open) this.lose(start, false);
      this.settle(start);
      if (type === CHUNK.full) this.taker.record(bytes, from, to, start, base + to);
      else this.open = { start, pieces: [copyBytes(bytes, from, to)], length: to - from };
      return;
    }
    const { open } = this;
    if (!open || open.length + to - from > MAX_RECORD) return this.lose(start, false);
    open.pieces.push(copyBytes(bytes, from, to));
    open.length += to - from;
    if (type === CHUNK.middle) return;
    this.open = undefined;
    const record = joinBytes(open.pieces);
    this.taker.record(record, 0, record.length, open.start, base + to);
  }

  /** From here on, or from the start of the record that goes on here, nothing can be read. */
  private lose(place: number, isLost = true): void {
    if (this.lostAt < 0) this.lostAt = this.open?.start ?? place;
    this.open = undefined;
    this.isLost = isLost;
  }

  private settle(end: number, reason = DAMAGED): void {
    if (this.lostAt >= 0) this.taker.damaged(reason, this.lostAt, end);
    this.lostAt = -1;
  }
}

function chunkSize(view: DataView, at: number): number {
  return CHUNK_HEAD + view.getUint16(at + 4, true);
}

/** Whether a chunk can begin here: its type is one, and it ends within the block. */
function isChunkHead(view: DataView, at: number, left: number): boolean {
  const type = view.getUint8(at + 6);
  return type >= CHUNK.full && type <= CHUNK.last && chunkSize(view, at) <= left;
}
