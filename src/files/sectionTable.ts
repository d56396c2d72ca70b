import type { ByteSource } from '../common/byteSource';
import type { TrajectoryReader } from '../readers/reader';
import type { OpenFile } from './fileSource';
import type { Indexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { LineWindow, type LineRead } from './lineWindow';
import { parseLine } from './readRecord';
import type { RecordTable, Tail } from './recordTable';

/** A line and the offset by which it has ended. */
interface KnownLine {
  readonly start: number;
  readonly limit: number;
}

/** Lines in sections: each begins with a line that the reader calls a beginning. What stands before the first is one too. */
export class SectionTable implements RecordTable {
  private readonly sections: KnownLine[][] = [];
  private lookedAt = 0;
  private tail: { readonly line: KnownLine; readonly begins: boolean } | undefined;
  private readonly window = new LineWindow();

  constructor(private readonly reader: TrajectoryReader) {}

  get count(): number {
    return this.sections.length + (this.tail && this.isOfItsOwn(this.tail.begins) ? 1 : 0);
  }

  get end(): number {
    return this.lookedAt;
  }

  async extend(
    file: OpenFile,
    indexer: Indexer,
    signal: AbortSignal,
    onProgress: (end: number) => void,
  ): Promise<IndexEnd> {
    const starts: number[] = [];
    const take = (batch: { readonly starts: Iterable<number> }): void => void starts.push(...batch.starts);
    const index = await indexer.index(file, this.lookedAt, take, signal);
    for (const [at, start] of starts.entries()) {
      if (signal.aborted) return index;
      const limit = starts[at + 1] ?? index.end;
      const begins = this.begins(await this.window.line(file, start, limit));
      if (this.tail && limit > this.tail.line.start) this.tail = undefined;
      if (this.isOfItsOwn(begins)) this.sections.push([]);
      this.sections.at(-1)?.push({ start, limit });
      this.lookedAt = limit;
      onProgress(limit);
    }
    this.lookedAt = index.end;
    return index;
  }

  setTail(tail?: Tail): void {
    this.tail = tail && { line: { start: tail.start, limit: tail.end }, begins: this.begins(tail) };
  }

  async lines(file: ByteSource, record: number): Promise<readonly LineRead[]> {
    if (record < 0 || record >= this.count) return [];
    const found: LineRead[] = [];
    for (const { start, limit } of this.sections[record] ?? [])
      found.push(await this.window.line(file, start, limit));
    if (this.tail && record === this.count - 1)
      found.push(await this.window.unterminated(file, this.tail.line.start, this.tail.line.limit));
    return found;
  }

  private begins(line: LineRead): boolean {
    const parsed = parseLine(line);
    return 'value' in parsed && this.reader.begins?.(parsed.value) === true;
  }

  private isOfItsOwn(begins: boolean): boolean {
    return begins || this.sections.length === 0;
  }
}
