import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Batch, BatchHooks, BatchPlayer, BatchResult } from '../../../../src/launch/batch';
import type { LoggedRollouts } from '../../../../src/launch/batchLog';
import { readLoggedRollouts } from '../../../../src/launch/batchLog';
import { playBatch } from '../../../../src/launch/playBatch';
import type { Question } from '../../../../src/launch/question';
import type { RolloutLog } from '../../../../src/launch/rolloutLog';
import { createRolloutLog, resumeRolloutLog } from '../../../../src/launch/rolloutLog';
import { Recorder } from '../../../../src/rollout/recorder';
import { makePng } from '../../../support/makePng';
import { codecs } from '../../../support/readRecords';
import type { ScriptHooks } from '../../../support/scriptedBackend';
import { ScriptedBackend } from '../../../support/scriptedBackend';
import { qwenTemplate, realCutter } from '../../rollout/support/rolloutLog';

/** What the scripted model says: an answer, right where the ground truth is "red". */
export const ANSWER = '<think>I see it.</think> <answer>red</answer>';

/** Writes a picture of one colour and returns its path. */
export function writePicture(folder: string, name: string, shade = 120): string {
  const file = path.join(folder, name);
  const row = new Uint8Array(56 * 3).fill(shade);
  writeFileSync(file, makePng({ width: 56, height: 56, bitDepth: 8, colourType: 2, row }));
  return file;
}

/** Questions about one picture. */
export function manyQuestions(count: number, image: string): readonly Question[] {
  return Array.from({ length: count }, (_, index) => ({
    image,
    question: `What colour is thing ${index}?`,
    id: `q${index}`,
    options: ['red', 'blue'],
    groundTruth: index % 2 === 0 ? 'red' : 'blue',
  }));
}

/** A model that answers in one turn. */
export async function answering(hooks: ScriptHooks = {}, says = ANSWER): Promise<ScriptedBackend> {
  return new ScriptedBackend(await qwenTemplate(), [{ says }], hooks);
}

/** Opens the log, or goes on with it, as a program does. */
export async function openLog(file: string): Promise<Pick<BatchPlayer, 'log' | 'logged'>> {
  const place = { file, root: path.dirname(file) };
  try {
    const logged = await readLoggedRollouts(file);
    return { log: await resumeRolloutLog(place, logged.nextTrajectory), logged };
  } catch {
    return { log: await createRolloutLog(place, 'test') };
  }
}

/** Plays a batch into a file and closes it. */
export async function playInto(
  file: string,
  batch: Partial<Batch> & Pick<Batch, 'questions'>,
  player: Partial<BatchPlayer> & Pick<BatchPlayer, 'backend'>,
  hooks: BatchHooks = {},
): Promise<BatchResult> {
  const { log, ...logged } = await openLog(file);
  try {
    return await playBatch(wholeBatch(batch), { cutter: realCutter, log, ...logged, ...player }, hooks);
  } finally {
    await log.close();
  }
}

/** What a test does not say is usual. */
export function wholeBatch(batch: Partial<Batch> & Pick<Batch, 'questions'>): Batch {
  return { perQuestion: 1, concurrency: 2, config: {}, choices: { seed: 7 }, ...batch };
}

/** A log's lines, parsed. */
export interface LogLine extends Readonly<Record<string, unknown>> {
  readonly t?: number;
  readonly event?: string;
}

/** How each trajectory of a log's lines ended: its last word on it; undefined where there is none. */
export function endings(
  lines: readonly LogLine[],
): readonly { readonly id: string; readonly end?: string }[] {
  const ids = new Map<number, string>();
  const ends = new Map<number, string>();
  for (const line of lines) {
    const { t, event } = line;
    if (t === undefined) continue;
    if (event === 'start') ids.set(t, String(line['id']));
    if (event === 'outcome') ends.set(t, String(line['status']));
    if (event === 'error' || event === 'cancelled') ends.set(t, event);
  }
  return [...ids].map(([t, id]) => {
    const end = ends.get(t);
    return end === undefined ? { id } : { id, end };
  });
}

/** What an empty log has. */
export const NO_ROLLOUTS: LoggedRollouts = {
  nextTrajectory: 0,
  ended: new Map(),
  verdicts: new Map(),
  interrupted: [],
  unscored: [],
  hasHeader: true,
  damaged: 0,
};

/** A log that nobody keeps. */
export function lostLog(folder: string): RolloutLog {
  const sink = {
    append: () => Promise.resolve(),
    writeImage: (hash: string) => Promise.resolve(`log.images/${hash}.png`),
  };
  const place = { file: path.join(folder, 'lost.imcot.jsonl'), root: folder };
  return {
    place,
    recorder: new Recorder(sink, { sha256: codecs.sha256 }),
    close: () => Promise.resolve(),
  };
}
