import type { ByteSource } from '../common/byteSource';

/*
 * A text file of any size as rows that can be found from any byte, with no index. A row is a line, or a piece of a line
 * that is very long. The rule says by the bytes around a place alone where rows begin, so the same rows are found
 * wherever reading began:
 *
 * - behind each line feed, and at byte 0;
 * - at each multiple M of the piece length with no line feed from M - length to M + 1: only there is a line cut. A cut
 *   that would stand inside a UTF-8 sequence stands before it.
 */

/** A line of more than this is cut into pieces; the first has up to twice as many bytes. */
export const PIECE_BYTES = 1 << 16;
/** Most bytes that are read for one answer, whatever was asked for. */
const READ_LIMIT = 1 << 22;
/** First stretch that is looked at backwards. */
const BACK_BYTES = 1 << 15;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** A row as it stands in the file; offsets are bytes. */
export interface RawRow {
  readonly start: number;
  /** One past its last byte, without its line end (LF or CR LF). */
  readonly end: number;
  /** Where the next row begins; the file's length behind the last one. */
  readonly next: number;
  /** It begins within a line. */
  readonly continued: boolean;
  /** Its line goes on in the next row. */
  readonly continues: boolean;
  /** The bytes from `start` to `end`; never to be changed, and valid only as long as nothing else is read. */
  readonly bytes: Uint8Array;
}

/** Rows that follow each other. */
export interface RawRows {
  readonly rows: readonly RawRow[];
  /** Length of the file when they were read. */
  readonly size: number;
}

/** How rows are cut; for tests with short pieces. */
export interface RowRule {
  readonly pieceBytes: number;
}

const RULE: RowRule = { pieceBytes: PIECE_BYTES };

