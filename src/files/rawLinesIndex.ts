import type { ByteSource } from '../common/byteSource';
import { ImcotError } from '../common/errors';
import { ReadAhead } from './readAhead';
import type { ReadInto } from './readAhead';

/*
 * Line numbers of a file of any size: a place is kept for each 1,024th line, and at least for each MiB, so that what
 * has to be read for a number is bounded both ways. A file of 100 GB keeps about 2 MB of places, at most 16 MB where all
 * lines are short.
 */

/** Lines from one kept place to the next at most. */
const STRIDE_LINES = 1024;
/** Bytes from one kept place to the next line at least, where lines are long. */
const STRIDE_BYTES = 1 << 20;
/** Longest time for which places are kept back, in milliseconds. */
const BATCH_MS = 100;
const LINE_FEED = 10;

/** Places that were found. Both lists have the same length. */
export interface LineBatch {
  /** Starts of lines, as bytes. */
  readonly offsets: Float64Array;
  /** Their numbers, from 0. */
  readonly lines: Float64Array;
  /** Looked at so far: the byte, and the number of line ends before it. */
  readonly end: number;
  readonly feeds: number;
}

/**
 * Counts the line ends from `from` to the file's end.
 * @param feeds line ends before `from`
 * @throws whatever reading throws; ImcotError `cancelled` when told so between pieces
 */
export async function countLines(
  read: ReadInto,
  from: number,
  feeds: number,
  onBatch: (batch: LineBatch) => void,
  isCancelled: () => boolean = () => false,
  chunkBytes?: number,
): Promise<void> {
  const chunks = new ReadAhead(read, from, chunkBytes);
  let offsets: number[] = [];
  let lines: number[] = [];
  let [position, count, lastLine, lastByte] = [from, feeds, feeds, from];
  let handedOver = performance.now();
  const flush = (): void => {
    onBatch({
      offsets: Float64Array.from(offsets),
      lines: Float64Array.from(lines),
      end: position,
      feeds: count,
    });
    offsets = [];
    lines = [];
    handedOver = performance.now();
  };
  try {
    for (;;) {
      const chunk = await chunks.next();
      if (isCancelled()) throw new ImcotError('cancelled', 'Counting lines was stopped.');
      if (chunk.length === 0) break;
      for (let feed = chunk.indexOf(LINE_FEED); feed >= 0; feed = chunk.indexOf(LINE_FEED, feed + 1)) {
        count++;
        if (count - lastLine < STRIDE_LINES && position + feed - lastByte < STRIDE_BYTES) continue;
        lastLine = count;
        lastByte = position + feed + 1;
        offsets.push(lastByte);
        lines.push(count);
      }
      position += chunk.length;
      if (performance.now() - handedOver >= BATCH_MS) flush();
    }
  } finally {
    await chunks.settle();
  }
  flush();
}

/** The kept places of one file. */
export class LinePlaces {
  private offsets = new Float64Array(64);
  private lines = new Float64Array(64);
  private count = 1;
  private lookedAt = 0;
  private feedCount = 0;

  /** How far the file was looked at, in bytes. */
  get end(): number {
    return this.lookedAt;
  }

  /** Line ends found up to `end`. */
  get feeds(): number {
    return this.feedCount;
  }

  /** Takes places that follow the known ones. */
  add(batch: LineBatch): void {
    const wanted = this.count + batch.offsets.length;
    if (wanted > this.offsets.length) {
      this.offsets = larger(this.offsets, wanted);
      this.lines = larger(this.lines, wanted);
    }
    this.offsets.set(batch.offsets, this.count);
    this.lines.set(batch.lines, this.count);
    this.count = wanted;
    this.lookedAt = batch.end;
    this.feedCount = batch.feeds;
  }

  /** The line, counted from 0, on which a byte stands; `undefined` where that is not known yet. */
  async lineOf(file: ByteSource, offset: number): Promise<number | undefined> {
    if (offset > this.lookedAt) return undefined;
    const at = lastAtMost(this.offsets, this.count, offset);
    let feeds = this.lines[at] ?? 0;
    await eachFeed(file, this.offsets[at] ?? 0, offset, () => {
      feeds++;
      return true;
    });
    return feeds;
  }

  /** Where a line, counted from 0, begins; `undefined` where there is none or that is not known yet. */
  async startOf(file: ByteSource, line: number): Promise<number | undefined> {
    if (line < 0 || line > this.feedCount) return undefined;
    const at = lastAtMost(this.lines, this.count, line);
    let left = line - (this.lines[at] ?? 0);
    let start = this.offsets[at] ?? 0;
    if (left === 0) return start;
    await eachFeed(file, start, this.lookedAt, (feed) => {
      start = feed + 1;
      return --left > 0;
    });
    return left === 0 ? start : undefined;
  }
}

function larger(values: Float64Array, wanted: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(Math.max(wanted, values.length * 2));
  grown.set(values);
  return grown;
}

/** Position of the last value that is no larger; the first `count` ascend and the first is 0. */
function lastAtMost(values: Float64Array, count: number, wanted: number): number {
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((values[middle] as number) <= wanted) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Calls back with each line feed in `[from, to)` until that answers false. */
async function eachFeed(
  file: ByteSource,
  from: number,
  to: number,
  found: (offset: number) => boolean,
): Promise<void> {
  for (let at = from; at < to;) {
    const bytes = await file.read(at, Math.min(STRIDE_BYTES, to - at));
    if (bytes.length === 0) return;
    for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, feed + 1)) {
      if (!found(at + feed)) return;
    }
    at += bytes.length;
  }
}
