import { ImcotError } from '../../common/errors';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Passes bytes on until a line has more than `limit` of them.
 * @throws ImcotError `limit`
 */
export async function* limitLines(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const end = lineEnd(chunk, start);
      length += end - start;
      if (length > limit) throw tooLong(`a line of more than ${limit} bytes`);
      if (end < chunk.length) length = 0;
      start = end + 1;
    }
    yield chunk;
  }
}

/**
 * Passes bytes on until there were more than `limit`.
 * @throws ImcotError `limit`
 */
export async function* limitTotal(
  chunks: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limit) throw tooLong(`more than ${limit} bytes`);
    yield chunk;
  }
}

function lineEnd(chunk: Uint8Array, start: number): number {
  for (let at = start; at < chunk.length; at++) {
    if (chunk[at] === LINE_FEED || chunk[at] === CARRIAGE_RETURN) return at;
  }
  return chunk.length;
}

function tooLong(what: string): ImcotError {
  return new ImcotError(
    'limit',
    `The server's answer was dropped: it has ${what}. Check that this is a model server.`,
  );
}
