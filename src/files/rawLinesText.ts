import type { RawRow } from './rawLines';

/** Bytes of a row that are shown at first: a screen of long records stays small on its way over a slow connection. */
export const SHOWN_BYTES = 4096;

const CARRIAGE_RETURN = 13;
const MARK = [0xef, 0xbb, 0xbf];

/** What is shown of a row at first. */
export interface RowText {
  /** Invalid UTF-8 is U+FFFD; escape sequences are left in. */
  readonly text: string;
  /** Bytes of the file that the text stands for: `[from, to)`, within the row. */
  readonly from: number;
  readonly to: number;
  /** How often the line was written over with carriage returns; the text is the last update. Absent: never. */
  readonly updates?: number;
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Decodes bytes of a log; what is no UTF-8 becomes U+FFFD, and a byte order mark in it stays. */
export function decodeRaw(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The updates of a line that carriage returns write over: parts that hold anything. */
function countUpdates(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const found = bytes.indexOf(CARRIAGE_RETURN, at);
    const stop = found < 0 ? bytes.length : found;
    if (stop > at) count++;
    at = stop + 1;
  }
  return count;
}

/** The last update's bytes as positions in the row. */
function lastUpdate(bytes: Uint8Array): readonly [number, number] {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === CARRIAGE_RETURN) end--;
  return [end === 0 ? 0 : bytes.lastIndexOf(CARRIAGE_RETURN, end - 1) + 1, end];
}

/** Does not cut a UTF-8 sequence in two. */
function wholeCharacters(bytes: Uint8Array, limit: number): number {
  let end = limit;
  for (let steps = 0; steps < 3 && ((bytes[end] ?? 0) & 0xc0) === 0x80; steps++) end--;
  return ((bytes[end] ?? 0) & 0xc0) === 0x80 ? limit : end;
}

/** What is shown of a row: its last update, cut to `SHOWN_BYTES`, without the file's byte order mark. */
export function rowText(row: RawRow, limit = SHOWN_BYTES): RowText {
  const { bytes, start } = row;
  const updates = bytes.includes(CARRIAGE_RETURN) ? countUpdates(bytes) : 1;
  const [first, end] = lastUpdate(bytes);
  const isMarked = start === 0 && first === 0 && MARK.every((byte, at) => bytes[at] === byte);
  const from = isMarked ? 3 : first;
  const to = end - from <= limit ? end : wholeCharacters(bytes, from + limit);
  return {
    text: decodeRaw(bytes.subarray(from, to)),
    from: start + from,
    to: start + to,
    ...(updates > 1 && { updates }),
  };
}
