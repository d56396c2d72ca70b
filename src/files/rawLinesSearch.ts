import { isAscii, isUtf8 } from 'node:buffer';
import { allocateBytes } from './fileSource';
import type { LogPattern } from './rawLinesPattern';
import type { ReadInto } from './readAhead';
import { CHUNK_BYTES, ReadAhead } from './readAhead';

/*
 * Looks through a range of a file. Texts are looked for in the bytes, whatever lines these form. A regular expression
 * sees one line at a time: a match never goes over a line end, `^` and `$` also hold at carriage returns, and a line
 * that is no UTF-8 is read as Latin-1. A line longer than a chunk (4 MiB) is seen in pieces of that length.
 */

/** What the search tells. Offsets are bytes, in file order. */
export interface SearchSink {
  found(start: number, end: number): void;
  /** All before `position` was looked through. */
  scanned(position: number): void;
  /** A person's expression runs over the bytes from `position` on, until the next call. */
  matching(position: number): void;
}

/** Bytes that an expression runs over at once. */
const BLOCK_BYTES = 1 << 16;
const LINE_FEED = 10;

/**
 * Looks for a pattern in `[from, to)`.
 * @throws whatever reading throws
 */
export async function searchRange(
  read: ReadInto,
  pattern: LogPattern,
  [from, to]: readonly [number, number],
  sink: SearchSink,
  chunkBytes = CHUNK_BYTES,
): Promise<void> {
  const chunks = new ReadAhead(read, from, chunkBytes);
  const seeker =
    pattern.kind === 'lines' ? new LineSeeker(pattern, sink) : new ByteSeeker(pattern, sink, from);
  let carried: Uint8Array = new Uint8Array(0);
  let position = from;
  try {
    for (let atEnd = false; !atEnd;) {
      const chunk = await chunks.next();
      const used = chunk.subarray(0, Math.max(0, Math.min(chunk.length, to - position)));
      atEnd = chunk.length < chunkBytes || position + used.length >= to;
      const base = position - carried.length;
      const bytes = carried.length === 0 ? used : joinBytes(carried, used);
      position += used.length;
      const done = seeker.look(bytes, base, atEnd, bytes.length > chunkBytes);
      // Copied: the chunk is read into again.
      carried = Uint8Array.from(bytes.subarray(done));
      sink.scanned(base + done);
    }
  } finally {
    await chunks.settle();
  }
}

