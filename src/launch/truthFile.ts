import type { CsvRow } from '../common/csv';
import { CsvReader, separatorOf } from '../common/csv';
import { errorMessage, ImcotError } from '../common/errors';
import { parseJson } from '../common/json';
import type { JsonRecord } from '../readers/fields';
import { asPlainText, asRecord, field } from '../readers/fields';
import { textPieces } from './questionsText';
import type { TruthEntry } from './truthRecord';
import { readBoxes, readTruthRecord } from './truthRecord';

/** What a file of boxes held. */
export interface TruthFile {
  readonly entries: readonly TruthEntry[];
  /** Records whose boxes or picture could not be read, and the first of them in a sentence. */
  readonly bad: number;
  readonly problem?: string;
}

/** UTF-16 units of the largest file: it is held in memory as a whole, since COCO can't be read otherwise. */
const MAX_TEXT = 128 * 2 ** 20;

class Found {
  readonly entries: TruthEntry[] = [];
  bad = 0;
  problem: string | undefined;

  /** @param fallback name of the picture where the record has none */
  add(where: string, record: JsonRecord | undefined, fallback?: string): void {
    try {
      if (!record) throw new ImcotError('input', 'it is no object.');
      const entry = readTruthRecord(record);
      const image = entry?.image ?? fallback;
      if (!entry) throw new ImcotError('input', 'it has no boxes.');
      if (image === undefined) throw new ImcotError('input', 'it names no picture.');
      this.entries.push({ ...entry, image });
    } catch (thrown) {
      this.refuse(where, errorMessage(thrown));
    }
  }

  refuse(where: string, problem: string): void {
    this.bad++;
    this.problem ??= `${where}: ${problem}`;
  }
}

/**
 * Reads boxes from a file that somebody chose: records of `readTruthRecord` as JSON lines, a JSON list, a JSON object by
 * name of picture, or a table (comma, semicolon or tab); or COCO's `images` and `annotations`. Its content decides.
 * @throws ImcotError `missing`, `denied`, `limit`, `cancelled`; `input` when there is not one box in it
 */
export async function readTruthFile(file: string, signal?: AbortSignal): Promise<TruthFile> {
  const text = await wholeText(file, signal);
  const found = new Found();
  const start = text.trimStart().slice(0, 1);
  if (start === '[' || start === '{') readJson(text, found);
  else readTable(text, found);
  const { entries, bad, problem } = found;
  if (entries.length === 0) {
    const why = problem === undefined ? '' : ` ${problem}`;
    throw new ImcotError('input', `${file} holds no ground-truth boxes.${why}`);
  }
  return { entries, bad, ...(problem !== undefined && { problem }) };
}

async function wholeText(file: string, signal: AbortSignal | undefined): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  for await (const piece of textPieces(file, signal)) {
    pieces.push(piece);
    length += piece.length;
    if (length > MAX_TEXT) {
      const most = MAX_TEXT / 2 ** 20;
      throw new ImcotError(
        'limit',
        `${file} has more than ${most} million characters; choose a smaller file.`,
      );
    }
  }
  return pieces.join('');
}

function readJson(text: string, found: Found): void {
  const read = parseJson(text);
  if (!read.ok) return readLines(text, found);
  if (Array.isArray(read.value)) {
    (read.value as unknown[]).forEach((value, i) => found.add(`record ${i}`, asRecord(value)));
    return;
  }
  const record = asRecord(read.value);
  if (!record) return;
  const annotations = field(record, 'annotations');
  const images = field(record, 'images');
  if (Array.isArray(annotations) && Array.isArray(images)) readCoco(images, annotations, found);
  else if (isTruth(record)) found.add('the record', record);
  else readByName(record, found);
}

function isTruth(record: JsonRecord): boolean {
  try {
    return readTruthRecord(record) !== undefined;
  } catch {
    return true;
  }
}

function readLines(text: string, found: Found): void {
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const read = parseJson(line);
    if (read.ok) found.add(`line ${index + 1}`, asRecord(read.value));
    else found.refuse(`line ${index + 1}`, `it is no JSON (${read.error}).`);
  });
}

/** `{"photo.jpg": {"bbox": ...}}` or `{"photo.jpg": [[x1, y1, x2, y2], ...]}`. */
function readByName(record: JsonRecord, found: Found): void {
  for (const [image, value] of Object.entries(record)) {
    const inner = asRecord(value);
    if (inner) found.add(image, inner, image);
    else {
      try {
        found.entries.push({ image, boxes: readBoxes(value, 'corners', image) });
      } catch (thrown) {
        found.refuse(image, errorMessage(thrown));
      }
    }
  }
}

/** COCO's object detection format: boxes by the number of their image, as [x, y, width, height]. */
function readCoco(images: readonly unknown[], annotations: readonly unknown[], found: Found): void {
  const names = new Map<string, string>();
  for (const value of images) {
    const image = asRecord(value);
    const id = image && asPlainText(field(image, 'id'));
    const name = image && asPlainText(field(image, 'file_name'));
    if (id !== undefined && name !== undefined) names.set(id, name);
  }
  annotations.forEach((value, index) => {
    const where = `annotation ${index}`;
    const annotation = asRecord(value);
    const id = annotation && asPlainText(field(annotation, 'image_id'));
    const name = id === undefined ? undefined : names.get(id);
    if (name === undefined) found.refuse(where, 'its image_id is not among the images.');
    else found.add(where, annotation, name);
  });
}

function readTable(text: string, found: Found): void {
  const body = text.trimStart();
  const end = body.search(/[\r\n]/);
  const reader = new CsvReader(separatorOf(end < 0 ? body : body.slice(0, end)));
  const [head, ...rows] = [...reader.push(body), ...reader.end()];
  const columns = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? [];
  for (const row of rows) found.add(`line ${row.line}`, recordOf(row, columns));
}

function recordOf({ cells }: CsvRow, columns: readonly string[]): JsonRecord {
  const entries = columns.map((name, i): [string, unknown] => [name, valueOf(cells[i] ?? '')]);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

/** A cell that begins like a list holds one. */
function valueOf(cell: string): unknown {
  const text = cell.trim();
  if (!text.startsWith('[')) return text;
  const read = parseJson(text);
  return read.ok ? read.value : text;
}
