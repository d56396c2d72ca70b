import { readFileSync } from 'node:fs';
import path from 'node:path';

/** A question that ships with the demo model. */
export interface DemoQuestion {
  /** Absolute. */
  readonly image: string;
  readonly question: string;
  readonly answer: string;
}

const FOLDER = 'media/demo/images';

/**
 * The questions of the demo's pictures, so that no program holds the words of one drawn world. The first one asks for one
 * thing that can be read in a close-up only.
 * @param root the project's folder
 */
export function demoQuestions(root: string): readonly [DemoQuestion, ...DemoQuestion[]] {
  const folder = path.join(root, FOLDER);
  const lines = readFileSync(path.join(folder, 'questions.jsonl'), 'utf8').trimEnd().split('\n');
  const [first, ...others] = lines.map((line) => {
    const { image, question, answer } = JSON.parse(line) as DemoQuestion;
    return { image: path.join(folder, image), question, answer };
  });
  if (!first) throw new Error(`${folder} has no question.`);
  return [first, ...others];
}
