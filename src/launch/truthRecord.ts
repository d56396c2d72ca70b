import type { BoundingBox } from '../common/boundingBox';
import { boxFromArray } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import type { JsonRecord } from '../readers/fields';
import { asFiniteNumber, asPlainText, asText, field, kindOf } from '../readers/fields';

/** Boxes that somebody drew on a picture, for a question or for all that are asked about it. */
export interface TruthEntry {
  /** Path or name of the picture as the file has it; absent where the record stands beside its picture. */
  readonly image?: string;
  readonly question?: string;
  /** In pixels of the picture, none empty. */
  readonly boxes: readonly BoundingBox[];
}

const IMAGE_FIELDS = ['image', 'image_path', 'image_name', 'file_name', 'filename', 'img_path', 'path'];
const QUESTION_FIELDS = ['question', 'query', 'problem'];
/** `[x1, y1, x2, y2]`, one or a list of them, as our own files and those of the models' calls have it. */
const CORNER_FIELDS = ['boxes', 'bbox_2d', 'bboxs', 'gt_boxes'];
/** `[x, y, width, height]`, one or a list of them, as COCO and V* have it. */
const EXTENT_FIELDS = ['bbox', 'bboxes'];
/** Columns of a table that hold a number each. */
const CORNER_COLUMNS = [
  ['x1', 'y1', 'x2', 'y2'],
  ['xmin', 'ymin', 'xmax', 'ymax'],
];
const EXTENT_COLUMNS = [
  ['x', 'y', 'width', 'height'],
  ['x', 'y', 'w', 'h'],
];

/**
 * Reads a record of boxes: a picture, perhaps a question, and boxes in one of the fields above.
 * @returns undefined when the record has no field of boxes at all
 * @throws ImcotError `input` with a sentence when such a field holds something else
 */
export function readTruthRecord(record: JsonRecord): TruthEntry | undefined {
  const boxes = boxesOf(record);
  if (!boxes) return undefined;
  const image = firstText(record, IMAGE_FIELDS) ?? firstOfList(field(record, 'images'));
  const question = firstText(record, QUESTION_FIELDS);
  return {
    ...(image !== undefined && { image }),
    ...(question !== undefined && { question }),
    boxes,
  };
}

function firstText(record: JsonRecord, names: readonly string[]): string | undefined {
  for (const name of names) {
    const text = asPlainText(field(record, name))?.trim();
    if (text !== undefined && text !== '') return text;
  }
  return undefined;
}

function firstOfList(value: unknown): string | undefined {
  return Array.isArray(value) ? asText(value[0]) : undefined;
}

function boxesOf(record: JsonRecord): readonly BoundingBox[] | undefined {
  for (const name of [...CORNER_FIELDS, ...EXTENT_FIELDS]) {
    const value = field(record, name);
    if (value === undefined || value === null) continue;
    return readBoxes(value, CORNER_FIELDS.includes(name) ? 'corners' : 'extent', name);
  }
  for (const names of [...CORNER_COLUMNS, ...EXTENT_COLUMNS]) {
    const numbers = names.map((name) => asFiniteNumber(field(record, name)));
    if (!numbers.every((number) => number !== undefined)) continue;
    return readBoxes(numbers, CORNER_COLUMNS.includes(names) ? 'corners' : 'extent', names.join(', '));
  }
  return undefined;
}

/**
 * One box or a list of boxes.
 * @param order `corners`: left, top, right, bottom; `extent`: left, top, width, height
 * @throws ImcotError `input` for anything else, and for a box without area
 */
export function readBoxes(value: unknown, order: 'corners' | 'extent', name: string): readonly BoundingBox[] {
  if (!Array.isArray(value)) throw off(`its "${name}" is ${kindOf(value)}, and should be a list of numbers.`);
  const list: readonly unknown[] = boxFromArray(value) ? [value] : (value as readonly unknown[]);
  return list.map((entry) => {
    const read = boxFromArray(entry);
    if (!read) throw off(`its "${name}" should hold boxes of four numbers each.`);
    const box = order === 'corners' ? read : fromExtent(read);
    if (box.x1 < box.x2 && box.y1 < box.y2) return box;
    const meaning = order === 'corners' ? 'left, top, right, bottom' : 'left, top, width, height';
    throw off(`a box in its "${name}" is empty; the numbers are read as ${meaning}.`);
  });
}

function fromExtent({ x1, y1, x2, y2 }: BoundingBox): BoundingBox {
  return { x1, y1, x2: x1 + x2, y2: y1 + y2 };
}

function off(sentence: string): ImcotError {
  return new ImcotError('input', sentence);
}
