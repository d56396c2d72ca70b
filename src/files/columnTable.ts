import { setImmediate } from 'node:timers/promises';
import type { ByteSource } from '../common/byteSource';
import { columnRows } from '../readers/columnRows';
import type { OpenFile } from './fileSource';
import type { Indexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { LineWindow, type LineRead } from './lineWindow';
import { parseLine } from './readRecord';
import type { RecordPart, RecordTable, Tail } from './recordTable';

/** The rows of a line that is a table; a damaged line, or one that is no table, is one part. */
export function rowsOfLine(line: LineRead): readonly RecordPart[] {
  const { start, end } = line;
  const parsed = parseLine(line);
  if ('problem' in parsed) return [{ start, end, problem: parsed.problem }];
  return columnRows(parsed.value).map((value) => ({ start, end, value }));
}

/** A line and the records in it. */
interface TableLine {
  readonly start: number;
  /** Offset by which it has ended. */
  readonly limit: number;
  readonly firstRecord: number;
  readonly records: number;
}

/** Every row of every line is a record, where each line is a table of columns. The rows of the last line read are kept. */
export class ColumnTable implements RecordTable {
  private readonly known: TableLine[] = [];
  private lookedAt = 0;
  private tail: TableLine | undefined;
  private readonly window = new LineWindow();
  private kept: { readonly start: number; readonly rows: readonly RecordPart[] } | undefined;

  get count(): number {
    const last = this.tail ?? this.known.at(-1);
    return last ? last.firstRecord + last.records : 0;
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
    const index = await indexer.index(
      file,
      this.lookedAt,
      (batch) => batch.starts.forEach((start) => starts.push(start)),
      signal,
    );
    for (const [at, start] of starts.entries()) {
      if (signal.aborted) break;
      const limit = starts[at + 1] ?? index.end;
      const rows = rowsOfLine(await this.window.line(file, start, limit));
      if (this.tail && limit > this.tail.start) this.tail = undefined;
      this.known.push({ start, limit, firstRecord: this.nextRecord(), records: rows.length });
      this.lookedAt = limit;
      onProgress(limit);
      // A line may have megabytes: others get their turn after each.
      await setImmediate();
    }
    if (!signal.aborted) this.lookedAt = index.end;
    return index;
  }

  setTail(tail?: Tail): void {
    this.tail = tail && {
      start: tail.start,
      limit: tail.end,
      firstRecord: this.nextRecord(),
      records: rowsOfLine(tail).length,
    };
    this.kept = undefined;
  }

  async lines(file: ByteSource, record: number): Promise<readonly RecordPart[]> {
    const line =
      this.tail && record >= this.tail.firstRecord
        ? this.tail
        : this.known.findLast(({ firstRecord }) => firstRecord <= record);
    if (!line || record < 0 || record >= line.firstRecord + line.records) return [];
    if (this.kept?.start !== line.start) {
      const read =
        line === this.tail
          ? await this.window.unterminated(file, line.start, line.limit)
          : await this.window.line(file, line.start, line.limit);
      this.kept = { start: line.start, rows: rowsOfLine(read) };
    }
    const row = this.kept.rows[record - line.firstRecord];
    if (row) return [row];
    const problem = 'The file was changed while it was read.';
    return [{ start: line.start, end: line.limit, problem }];
  }

  private nextRecord(): number {
    const last = this.known.at(-1);
    return last ? last.firstRecord + last.records : 0;
  }
}
