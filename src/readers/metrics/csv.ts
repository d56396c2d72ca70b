import { CsvReader, separatorOf } from '../../common/csv';
import type { CsvRow } from '../../common/csv';
import { errorMessage } from '../../common/errors';
import type { MetricSink } from '../../metrics/metricSink';
import { byteText, utf8Of } from './byteText';
import type { CsvColumns, CsvValueColumn } from './csvColumns';
import { readCsvColumns } from './csvColumns';
import { CsvNumbers } from './csvNumbers';
import type { MetricSniff, MetricStream, StreamMetricReader } from './metricReader';

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
/** Longest first row, in bytes. */
const MAX_HEAD = 16 * 1024 * 1024;
/** Of the cells that hold anything, this share at least are numbers: tables of texts have fewer. */
const LEAST_NUMBERS = 0.6;

/** Tables of metrics: W&B's export of a chart, Lightning's `metrics.csv`, what pandas writes. */
export const csvReader: StreamMetricReader = {
  format: 'csv',
  label: 'table of metrics (CSV)',
  layout: 'stream',
  sniff: sniffTable,
  start: (sink) => new CsvStream(sink),
};

class CsvStream implements MetricStream {
  /** Bytes of the first line, and of the byte order mark, as far as they have come. */
  private head = '';
  private markLength = 0;
  private reader: CsvReader | undefined;
  private table: Table | undefined;
  private isGivenUp = false;

  constructor(private readonly sink: MetricSink) {}

  get pending(): number {
    return this.reader?.pending ?? this.head.length;
  }

  write(chunk: Uint8Array): void {
    const text = byteText(chunk);
    if (this.isGivenUp) return;
    if (this.reader) this.take(this.reader, text);
    else this.takeHead(text);
  }

  finish(): void {
    if (this.isGivenUp) return;
    if (!this.reader) this.begin(this.head);
    if (this.reader) this.rows(this.reader.end(), true);
  }

  private takeHead(text: string): void {
    this.head += text;
    const first = this.withoutMark().trimStart();
    const end = first.search(/[\r\n]/);
    if (end >= 0) this.begin(first.slice(0, end));
    else if (this.head.length > MAX_HEAD) this.giveUp('the first line has more than 16 MiB.');
  }

  private withoutMark(): string {
    const mark = byteText(Uint8Array.from(BYTE_ORDER_MARK));
    return this.head.startsWith(mark) ? this.head.slice(mark.length) : this.head;
  }

  private begin(first: string): void {
    const text = this.withoutMark();
    this.markLength = this.head.length - text.length;
    this.head = '';
    this.reader = new CsvReader(separatorOf(first));
    this.take(this.reader, text);
  }

  private take(reader: CsvReader, text: string): void {
    try {
      this.rows(reader.push(text), false);
    } catch (thrown) {
      this.giveUp(errorMessage(thrown));
    }
  }

  private giveUp(reason: string): void {
    this.isGivenUp = true;
    this.sink.damaged(`The table is read up to here: ${reason}`, 0, 0);
  }

  private rows(rows: readonly CsvRow[], isLast: boolean): void {
    for (const row of rows) {
      const [start, end] = [row.start + this.markLength, row.end + this.markLength];
      if (!row.cells.some((cell) => cell.trim() !== '')) continue;
      if (!this.table)
        this.table = new Table(
          readCsvColumns(row.cells.map((cell) => utf8Of(cell).trim())),
          row.cells.length,
        );
      else this.table.tell(row, this.sink, { start, end, isCut: isLast });
    }
  }
}

/** Where a row stands in the file. */
interface RowPlace {
  readonly start: number;
  readonly end: number;
  /** The file ends without a line end behind it, so that its last number may go on. */
  readonly isCut: boolean;
}

class Table {
  private readonly numbers = new CsvNumbers();
  /** The columns of each run, in the order in which the table names them. */
  private readonly runs = new Map<string | undefined, CsvValueColumn[]>();

  constructor(
    private readonly columns: CsvColumns,
    private readonly width: number,
  ) {
    for (const column of columns.values) {
      const known = this.runs.get(column.run);
      if (known) known.push(column);
      else this.runs.set(column.run, [column]);
    }
  }

  tell({ cells, unclosed }: CsvRow, sink: MetricSink, { start, end, isCut }: RowPlace): void {
    if (unclosed) return sink.damaged('A quote that opens in this row is never closed.', start, end);
    if (cells.length > this.width) {
      const counts = `${cells.length} cells, and the first row has ${this.width}`;
      return sink.damaged(`This row has ${counts}.`, start, end);
    }
    if (isCut) {
      // Its last cell may be the beginning of a longer number.
      sink.damaged('The last row has no line end: its last cell is left out.', start, end);
      return this.tellRow(cells.slice(0, -1), sink, start, end);
    }
    this.tellRow(cells, sink, start, end);
  }

  private tellRow(row: readonly string[], sink: MetricSink, start: number, end: number): void {
    // A machine that loses power leaves NUL characters in front of what is written next.
    const cells = row.map((cell) => (cell.includes('\0') ? cell.replaceAll('\0', '') : cell));
    const step = this.number(cells, this.columns.step);
    const time = this.number(cells, this.columns.time);
    const wallTime = time !== undefined && time > 1e8 ? time : undefined;
    for (const [run, columns] of this.runs) {
      if (!columns.some(({ index }) => (cells[index] ?? '').trim() !== '')) continue;
      if (run !== undefined) sink.run({ name: run });
      sink.row(Number.isNaN(step) ? undefined : step, wallTime, start, end);
      for (const column of columns) this.tellCell(cells[column.index] ?? '', column, sink);
    }
  }

  /** An empty cell says nothing: a key that the row lacks, or a number that was none, look alike. */
  private tellCell(cell: string, { key }: CsvValueColumn, sink: MetricSink): void {
    if (cell.trim() === '') return;
    const number = this.numbers.read(cell);
    if (number !== undefined) sink.value(key, number);
    else sink.text(key, utf8Of(cell));
  }

  private number(cells: readonly string[], index: number): number | undefined {
    return this.numbers.read(cells[index] ?? '');
  }
}

function sniffTable({ path, head, lines }: MetricSniff): number {
  // Text in UTF-16 and anything that is no text has NUL bytes.
  if (head.includes(0)) return 0;
  const isNamed = /\.(csv|tsv)$/i.test(path);
  const first = (lines[0] ?? '').replace(/^\uFEFF/, '');
  const separator = separatorOf(first);
  const reader = new CsvReader(separator);
  const [names, ...rows] = [
    ...reader.push(first),
    ...reader.push('\n'),
    ...reader.push(`${lines.slice(1, 21).join('\n')}\n`),
  ];
  if (!names || names.cells.length < 2 || names.cells.every(isNumber)) return 0;
  if (rows.some(({ cells }) => cells.length !== names.cells.length)) return 0;
  const { step } = readCsvColumns(names.cells.map((cell) => cell.trim()));
  if (rows.length === 0) return isNamed && step >= 0 ? 0.4 : 0;
  const cells = rows.flatMap((row) => row.cells.filter((cell) => cell.trim() !== ''));
  if (cells.filter(isNumber).length < cells.length * LEAST_NUMBERS) return 0;
  if (step < 0) return isNamed ? 0.4 : 0;
  return isNamed ? 0.9 : 0.5;
}

const isNumber = (cell: string): boolean => new CsvNumbers().read(cell) !== undefined;