function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const joined = allocateBytes(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Looks through pieces of a file; says how many bytes of a piece need not be seen again. */
interface Seeker {
  look(bytes: Uint8Array, base: number, atEnd: boolean, isLong: boolean): number;
}

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Texts: what is carried over is what a match, and the byte on either side of it, may still need. */
class ByteSeeker implements Seeker {
  private last: number;

  constructor(
    private readonly pattern: Exclude<LogPattern, { kind: 'lines' }>,
    private readonly sink: SearchSink,
    from: number,
  ) {
    this.last = from;
  }

  look(bytes: Uint8Array, base: number, atEnd: boolean): number {
    const { pattern } = this;
    const ahead = (pattern.kind === 'bytes' ? pattern.bytes.length : pattern.longest) + 1;
    // A match that begins later is found with the next piece, when the byte behind it is there, too.
    const limit = atEnd ? bytes.length : Math.max(0, bytes.length - ahead);
    if (pattern.kind === 'bytes') this.plain(pattern.bytes, bytes, base, limit);
    else this.expression(pattern.expression, bytes, base, limit);
    this.last = Math.max(this.last, base + limit);
    return atEnd ? bytes.length : Math.max(0, limit - 1);
  }

  private plain(wanted: Uint8Array, bytes: Uint8Array, base: number, limit: number): void {
    const buffer = asBuffer(bytes);
    for (let at = buffer.indexOf(wanted, this.last - base); at >= 0 && at < limit;) {
      this.sink.found(base + at, base + at + wanted.length);
      this.last = base + at + wanted.length;
      at = buffer.indexOf(wanted, at + wanted.length);
    }
  }

  private expression(expression: RegExp, bytes: Uint8Array, base: number, limit: number): void {
    const text = asBuffer(bytes).toString('latin1');
    expression.lastIndex = Math.max(0, this.last - base);
    for (let match = expression.exec(text); match && match.index < limit; match = expression.exec(text)) {
      this.last = base + match.index + match[0].length;
      this.sink.found(base + match.index, this.last);
    }
  }
}

/** A person's expression, over blocks of whole lines. */
class LineSeeker implements Seeker {
  constructor(
    private readonly pattern: Extract<LogPattern, { kind: 'lines' }>,
    private readonly sink: SearchSink,
  ) {}

  look(bytes: Uint8Array, base: number, atEnd: boolean, isLong: boolean): number {
    const lastFeed = bytes.lastIndexOf(LINE_FEED);
    // A line that is longer than a chunk is not waited for.
    const whole = atEnd || (lastFeed < 0 && isLong) ? bytes.length : lastFeed + 1;
    for (let at = 0; at < whole;) {
      const feed = at + BLOCK_BYTES >= whole ? -1 : bytes.indexOf(LINE_FEED, at + BLOCK_BYTES);
      const stop = feed < 0 || feed >= whole ? whole : feed + 1;
      this.block(bytes.subarray(at, stop), base + at);
      at = stop;
    }
    return whole;
  }

  private block(bytes: Uint8Array, base: number): void {
    this.sink.matching(base);
    if (this.pattern.looksAround || !isAscii(bytes)) {
      eachLine(bytes, (start, end) => this.line(bytes.subarray(start, end), base + start));
      return;
    }
    const text = asBuffer(bytes).toString('latin1');
    const { expression } = this.pattern;
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match; match = expression.exec(text)) {
      const { index } = match;
      const feed = text.indexOf('\n', index);
      const lineEnd = feed < 0 ? text.length : feed;
      if (index + match[0].length > lineEnd) {
        // Over a line end: what that line itself holds from here on is found by looking at it alone.
        const lineStart = index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
        this.text(text.slice(lineStart, lineEnd), index - lineStart, (start, end) =>
          this.sink.found(base + lineStart + start, base + lineStart + end),
        );
        if (lineEnd + 1 > text.length) return;
        expression.lastIndex = lineEnd + 1;
      } else if (match[0].length === 0) expression.lastIndex = index + 1;
      else this.sink.found(base + index, base + index + match[0].length);
    }
  }

  private line(bytes: Uint8Array, base: number): void {
    if (!isUtf8(bytes) || isAscii(bytes)) {
      this.text(asBuffer(bytes).toString('latin1'), 0, (start, end) =>
        this.sink.found(base + start, base + end),
      );
      return;
    }
    const text = asBuffer(bytes).toString('utf8');
    this.text(text, 0, (start, end) => {
      const first = base + Buffer.byteLength(text.slice(0, start));
      this.sink.found(first, first + Buffer.byteLength(text.slice(start, end)));
    });
  }

  /** Matches of one line's text from a position on; empty ones are none. */
  private text(text: string, from: number, found: (start: number, end: number) => void): void {
    const { expression } = this.pattern;
    expression.lastIndex = from;
    for (let match = expression.exec(text); match; match = expression.exec(text)) {
      if (match[0].length > 0) found(match.index, match.index + match[0].length);
      else expression.lastIndex = match.index + 1;
    }
  }
}

function eachLine(bytes: Uint8Array, look: (start: number, end: number) => void): void {
  for (let at = 0; at < bytes.length;) {
    const feed = bytes.indexOf(LINE_FEED, at);
    const end = feed < 0 ? bytes.length : feed;
    if (end > at) look(at, end);
    at = end + 1;
  }
}
