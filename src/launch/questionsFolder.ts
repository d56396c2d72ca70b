import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage } from '../common/errors';
import { parseJson } from '../common/json';
import { fileError } from '../files/fileErrors';
import type { WalkedFolder } from '../files/walkFolder';
import { walkFolder } from '../files/walkFolder';
import type { JsonRecord } from '../readers/fields';
import { asRecord, field } from '../readers/fields';
import type { Question } from './question';
import type { FoundQuestions } from './questionsFound';
import { readQuestionRecord } from './questionsRecord';

/*
 * A folder as V* has it: `direct_attributes/sa_1.jpg` with `sa_1.json` beside it, which holds `question`, `options` (the
 * first is right), `target_object` and `bbox` as [x, y, width, height] in pixels of the picture. Source: V* Bench.
 */

const PICTURE = /\.(?:jpe?g|png|webp|gif|bmp|tiff?)$/i;

/** Reads every JSON file with a question below a folder; the folder that it stands in is its kind. */
export async function readQuestionFolder(
  root: string,
  found: FoundQuestions,
  signal?: AbortSignal,
): Promise<void> {
  const { folders, unreadable, notices } = await walkFolder(root, undefined, signal);
  for (const { path: place, reason } of unreadable) found.refuse(place, reason);
  for (const notice of notices) found.refuse(root, notice);
  for (const folder of folders) await readOne(root, folder, found);
}

async function readOne(root: string, { path: folder, files }: WalkedFolder, found: FoundQuestions) {
  const pictures = new Map(
    files.filter((name) => PICTURE.test(name)).map((name) => [name.replace(PICTURE, ''), name]),
  );
  for (const name of files) {
    if (!name.endsWith('.json')) continue;
    const file = path.join(folder, name);
    const stem = name.slice(0, -'.json'.length);
    const picture = pictures.get(stem);
    try {
      const record = await recordOf(file);
      // Other JSON files may stand there: nobody meant them.
      if (!picture && (!record || field(record, 'question') === undefined)) continue;
      if (!picture) throw new Error(`there is no picture ${stem} beside it.`);
      if (!record) throw new Error('it is no JSON object.');
      const split = path.basename(folder);
      const place = path.relative(root, path.join(folder, picture)).split(path.sep).join('/');
      await found.add(file, { ...questionOf(record, place), split, id: `${split}/${stem}` });
    } catch (thrown) {
      found.refuse(file, errorMessage(thrown));
    }
  }
}

async function recordOf(file: string): Promise<JsonRecord | undefined> {
  const text = await readFile(file, 'utf8').catch((thrown: unknown) => {
    throw fileError(thrown, file);
  });
  const read = parseJson(text);
  return read.ok ? asRecord(read.value) : undefined;
}

function questionOf(record: JsonRecord, image: string): Question {
  const options = field(record, 'options');
  const bbox = field(record, 'bbox');
  const right: unknown = Array.isArray(options) ? options[0] : undefined;
  return readQuestionRecord({
    image,
    question: field(record, 'question'),
    options,
    answer: right,
    boxes: Array.isArray(bbox) ? bbox.map(cornersOf) : bbox,
  });
}

function cornersOf(value: unknown): unknown {
  if (!Array.isArray(value) || value.length !== 4) return value;
  const [x, y, width, height] = value as readonly unknown[];
  const isBox = [x, y, width, height].every((entry) => typeof entry === 'number');
  return isBox ? [x, y, Number(x) + Number(width), Number(y) + Number(height)] : value;
}
