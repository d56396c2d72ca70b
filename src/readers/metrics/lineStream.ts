import { copyBytes, joinBytes } from '../../common/copyBytes';
import { decodeUtf8 } from '../../common/json';
import { LineScanner } from '../../common/lineScanner';
import type { MetricStream } from './metricReader';

/** What becomes of the lines of a file. */
export interface LineTaker {
  /**
   * Whether a line is worth decoding; decides by its bytes, since most lines of a console log are not.
   * @param bytes hold the line from `from` to `to`
   */
  wants?(bytes: Uint8Array, from: number, to: number): boolean;
  /** A whole line, without blanks in front. */
  line(text: string, start: number, end: number): void;
  /** The last line, when the file ends without a line feed: its end may be missing. */
  cut(text: string, start: number, end: number): void;
  /** A line that is too long to be held. */
  tooLong(start: number, end: number): void;
}

/** Longest line that is decoded, in bytes. */
const MAX_LINE = 64 * 1024 * 1024;

/** Cuts a file that comes in pieces into lines. What was not ended yet is kept until more comes. */
export class LineStream implements MetricStream {
  private readonly scanner = new LineScanner();
  /** Pieces of the line that has not ended, and the offset of the first one. */
  private kept: Uint8Array[] = [];
  private keptFrom = 0;

  constructor(private readonly taker: LineTaker) {}

  get pending(): number {
    const { openRecord, scanned } = this.scanner;
    return openRecord < 0 ? 0 : scanned - openRecord;
  }

  write(chunk: Uint8Array): void {
    const base = this.scanner.scanned;
    this.scanner.push(chunk, (start, end) => this.take(chunk, base, start, end));
    const { openRecord } = this.scanner;
    if (openRecord < 0) return;
    if (openRecord >= base) [this.kept, this.keptFrom] = [[], openRecord];
    // A line beyond the limit is only measured from there on.
    if (this.pending <= MAX_LINE) this.kept.push(copyBytes(chunk, Math.max(0, openRecord - base)));
  }

  finish(): void {
    const { openRecord, scanned } = this.scanner;
    if (openRecord < 0) return;
    if (scanned - openRecord > MAX_LINE) return this.taker.tooLong(openRecord, scanned);
    const line = joinBytes(this.kept);
    if (this.taker.wants?.(line, 0, line.length) === false) return;
    this.taker.cut(decodeUtf8(line), openRecord, scanned);
  }

  private take(chunk: Uint8Array, base: number, start: number, end: number): void {
    if (end - start > MAX_LINE) return this.taker.tooLong(start, end);
    let [bytes, from, to] = [chunk, start - base, end - base];
    if (from < 0) {
      bytes = joinBytes([...this.kept, chunk.subarray(0, to)]);
      [from, to] = [start - this.keptFrom, bytes.length];
    }
    if (this.taker.wants?.(bytes, from, to) === false) return;
    this.taker.line(decodeUtf8(bytes.subarray(from, to)), start, end);
  }
}
