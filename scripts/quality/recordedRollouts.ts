import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** A rollout that was recorded at temperature 0, as far as it is compared. */
export interface RecordedRollout {
  /** Absolute. */
  readonly image: string;
  readonly question: string;
  /** What the model wrote, turn by turn, without the token that ended the turn. */
  readonly turns: readonly string[];
  /** Corners as the model wrote them, of each call that was carried out. */
  readonly boxes: readonly (readonly number[])[];
  readonly answer: string;
  /** Tokens of all turns, the ending ones included. */
  readonly tokens: number;
}

/** How a checkpoint's rollouts were run. */
export interface RolloutSetting {
  readonly system: string;
  /** Stands after the question, and after each crop. */
  readonly instruction: string;
  readonly maxTurns: number;
  /** Limits of a picture's area as the model sees it, in pixels. */
  readonly viewMaxPixels: number;
  readonly cropMinPixels: number;
  readonly cropMaxPixels: number;
}

/** A trained checkpoint with the rollouts that were recorded with it. */
export interface RecordedRun {
  readonly checkpoint: string;
  readonly setting: RolloutSetting;
  readonly rollouts: readonly RecordedRollout[];
}

/**
 * Reads a folder with `checkpoint/` (its rollout_config.json says how it sees pictures) and `samples/rollouts.jsonl`
 * with the pictures beside it. The two constant texts of the prompt are taken from the tokenizer, which holds each as
 * one token.
 * @throws Error with the file when something is missing
 */
export async function readRecordedRun(folder: string): Promise<RecordedRun> {
  const checkpoint = path.resolve(folder, 'checkpoint');
  const samples = path.resolve(folder, 'samples');
  const config = await readJson(path.join(checkpoint, 'rollout_config.json'));
  const text = await readFile(path.join(samples, 'rollouts.jsonl'), 'utf8');
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return {
    checkpoint,
    setting: {
      ...(await promptsOf(checkpoint)),
      maxTurns: numberOf(config, 'max_turns'),
      viewMaxPixels: numberOf(config, 'view_max_pixels'),
      cropMinPixels: numberOf(config, 'crop_min_pixels'),
      cropMaxPixels: numberOf(config, 'crop_max_pixels'),
    },
    rollouts: lines.map((line) => rolloutOf(objectOf(JSON.parse(line)), samples)),
  };
}

type Json = Readonly<Record<string, unknown>>;

function rolloutOf(record: Json, samples: string): RecordedRollout {
  return {
    image: path.join(samples, textOf(record, 'image')),
    question: textOf(record, 'question'),
    turns: record['turns'] as readonly string[],
    boxes: record['boxes'] as readonly (readonly number[])[],
    answer: textOf(record, 'answer'),
    tokens: numberOf(record, 'response_tokens'),
  };
}

async function promptsOf(checkpoint: string): Promise<Pick<RolloutSetting, 'system' | 'instruction'>> {
  const file = path.join(checkpoint, 'tokenizer.json');
  const added = (await readJson(file))['added_tokens'] as readonly Json[];
  const texts = added.map((token) => textOf(token, 'content')).filter((content) => content.length > 80);
  const system = texts.find((content) => content.includes('<tools>'));
  const instruction = texts.find((content) => content !== system);
  if (system === undefined || instruction === undefined)
    throw new Error(`${file} does not hold the two constant texts of the prompt as added tokens.`);
  return { system, instruction };
}

async function readJson(file: string): Promise<Json> {
  return objectOf(JSON.parse(await readFile(file, 'utf8')));
}

function objectOf(value: unknown): Json {
  if (typeof value !== 'object' || value === null) throw new Error('An object was expected in a JSON file.');
  return value as Json;
}

function textOf(record: Json, name: string): string {
  const value = record[name];
  if (typeof value !== 'string') throw new Error(`"${name}" should be a text.`);
  return value;
}

function numberOf(record: Json, name: string): number {
  const value = record[name];
  if (typeof value !== 'number') throw new Error(`"${name}" should be a number.`);
  return value;
}
