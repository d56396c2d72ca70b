import { LineScanner } from '../common/lineScanner';
import type { OpenFile } from './fileSource';
import { wholeTail } from './lastLine';
import { LineWindow, MAX_RECORD_BYTES, type LineRead } from './lineWindow';
import { ReadAhead } from './readAhead';

/** As large as for streaming records: a line that crosses the edge of a piece is read once more. */
const PIECE_BYTES = 1 << 20;

/** Lines of one piece of a file. */
export interface LineBatch {
  /** Those that hold anything; their bytes are good until the next batch is asked for. */
  readonly lines: readonly LineRead[];
  /** Reading can go on from here: every line before has been handed over, terminated. */
  readonly end: number;
  /** The one line has no line end yet and is a whole record all the same; it stands behind `end`. Always the last batch. */
  readonly isTail: boolean;
}

/**
 * The lines of a file from an offset to its end.
 * @param from 0, or the `end` of a batch of an earlier reading
 */
export async function* resumableLines(file: OpenFile, from: number): AsyncGenerator<LineBatch, void, void> {
  const window = new LineWindow();
  const scanner = new LineScanner(from === 0 ? await markLength(file) : from);
  const pieces = new ReadAhead((target, at) => file.readInto(target, at), scanner.scanned, PIECE_BYTES);
  try {
    for (;;) {
      const base = scanner.scanned;
      const piece = await pieces.next();
      if (piece.length === 0) break;
      const found: { readonly start: number; readonly end: number }[] = [];
      scanner.push(piece, (start, end) => found.push({ start, end }));
      const lines: LineRead[] = [];
      for (const { start, end } of found) {
        const isInside = start >= base && end - start <= MAX_RECORD_BYTES;
        lines.push(
          isInside
            ? { start, end, bytes: piece.subarray(start - base, end - base) }
            : await window.line(file, start, end + 1),
        );
      }
      yield { lines, end: scanner.lineStart, isTail: false };
    }
  } finally {
    await pieces.settle();
  }
  const tail = await wholeTail(file, scanner.openRecord, scanner.scanned);
  if (tail) yield { lines: [tail], end: scanner.lineStart, isTail: true };
}

/** Length of a byte order mark at the file's beginning. */
async function markLength(file: OpenFile): Promise<number> {
  const mark = await file.read(0, 3);
  return mark[0] === 0xef && mark[1] === 0xbb && mark[2] === 0xbf ? 3 : 0;
}
