import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { BoundingBox } from '../common/boundingBox';
import { parseJson } from '../common/json';
import { asRecord } from '../readers/fields';
import { readTruthRecord } from './truthRecord';
import type { AskedAbout } from './truthTable';
import { isQuestionOf } from './truthTable';

/** A file of a few boxes has no more bytes. */
const MAX_BYTES = 2 ** 20;

/** Boxes beside a picture. */
export interface BesideBoxes {
  readonly boxes: readonly BoundingBox[];
  /** Base name of the file. */
  readonly name: string;
}

/**
 * The boxes of `photo.json` beside `photo.jpg`, as V* has them. A file with a question is for that question alone. Only a
 * plain file of the picture's own folder is read: a link might lead anywhere.
 * @param picture absolute path without links in it, where reading is allowed
 * @returns undefined where there is none, or none that can be read
 */
export async function boxesBeside(picture: string, asked: AskedAbout): Promise<BesideBoxes | undefined> {
  const { dir, name } = path.parse(picture);
  const file = path.join(dir, `${name}.json`);
  try {
    if ((await realpath(file)) !== file) return undefined;
    const stats = await stat(file);
    if (!stats.isFile() || stats.size > MAX_BYTES) return undefined;
    const read = parseJson(await readFile(file, 'utf8'));
    const record = read.ok ? asRecord(read.value) : undefined;
    const entry = record && readTruthRecord(record);
    if (!entry || (entry.question !== undefined && !isQuestionOf(entry.question, asked))) return undefined;
    return { boxes: entry.boxes, name: path.basename(file) };
  } catch {
    // No such file, or something else of that name: a picture without boxes.
    return undefined;
  }
}