/** Bytes of a file from `base`, as far as `base + bytes.length`. */
interface Stretch {
  readonly base: number;
  readonly bytes: Uint8Array;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The cut at `at`, moved in front of the UTF-8 sequence in which it would stand. */
function beforeCharacter({ base, bytes }: Stretch, at: number): number {
  let moved = at - base;
  for (let steps = 0; steps < 3 && isContinuation(bytes[moved]); steps++) moved--;
  return isContinuation(bytes[moved]) ? at : base + moved;
}

/** Bytes that decide about the row which begins at `start`: up to two pieces and the bytes behind the cut. */
const reach = ({ pieceBytes }: RowRule): number => 2 * pieceBytes + 2;

/**
 * The row that begins at `start`, a known beginning.
 * @param stretch holds the file from `start` on, at least `reach` bytes of it or up to `size`
 */
function rowAt(stretch: Stretch, start: number, size: number, rule: RowRule): RawRow {
  const { base, bytes } = stretch;
  const { pieceBytes } = rule;
  const cut = Math.ceil((start + pieceBytes) / pieceBytes) * pieceBytes;
  const feed = bytes.indexOf(LINE_FEED, start - base);
  const lineEnd = feed < 0 ? size : base + feed;
  const isCut = lineEnd > cut + 1 && cut + 1 < size;
  const stop = isCut ? beforeCharacter(stretch, cut) : lineEnd;
  const hasReturn = !isCut && feed >= 0 && stop > start && bytes[stop - base - 1] === CARRIAGE_RETURN;
  const end = hasReturn ? stop - 1 : stop;
  return {
    start,
    end,
    next: isCut || feed < 0 ? stop : stop + 1,
    // A stretch begins before the first row that is taken from it, unless that is the file's own first.
    continued: start > 0 && bytes[start - base - 1] !== LINE_FEED,
    continues: isCut,
    bytes: bytes.subarray(start - base, end - base),
  };
}

/** The first place in a stretch that certainly is a row's beginning; `undefined` when the stretch is too short to say. */
function firstBeginning(stretch: Stretch, size: number, { pieceBytes }: RowRule): number | undefined {
  const { base, bytes } = stretch;
  if (base === 0) return 0;
  const feed = bytes.indexOf(LINE_FEED);
  // The stretch begins at a multiple of the piece length: with no line feed up to its second piece that is a cut.
  const cut = base + pieceBytes;
  if (feed >= 0 && base + feed <= cut + 1) return base + feed + 1;
  return cut + 1 < size ? beforeCharacter(stretch, cut) : undefined;
}

/** Where reading has to begin so that the row which holds `offset` is found: a multiple, two pieces or more before it. */
function lookBehind(offset: number, { pieceBytes }: RowRule): number {
  return Math.max(0, (Math.floor(offset / pieceBytes) - 2) * pieceBytes);
}

/** Walks over the rows of a stretch from a beginning; ends where the stretch no longer holds a row with certainty. */
function* walk(stretch: Stretch, start: number, size: number, rule: RowRule): Generator<RawRow> {
  const known = stretch.base + stretch.bytes.length;
  for (let at = start; at < size;) {
    const feed = stretch.bytes.indexOf(LINE_FEED, at - stretch.base);
    const isCertain =
      known >= size || known - at >= reach(rule) || (feed >= 0 && stretch.base + feed < known);
    if (!isCertain) return;
    const row = rowAt(stretch, at, size, rule);
    yield row;
    at = row.next;
  }
}

async function readStretch(file: ByteSource, from: number, to: number): Promise<Stretch> {
  return { base: from, bytes: await file.read(from, Math.max(0, to - from)) };
}

/**
 * Rows from the one that holds byte `offset` on, at most `count`, fewer where the file ends or rows are very long: at
 * least one unless the file is empty. An offset at or behind the end means the last row.
 */
export async function rowsFrom(
  file: ByteSource,
  offset: number,
  count: number,
  rule: RowRule = RULE,
): Promise<RawRows> {
  const size = await file.size();
  const at = Math.max(0, Math.min(offset, size - 1));
  const from = lookBehind(at, rule);
  let length = Math.min(READ_LIMIT, Math.max(1 << 16, count * 256)) + reach(rule);
  for (;;) {
    const stretch = await readStretch(file, from, Math.min(size, at + length));
    const known = stretch.base + stretch.bytes.length;
    // The file may have become shorter since its length was asked for.
    const end = known < Math.min(size, at + length) ? known : size;
    const rows = rowsAround(stretch, at, end, count, rule);
    if (rows.length >= count || known >= end || length >= READ_LIMIT) return { rows, size: end };
    length *= 4;
  }
}

function rowsAround(stretch: Stretch, at: number, size: number, count: number, rule: RowRule): RawRow[] {
  const rows: RawRow[] = [];
  const start = nearestBeginning(stretch, at, size, rule);
  if (start === undefined) return rows;
  for (const row of walk(stretch, start, size, rule)) {
    if (row.next <= at) continue;
    rows.push(row);
    if (rows.length === count) break;
  }
  return rows;
}

/** A beginning at or before `at`: the last line's if it is near, so that few rows have to be passed over. */
function nearestBeginning(stretch: Stretch, at: number, size: number, rule: RowRule): number | undefined {
  const before = at - stretch.base;
  const feed = before <= 0 ? -1 : stretch.bytes.lastIndexOf(LINE_FEED, before - 1);
  if (feed >= 0 && before - feed < rule.pieceBytes) return stretch.base + feed + 1;
  return firstBeginning(stretch, size, rule);
}

/**
 * The rows before the one that begins at `start`, at most `count` and in file order; fewer at the file's beginning or
 * where rows are very long, at least one unless `start` is 0.
 */
export async function rowsBefore(
  file: ByteSource,
  start: number,
  count: number,
  rule: RowRule = RULE,
): Promise<RawRows> {
  const size = await file.size();
  const end = Math.min(start, size);
  for (let length = Math.max(BACK_BYTES, reach(rule)); ; length *= 4) {
    const from = lookBehind(Math.max(0, end - length), rule);
    // What follows decides whether the last row before is cut: it is read, too.
    const stretch = await readStretch(file, from, Math.min(size, end + reach(rule)));
    const rows: RawRow[] = [];
    const first = firstBeginning(stretch, size, rule);
    if (first !== undefined) {
      for (const row of walk(stretch, first, size, rule)) {
        if (row.start >= end) break;
        rows.push(row);
      }
    }
    if (rows.length >= count || from === 0 || length >= READ_LIMIT) return { rows: rows.slice(-count), size };
  }
}
