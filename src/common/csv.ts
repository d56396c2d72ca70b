import { ImcotError } from './errors';

/** Longest field, in UTF-16 units: a file without line ends must not fill the memory. */
const MAX_FIELD = 16 * 2 ** 20;

/** A row of a table. */
export interface CsvRow {
  /** The line on which it begins, from 1. */
  readonly line: number;
  /** Where it begins, in UTF-16 units from the beginning of the text. */
  readonly start: number;
  /** Where its line end begins. */
  readonly end: number;
  readonly cells: readonly string[];
  /** The file ended within quotes: the row swallowed what came behind them. */
  readonly unclosed?: true;
}

const SEPARATORS = [',', ';', '\t'] as const;

/**
 * What stands between the fields of a table, told from its first line: of comma, semicolon (what spreadsheets write where
 * the comma is the decimal point) and tab the one that it has most of outside quotes; a comma where it has none.
 */
export function separatorOf(head: string): string {
  const bare = head.replaceAll(/"(?:[^"]|"")*"?/g, '');
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/**
 * Reads a table in pieces of any size by RFC 4180: fields may stand in double quotes, then they may hold separators, line
 * ends and, doubled, quotes. Beyond it: any separator, a line feed or a carriage return alone as line end, text behind a
 * closing quote (kept), quotes within a field that did not begin with one (kept). Rows without anything are left out.
 */
export class CsvReader {
  private readonly special: RegExp;
  private state: 'start' | 'bare' | 'quoted' | 'closed' = 'start';
  private field = '';
  private cells: string[] = [];
  private line = 1;
  private rowLine = 1;
  private afterReturn = false;
  private rows: CsvRow[] = [];
  /** Where the piece that is being taken begins, and where the next row does. */
  private base = 0;
  private rowStart = 0;

  /**
   * @param separator what `separatorOf` told
   * @param tooLong says of a line that it can't be one
   */
  constructor(
    private readonly separator: string,
    private readonly tooLong: (line: number) => string = (line) =>
      `line ${line} has more than ${MAX_FIELD / 2 ** 20} million characters in one field.`,
  ) {
    this.special = separator === '\t' ? /[\t\r\n]/g : separator === ';' ? /[;\r\n]/g : /[,\r\n]/g;
  }

  /** UTF-16 units of the row that has not ended. */
  get pending(): number {
    return this.base - this.rowStart;
  }

  /**
   * Takes the next piece; returns the rows that ended in it.
   * @throws ImcotError `limit` for a field above 16 million characters
   */
  push(piece: string): readonly CsvRow[] {
    let at = 0;
    while (at < piece.length) {
      if (this.afterReturn && piece[at] === '\n') this.rowStart = this.base + ++at;
      this.afterReturn = false;
      if (at >= piece.length) break;
      at = this.state === 'quoted' ? this.takeQuoted(piece, at) : this.takeBare(piece, at);
      if (this.field.length > MAX_FIELD) throw new ImcotError('limit', this.tooLong(this.rowLine));
    }
    this.base += piece.length;
    return this.handOver();
  }

  /** The file has ended; returns the last row where no line end closed it. */
  end(): readonly CsvRow[] {
    const unclosed = this.state === 'quoted';
    if (this.state !== 'start' || this.cells.length > 0) this.endRow(this.base, this.base, unclosed);
    return this.handOver();
  }

  private handOver(): readonly CsvRow[] {
    const { rows } = this;
    this.rows = [];
    return rows;
  }

  private takeQuoted(piece: string, at: number): number {
    const quote = piece.indexOf('"', at);
    const end = quote < 0 ? piece.length : quote;
    const text = piece.slice(at, end);
    this.field += text;
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) this.line++;
    if (quote < 0) return end;
    this.state = 'closed';
    return quote + 1;
  }

  private takeBare(piece: string, at: number): number {
    const next = piece[at];
    if (next === '"' && this.state === 'start') {
      this.state = 'quoted';
      return at + 1;
    }
    if (next === '"' && this.state === 'closed') {
      // Doubled: a quote that belongs to the text, and the field goes on.
      this.field += '"';
      this.state = 'quoted';
      return at + 1;
    }
    this.special.lastIndex = at;
    const end = this.special.exec(piece)?.index ?? piece.length;
    if (end > at) {
      this.field += piece.slice(at, end);
      this.state = 'bare';
      return end;
    }
    if (next === this.separator) this.endField();
    else {
      this.afterReturn = next === '\r';
      this.endRow(this.base + at, this.base + at + 1, false);
    }
    return at + 1;
  }

  private endField(): void {
    this.cells.push(this.field);
    this.field = '';
    this.state = 'start';
  }

  private endRow(end: number, next: number, unclosed: boolean): void {
    const isBlank = this.state === 'start' && this.cells.length === 0;
    this.endField();
    if (!isBlank) {
      const { rowLine: line, rowStart: start, cells } = this;
      this.rows.push({ line, start, end, cells, ...(unclosed && { unclosed }) });
    }
    this.cells = [];
    this.rowStart = next;
    this.rowLine = ++this.line;
  }
}
