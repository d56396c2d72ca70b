import { boxFromArray, boxToArray } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import type { JsonRecord } from '../readers/fields';
import { asPlainText, asTexts, field, kindOf } from '../readers/fields';
import type { Question } from './question';

type Boxes = NonNullable<Question['boxes']>;

const ADDRESS = /^(?:[a-z][a-z0-9+.-]+:\/\/|data:)/i;
/** Names of the field that says what kind of question it is; the first that is there counts. */
const SPLIT_FIELDS = ['kind', 'split', 'category'];

/**
 * Reads the fields `image`, `question`, `answer`, `options`, `boxes`, `kind` (or `split`, `category`) and `id`; all others
 * are passed over, null and '' count as absent. `image` stays the path that stands there.
 * @throws ImcotError `input` with a sentence about the field that is off, without the file's name
 */
export function readQuestionRecord(record: JsonRecord): Question {
  const image = textOf(record, 'image');
  const question = textOf(record, 'question');
  if (image === undefined) throw off('it has no "image", the path of a picture.');
  if (ADDRESS.test(image)) throw off('its "image" is an address; a path of a file is needed.');
  if (question === undefined) throw off('it has no "question".');
  const groundTruth = textOf(record, 'answer');
  const id = textOf(record, 'id');
  const split = SPLIT_FIELDS.map((name) => textOf(record, name)).find((text) => text !== undefined);
  const options = optionsOf(field(record, 'options'));
  const boxes = boxesOf(field(record, 'boxes'));
  return {
    image,
    question,
    ...(options && { options }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(boxes && { boxes }),
    ...(split !== undefined && { split }),
    ...(id !== undefined && { id }),
  };
}

function off(sentence: string): ImcotError {
  return new ImcotError('input', sentence);
}

function textOf(record: JsonRecord, name: string): string | undefined {
  const value = field(record, name);
  if (value === undefined || value === null) return undefined;
  const text = asPlainText(value)?.trim();
  if (text === undefined) throw off(`its "${name}" is ${kindOf(value)}, and should be a text.`);
  if (text.includes('\ufffd')) throw off(`its "${name}" is no UTF-8 text. Save the file as UTF-8.`);
  return text === '' ? undefined : text;
}

function optionsOf(value: unknown): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  const options = asTexts(Array.isArray(value) ? value.map((entry) => asPlainText(entry)) : undefined);
  if (!options) throw off(`its "options" are ${kindOf(value)}, and should be a list of texts.`);
  return options.length === 0 ? undefined : options;
}

function boxesOf(value: unknown): Boxes | undefined {
  if (value === undefined || value === null) return undefined;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  // One box may stand there without a list around it.
  const boxes = boxFromArray(list) ? [list] : list;
  return boxes.length === 0 ? undefined : boxes.map(boxOf);
}

function boxOf(value: unknown): Boxes[number] {
  const box = boxFromArray(value);
  if (!box) throw off('its "boxes" should be lists of four numbers, [[x1, y1, x2, y2], ...].');
  if (box.x1 >= box.x2 || box.y1 >= box.y2) {
    throw off(
      `its box [${boxToArray(box).join(', ')}] is empty: [x1, y1, x2, y2] are the left, top, right and bottom edge.`,
    );
  }
  return boxToArray(box);
}
