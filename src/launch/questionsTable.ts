import type { CsvRow } from '../common/csv';
import { CsvReader, separatorOf } from '../common/csv';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import { parseJson } from '../common/json';
import type { FoundQuestions } from './questionsFound';
import { readQuestionRecord } from './questionsRecord';
import { MAX_LINE, tooLong } from './questionsText';

const NEEDED = ['image', 'question'];
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/**
 * Reads a table of questions: the first row names the columns as JSONL names its fields. `boxes` holds JSON; `options` a
 * JSON list or texts with `|` between them; in their place there may be columns `A`, `B`, `C` and so on.
 * @throws ImcotError `input` when the first row names no picture or no question
 */
export async function readQuestionTable(
  file: string,
  pieces: AsyncIterable<string>,
  found: FoundQuestions,
): Promise<void> {
  const table = new Table(file, found);
  let reader: CsvReader | undefined;
  let head = '';
  for await (const piece of pieces) {
    if (reader) await table.take(reader.push(piece));
    else {
      head += piece;
      if (head.length > MAX_LINE) throw new ImcotError('limit', tooLong(1));
      if (!/[\r\n]/.test(piece)) continue;
      const first = head.trimStart();
      const end = first.search(/[\r\n]/);
      if (end < 0) continue;
      reader = new CsvReader(separatorOf(first.slice(0, end)), tooLong);
      await table.take(reader.push(head));
    }
  }
  if (!reader) {
    reader = new CsvReader(separatorOf(head), tooLong);
    await table.take(reader.push(head));
  }
  await table.take(reader.end());
}

class Table {
  private columns: readonly string[] | undefined;

  constructor(
    private readonly file: string,
    private readonly found: FoundQuestions,
  ) {}

  async take(rows: readonly CsvRow[]): Promise<void> {
    for (const row of rows) {
      if (this.columns) await this.takeRow(row, this.columns);
      else if (row.cells.some((cell) => cell.trim() !== '')) this.columns = this.columnsOf(row);
    }
  }

  private columnsOf({ cells }: CsvRow): readonly string[] {
    const columns = cells.map((cell) => cell.trim().toLowerCase());
    const missing = NEEDED.filter((name) => !columns.includes(name));
    if (missing.length === 0) return columns;
    const names = missing.map((name) => `"${name}"`).join(' and ');
    throw new ImcotError(
      'input',
      `${this.file} is no file of questions: it is no JSONL, and its first line has no column ${names}.`,
    );
  }

  private async takeRow({ line, cells, unclosed }: CsvRow, columns: readonly string[]): Promise<void> {
    const where = `${this.file}, line ${line}`;
    try {
      if (unclosed) throw new ImcotError('input', 'a quote that opens in this row is never closed.');
      if (cells.length > columns.length) {
        const counts = `it has ${cells.length} fields and the first row ${columns.length}`;
        throw new ImcotError('input', `${counts}; a field with a separator in it must stand in quotes.`);
      }
      await this.found.add(where, readQuestionRecord(recordOf(cells, columns)));
    } catch (thrown) {
      if (errorCode(thrown) !== 'input') throw thrown;
      this.found.refuse(where, errorMessage(thrown));
    }
  }
}

function recordOf(cells: readonly string[], columns: readonly string[]): Readonly<Record<string, unknown>> {
  const texts = new Map<string, string>();
  columns.forEach((name, index) => {
    const cell = cells[index] ?? '';
    if (cell.trim() !== '' && !texts.has(name)) texts.set(name, cell);
  });
  const boxes = texts.get('boxes');
  const options = texts.get('options');
  return {
    ...Object.fromEntries(texts),
    ...(boxes !== undefined && { boxes: jsonOf('boxes', boxes, '[[10, 20, 110, 220]]') }),
    options: options === undefined ? letteredOptions(texts) : optionsOf(options),
  };
}

function jsonOf(name: string, cell: string, example: string): unknown {
  const read = parseJson(cell);
  if (!read.ok) throw new ImcotError('input', `its "${name}" should be JSON, such as ${example}.`);
  return read.value;
}

function optionsOf(cell: string): unknown {
  if (cell.trimStart().startsWith('[')) return jsonOf('options', cell, '["red", "blue"]');
  return cell.split('|').map((option) => option.trim());
}

function letteredOptions(texts: ReadonlyMap<string, string>): readonly string[] | undefined {
  const options: string[] = [];
  for (const letter of LETTERS) {
    const option = texts.get(letter);
    if (option === undefined) break;
    options.push(option.trim());
  }
  return options.length === 0 ? undefined : options;
}
