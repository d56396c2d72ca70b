import type { JsonRecord } from '../fields';
import { asTexts, field } from '../fields';

/** Which columns of a W&B table are which part of a rollout, by position. */
export interface RolloutColumns {
  readonly prompt: number;
  readonly response: number;
  readonly reward?: number;
}

const PROMPTS = ['prompt', 'input', 'question', 'problem', 'query'];
const RESPONSES = ['response', 'completion', 'output', 'generation', 'prediction'];
const REWARDS = ['reward', 'score', 'total_reward'];
const NUMBERED = /^(input|output|score)_(\d{1,6})$/;

/**
 * The rollouts of a row of a table with these columns; empty where it is a table of something else. A row is one
 * rollout (a prompt, a response), or several side by side (`input_1`, `output_1`, `score_1`, `input_2` and so on), as
 * verl's `ValidationGenerationsLogger` writes them.
 */
export function rolloutColumns(columns: readonly string[]): readonly RolloutColumns[] {
  const at = (names: readonly string[]): number =>
    columns.findIndex((column) => names.includes(column.toLowerCase()));
  const [prompt, response, reward] = [at(PROMPTS), at(RESPONSES), at(REWARDS)];
  if (prompt >= 0 && response >= 0) return [{ prompt, response, ...(reward >= 0 && { reward }) }];
  const numbered = new Map<string, Map<string, number>>();
  for (const [position, column] of columns.entries()) {
    const [, name, number] = NUMBERED.exec(column) ?? [];
    if (name === undefined || number === undefined) continue;
    const found = numbered.get(number) ?? new Map<string, number>();
    numbered.set(number, found.set(name, position));
  }
  return [...numbered.values()].flatMap((found): RolloutColumns[] => {
    const [input, output, score] = ['input', 'output', 'score'].map((name) => found.get(name));
    if (input === undefined || output === undefined) return [];
    return [{ prompt: input, response: output, ...(score !== undefined && { reward: score }) }];
  });
}

/** The names of a table's columns; undefined where they are no names. */
export function columnsOf(head: JsonRecord): readonly string[] | undefined {
  return asTexts(field(head, 'columns'));
}
