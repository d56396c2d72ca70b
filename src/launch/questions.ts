import { stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import { parseJson } from '../common/json';
import { fileError } from '../files/fileErrors';
import { asRecord, kindOf } from '../readers/fields';
import { readQuestionFolder } from './questionsFolder';
import type { QuestionFile } from './questionsFound';
import { FoundQuestions } from './questionsFound';
import { readQuestionRecord } from './questionsRecord';
import { readQuestionTable } from './questionsTable';
import { textLines, textPieces } from './questionsText';

/**
 * Reads questions from a JSONL file, a CSV file (comma, semicolon or tab) or a folder as V* has it; docs/rollouts.md says
 * what they hold. What a file is, its content decides. It is read in pieces. A line that is no question, or whose picture
 * is not there, is told among the problems and does not stop the others.
 * @param place absolute path of a file or folder
 * @throws ImcotError `missing`, `denied`, `limit`, `cancelled`; `input` when there is no question in it at all
 */
export async function readQuestions(place: string, signal?: AbortSignal): Promise<QuestionFile> {
  const stats = await stat(place).catch((thrown: unknown) => {
    throw fileError(thrown, place);
  });
  const found = new FoundQuestions(stats.isDirectory() ? place : path.dirname(place), signal);
  if (stats.isDirectory()) await readQuestionFolder(place, found, signal);
  else await readFileOf(place, found, signal);
  await found.settle();
  if (found.questions.length === 0) throw nothingIn(place, found);
  return found;
}

function nothingIn(place: string, { problems, bad }: QuestionFile): ImcotError {
  const [first] = problems;
  if (first === undefined) return new ImcotError('input', `${place} holds no questions.`);
  const more = bad > 1 ? ` ${bad - 1} more like this.` : '';
  return new ImcotError('input', `${place} holds no questions. ${first}${more}`);
}

async function readFileOf(file: string, found: FoundQuestions, signal?: AbortSignal): Promise<void> {
  const pieces = textPieces(file, signal);
  const head: string[] = [];
  let start = '';
  // The first character that is not blank tells JSON from a table.
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    head.push(next.value);
    start = next.value.trimStart().slice(0, 1);
    if (start !== '') break;
  }
  if (start === '[') {
    const hint = 'Write one question per line, each an object in braces.';
    await pieces.return();
    throw new ImcotError('input', `${file} is one JSON list. ${hint}`);
  }
  try {
    if (start === '{') await readJsonLines(file, whole(head, pieces), found);
    else await readQuestionTable(file, whole(head, pieces), found);
  } catch (thrown) {
    // The readers of lines know no file.
    if (errorCode(thrown) !== 'limit') throw thrown;
    throw new ImcotError('limit', `${file}: ${errorMessage(thrown)}`, { cause: thrown });
  }
}

async function* whole(head: readonly string[], rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield* head;
  yield* rest;
}

async function readJsonLines(file: string, pieces: AsyncIterable<string>, found: FoundQuestions) {
  for await (const { line, text } of textLines(pieces)) {
    if (text.trim() === '') continue;
    const where = `${file}, line ${line}`;
    try {
      await found.add(where, readQuestionRecord(objectOf(text)));
    } catch (thrown) {
      if (errorCode(thrown) !== 'input') throw thrown;
      found.refuse(where, errorMessage(thrown));
    }
  }
}

function objectOf(text: string) {
  const read = parseJson(text);
  if (!read.ok) throw new ImcotError('input', `it is no JSON (${read.error}).`);
  const record = asRecord(read.value);
  if (!record) throw new ImcotError('input', `it is ${kindOf(read.value)}, and should be an object.`);
  return record;
}
