import { ImcotError } from '../common/errors';
import type { Question } from './question';

/** What a place of questions held. */
export interface QuestionFile {
  /** In the order of the file; each has an `id` that no other one has. */
  readonly questions: readonly Question[];
  /** Lines that are no question, as sentences that name file and line; the first thousand. */
  readonly problems: readonly string[];
  /** All lines that are no question, those beyond the first thousand too. */
  readonly bad: number;
}

/**
 * Reads questions from a JSONL or CSV file or a folder as V* has it (docs/rollouts.md says what they hold). A line that
 * is no question is told among the problems and does not stop the others.
 * @param place absolute path of a file or folder
 * @throws ImcotError `missing`, `denied`, `limit`, `cancelled`; `input` when there is no question in it at all
 */
export function readQuestions(place: string, _signal?: AbortSignal): Promise<QuestionFile> {
  return Promise.reject(new ImcotError('internal', `${place} can't be read yet.`));
}
