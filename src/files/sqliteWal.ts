import { readSync } from 'node:fs';

/** Pages of a database that stand in a file beside it and count in place of its own. */
export interface PageOverlay {
  /** Bytes of a page. */
  readonly pageSize: number;
  /** Pages that the database has. */
  readonly pageCount: number;
  /** Fills `target` with the page's bytes; false where the database's own page counts. Pages count from 1. */
  readPage(page: number, target: Uint8Array): boolean;
}

const HEADER = 32;
const FRAME_HEADER = 24;
const MAGIC = 0x377f0682;
/** Bytes that are read at a time. */
const PIECE = 1 << 22;

/** Whether a page can have this many bytes. */
export function isPageSize(bytes: number): boolean {
  return bytes >= 512 && bytes <= 65536 && (bytes & (bytes - 1)) === 0;
}

/** As much of `target` as the file has from `offset`. */
export function readFully(descriptor: number, target: Uint8Array, offset: number): number {
  let filled = 0;
  while (filled < target.length) {
    const got = readSync(descriptor, target, filled, target.length - filled, offset + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

/**
 * The committed pages of a write-ahead log, as far as it is whole now; undefined where it has none. Format:
 * https://www.sqlite.org/fileformat2.html#walformat
 * @param size bytes of the log now
 */
export function readWal(descriptor: number, size: number): PageOverlay | undefined {
  const header = new Uint8Array(HEADER);
  if (readFully(descriptor, header, 0) < HEADER) return undefined;
  const view = new DataView(header.buffer);
  const pageSize = view.getUint32(8);
  const littleEndian = view.getUint32(0) === MAGIC;
  if ((!littleEndian && view.getUint32(0) !== MAGIC + 1) || !isPageSize(pageSize)) return undefined;
  const sums = new Checksum(littleEndian);
  sums.add(view, 0, 24);
  if (!sums.equals(view, 24)) return undefined;
  const salts = [view.getUint32(16), view.getUint32(20)] as const;
  const frames = new Map<number, number>();
  let open: [number, number][] = [];
  let pageCount = 0;
  for (const [frame, offset] of framesOf(descriptor, size, pageSize)) {
    if (frame.getUint32(8) !== salts[0] || frame.getUint32(12) !== salts[1]) break;
    sums.add(frame, 0, 8);
    sums.add(frame, FRAME_HEADER, pageSize);
    if (!sums.equals(frame, 16)) break;
    open.push([frame.getUint32(0), offset]);
    const pagesAfter = frame.getUint32(4);
    if (pagesAfter === 0) continue;
    // Only a frame that ends a transaction makes those before it count.
    for (const [page, at] of open) frames.set(page, at);
    open = [];
    pageCount = pagesAfter;
  }
  return pageCount === 0 ? undefined : overlayOf(descriptor, { pageSize, pageCount, frames, salts });
}

interface Frames {
  readonly pageSize: number;
  readonly pageCount: number;
  /** Offset of the frame of each page. */
  readonly frames: ReadonlyMap<number, number>;
  readonly salts: readonly [number, number];
}

function overlayOf(descriptor: number, { pageSize, pageCount, frames, salts }: Frames): PageOverlay {
  const scratch = new Uint8Array(FRAME_HEADER + pageSize);
  const view = new DataView(scratch.buffer);
  return {
    pageSize,
    pageCount,
    readPage: (page, target) => {
      const offset = frames.get(page);
      if (offset === undefined || readFully(descriptor, scratch, offset) < scratch.length) return false;
      // A writer that began the log anew had first brought all of it into the database.
      const isOurs =
        view.getUint32(0) === page && view.getUint32(8) === salts[0] && view.getUint32(12) === salts[1];
      if (isOurs) target.set(scratch.subarray(FRAME_HEADER));
      return isOurs;
    },
  };
}

function* framesOf(
  descriptor: number,
  size: number,
  pageSize: number,
): Generator<readonly [DataView, number], void, undefined> {
  const length = FRAME_HEADER + pageSize;
  const piece = new Uint8Array(Math.max(1, Math.floor(PIECE / length)) * length);
  for (let offset = HEADER; offset + length <= size;) {
    const got = readFully(descriptor, piece, offset);
    const whole = Math.floor(got / length);
    for (let frame = 0; frame < whole; frame++)
      yield [new DataView(piece.buffer, frame * length, length), offset + frame * length];
    if (whole * length < piece.length) return;
    offset += piece.length;
  }
}

/** The running sum over the log: two words that take up two words of the data at a time. */
class Checksum {
  private first = 0;
  private second = 0;

  constructor(private readonly littleEndian: boolean) {}

  add(view: DataView, from: number, length: number): void {
    let { first, second } = this;
    for (let at = from; at < from + length; at += 8) {
      first = (first + view.getInt32(at, this.littleEndian) + second) | 0;
      second = (second + view.getInt32(at + 4, this.littleEndian) + first) | 0;
    }
    [this.first, this.second] = [first, second];
  }

  equals(view: DataView, at: number): boolean {
    return view.getInt32(at) === this.first && view.getInt32(at + 4) === this.second;
  }
}
