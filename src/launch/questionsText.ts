import { throwIfCancelled } from '../common/cancel';
import { ImcotError } from '../common/errors';
import { FileSource } from '../files/fileSource';
import { ReadAhead } from '../files/readAhead';

/** Longest line or field, in UTF-16 units: a file without line ends must not fill the memory. */
export const MAX_LINE = 16 * 2 ** 20;

/** A line of a file, without its line end. */
export interface TextLine {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * A UTF-8 file in pieces, without its byte order mark. What is not UTF-8 reads U+FFFD.
 * @throws ImcotError `missing`, `denied`, `input` (a folder, a device, UTF-16), `cancelled`
 */
export async function* textPieces(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const source = await FileSource.open(file);
  const chunks = new ReadAhead((target, at) => source.readInto(target, at), 0, 1 << 20);
  const decoder = new TextDecoder();
  try {
    let isFirst = true;
    for (let chunk = await chunks.next(); chunk.length > 0; chunk = await chunks.next()) {
      throwIfCancelled(signal);
      if (isFirst) refuseUtf16(chunk, file);
      isFirst = false;
      yield decoder.decode(chunk, { stream: true });
    }
    yield decoder.decode();
  } finally {
    await chunks.settle();
    await source.close();
  }
}

function refuseUtf16([first, second]: Uint8Array, file: string): void {
  if (!(first === 0xff && second === 0xfe) && !(first === 0xfe && second === 0xff)) return;
  throw new ImcotError('input', `${file} is UTF-16 text. Save it as UTF-8 and try again.`);
}

/**
 * The lines of a text in pieces, blank ones too. Only a line feed ends a line: U+2028, at which Node's `readline` may
 * divide as well, is a character like any other in JSON.
 * @throws ImcotError `limit` for a line above `MAX_LINE`
 */
export async function* textLines(pieces: AsyncIterable<string>): AsyncGenerator<TextLine, void, undefined> {
  let open: string[] = [];
  let length = 0;
  let line = 1;
  for await (const piece of pieces) {
    let start = 0;
    for (let feed = piece.indexOf('\n'); feed >= 0; feed = piece.indexOf('\n', start)) {
      const text = open.join('') + piece.slice(start, feed);
      yield { line: line++, text: text.endsWith('\r') ? text.slice(0, -1) : text };
      open = [];
      length = 0;
      start = feed + 1;
    }
    open.push(piece.slice(start));
    length += piece.length - start;
    if (length > MAX_LINE) throw new ImcotError('limit', tooLong(line));
  }
  const rest = open.join('');
  if (rest !== '') yield { line, text: rest };
}

/** The sentence's end for a line that is too long to be one. */
export function tooLong(line: number): string {
  return `line ${line} has more than ${MAX_LINE / 2 ** 20} million characters, so this is no file of questions.`;
}
