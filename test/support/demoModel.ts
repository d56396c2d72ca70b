import path from 'node:path';
import { silentLogger } from '../../src/common/logger';
import { openTrajectorySource } from '../../src/files/openSource';
import type { Backend } from '../../src/inference/backend';
import type { InferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../src/inference/onnx/process/remoteModel';
import { readCheckpointConfig } from '../../src/launch/checkpointConfig';
import type { LogPlace } from '../../src/launch/loadPicture';
import { loadPicture } from '../../src/launch/loadPicture';
import { RolloutPictureCutter } from '../../src/launch/pictureCutter';
import { playRollout } from '../../src/launch/playRollout';
import type { Question } from '../../src/launch/question';
import { readQuestions } from '../../src/launch/questions';
import type { RolloutChoices } from '../../src/launch/rolloutChoices';
import { settleChoices } from '../../src/launch/rolloutChoices';
import { createRolloutLog } from '../../src/launch/rolloutLog';
import type { Trajectory } from '../../src/trajectory/trajectory';
import { PROJECT_ROOT } from './sources';

/** The checkpoint that ships. */
export const DEMO_MODEL = path.join(PROJECT_ROOT, 'media/demo/model');

/** Those that ship with the demo, then those that only tests know. */
export async function demoQuestions(): Promise<Question[]> {
  const folders = ['media/demo/images', 'test/fixtures/demo-scenes'];
  const files = await Promise.all(
    folders.map((folder) => readQuestions(path.join(PROJECT_ROOT, folder, 'questions.jsonl'))),
  );
  for (const { problems } of files) if (problems.length > 0) throw new Error(problems.join('\n'));
  return files.flatMap(({ questions }) => questions);
}

/**
 * A checkpoint in a process of its own. The process is to be disposed of.
 * @param contextLength in tokens
 */
export async function openInProcess(
  workerPath: string,
  folder: string,
  contextLength = 2048,
): Promise<{ readonly process: InferenceProcess; readonly model: RemoteModel }> {
  const process = startInferenceProcess({ workerPath, logger: silentLogger });
  const options = {
    folder,
    provider: 'cpu',
    precision: 'full',
    contextLength,
    threads: 2,
    cacheFolder: '',
    maxCacheBytes: 0,
    sequenceMemoryBytes: 1e8,
  } as const;
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  try {
    return { process, model: await process.open(options, hooks) };
  } catch (thrown) {
    process.dispose();
    throw thrown;
  }
}

/** Plays the questions one after the other into a new log. */
export async function playQuestions(
  backend: Backend,
  file: string,
  questions: readonly Question[],
  choices: RolloutChoices = {},
): Promise<void> {
  // Pictures are named, not copied: the project is the log's workspace.
  const place: LogPlace = { file, root: PROJECT_ROOT };
  const config = await readCheckpointConfig(DEMO_MODEL);
  const log = await createRolloutLog(place, 'test');
  const cutter = new RolloutPictureCutter();
  try {
    for (const question of questions) {
      const picture = await loadPicture(question.image, place);
      const task = { question, picture, choices: settleChoices(config, choices) };
      for await (const event of playRollout(task, { backend, cutter, recorder: log.recorder })) {
        if (event.type === 'end' && event.status === 'error') throw event.thrown;
      }
    }
  } finally {
    cutter.dispose();
    await log.close();
  }
}

/** A log as the program that shows logs reads it, and what is wrong with its records. */
export async function readLog(file: string): Promise<{ trajectories: Trajectory[]; damage: string[] }> {
  const source = await openTrajectorySource(file, { index: 'inProcess' });
  try {
    const { records, incompleteTail, failure } = await source.indexed();
    const results = await source.records(0, records);
    const trajectories = results.flatMap((result) => (result.status === 'ok' ? [result.trajectory] : []));
    const damage = results.flatMap((result) => (result.status === 'bad' ? [result.reason] : []));
    if (incompleteTail > 0) damage.push(`${incompleteTail} bytes are left over`);
    if (failure !== undefined) damage.push(failure);
    return { trajectories, damage };
  } finally {
    source.dispose();
  }
}
