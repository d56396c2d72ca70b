import type { ByteSource } from '../common/byteSource';
import { isBlankByte, LineScanner } from '../common/lineScanner';
import { LineWindow, MAX_RECORD_BYTES, type LineRead } from './lineWindow';
import { isWholeLine } from './readRecord';

/** First stretch that is looked at from the end: most records are far smaller. */
const FIRST_BYTES = 1 << 18;
/** How far from the end the last byte that is not blank is looked for. */
const BLANKS_BYTES = 64;
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [123, 125, 91, 93];

/**
 * The last record of a file of lines, found from its end without an index: an unterminated line if it is whole, else
 * the last terminated one. `undefined` when there is none in the last 128 MiB.
 * @param size where the file ends
 */
export async function lastLine(file: ByteSource, size: number): Promise<LineRead | undefined> {
  for (let length = FIRST_BYTES; ; length *= 4) {
    const from = Math.max(0, size - Math.min(length, 2 * MAX_RECORD_BYTES));
    const found = scanFrom(await file.read(from, size - from), from);
    if (found.open >= 0 && size - found.open <= MAX_RECORD_BYTES) {
      const tail = await new LineWindow().unterminated(file, found.open, size);
      if ('bytes' in tail && isWholeLine(tail.bytes)) return tail;
    }
    if (found.last) return new LineWindow().line(file, found.last.start, found.last.end + 1);
    if (from === 0 || length >= 2 * MAX_RECORD_BYTES) return undefined;
  }
}

/** A last line without line feed, when it is a whole record nevertheless. `start` is -1 where there is none. */
export async function wholeTail(file: ByteSource, start: number, size: number) {
  if (start < 0 || size - start > MAX_RECORD_BYTES) return undefined;
  if (!(await mayBeWhole(file, start, size))) return undefined;
  const bytes = await file.read(start, size - start);
  return isWholeLine(bytes) ? { start, end: start + bytes.length, bytes } : undefined;
}

/**
 * Whether an object's or a list's last byte closes it: asked first, since a large record that is being written would
 * be read and parsed at every look.
 */
async function mayBeWhole(file: ByteSource, start: number, size: number): Promise<boolean> {
  const [first] = await file.read(start, 1);
  const from = Math.max(start, size - BLANKS_BYTES);
  const last = (await file.read(from, size - from)).findLast((byte) => !isBlankByte(byte));
  // Nothing but blanks at the end: then the record decides.
  if (last === undefined) return true;
  if (first === OPEN_BRACE) return last === CLOSE_BRACE;
  return first !== OPEN_BRACKET || last === CLOSE_BRACKET;
}

/** What stands before the first line feed is left out, unless the file begins there. */
function scanFrom(bytes: Uint8Array, from: number) {
  const skipped = from === 0 ? 0 : bytes.indexOf(10) + 1;
  if (from > 0 && skipped === 0) return { last: undefined, open: -1 };
  const scanner = new LineScanner(from + skipped);
  let last: { readonly start: number; readonly end: number } | undefined;
  scanner.push(bytes.subarray(skipped), (start, end) => {
    last = { start, end };
  });
  return { last, open: scanner.openRecord } as {
    readonly last: { readonly start: number; readonly end: number } | undefined;
    readonly open: number;
  };
}
