import { ImcotError } from '../common/errors';
import { LineScanner } from '../common/lineScanner';
import type { ReadInto } from './readAhead';
import { CHUNK_BYTES, ReadAhead } from './readAhead';

/** Most record starts handed over at once. */
const BATCH_RECORDS = 1 << 14;
/** Longest time for which found records are kept back, in milliseconds. */
const BATCH_MS = 40;

/** Records that were found, in file order. */
export interface IndexBatch {
  /** Start of each record that ended since the last batch. */
  readonly starts: Float64Array;
  /** Offset right after the last line that ended. */
  readonly end: number;
}

/** How far indexing came: to the end of the file as it was when that was reached. */
export interface IndexEnd {
  /** Offset right after the last line that ended: where to go on when the file has grown. */
  readonly end: number;
  /** Length of the file. */
  readonly size: number;
  /** Start of the record that is not terminated, or -1. */
  readonly openRecord: number;
}

/** Options of `indexLines`. */
export interface IndexOptions {
  readonly chunkBytes?: number;
  /** Asked between chunks. */
  readonly isCancelled?: () => boolean;
}

/** Gathers starts and hands them over before they are many or old. */
class Batches {
  private readonly starts = new Float64Array(BATCH_RECORDS);
  private found = 0;
  private handedOver = performance.now();

  constructor(private readonly onBatch: (batch: IndexBatch) => void) {}

  readonly add = (start: number, lineFeed: number): void => {
    this.starts[this.found++] = start;
    if (this.found === BATCH_RECORDS) this.flush(lineFeed + 1);
  };

  flush(end: number): void {
    this.onBatch({ starts: this.starts.slice(0, this.found), end });
    this.found = 0;
    this.handedOver = performance.now();
  }

  flushWhenOld(end: number): void {
    if (performance.now() - this.handedOver >= BATCH_MS) this.flush(end);
  }
}

/** Length of the UTF-8 byte order mark that the file begins with: 3 or 0. */
async function markLength(read: ReadInto): Promise<number> {
  const bytes = new Uint8Array(3);
  const got = await read(bytes, 0);
  return got === 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
}

/**
 * Finds the records from `from`, which must be the start of a line, to the end of the file.
 * @throws whatever reading throws; ImcotError `cancelled` when `isCancelled` says so
 */
export async function indexLines(
  read: ReadInto,
  from: number,
  onBatch: (batch: IndexBatch) => void,
  options: IndexOptions = {},
): Promise<IndexEnd> {
  const { chunkBytes = CHUNK_BYTES, isCancelled } = options;
  const batches = new Batches(onBatch);
  const scanner = new LineScanner(from === 0 ? await markLength(read) : from);
  const chunks = new ReadAhead(read, scanner.scanned, chunkBytes);
  try {
    for (let got = chunkBytes; got === chunkBytes;) {
      const chunk = await chunks.next();
      got = chunk.length;
      if (isCancelled?.()) throw new ImcotError('cancelled', 'Indexing was stopped.');
      scanner.push(chunk, batches.add);
      batches.flushWhenOld(scanner.lineStart);
    }
  } finally {
    await chunks.settle();
  }
  batches.flush(scanner.lineStart);
  return { end: scanner.lineStart, size: scanner.scanned, openRecord: scanner.openRecord };
}
