import path from 'node:path';
import { silentLogger } from '../../src/common/logger';
import type { InferenceProcess, ProcessLimits } from '../../src/inference/onnx/process/inferenceProcess';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../src/inference/onnx/process/remoteModel';
import { readCheckpointConfig } from '../../src/launch/checkpointConfig';
import { loadPicture } from '../../src/launch/loadPicture';
import { RolloutPictureCutter } from '../../src/launch/pictureCutter';
import type { PlayEvent } from '../../src/launch/playRollout';
import { playRollout } from '../../src/launch/playRollout';
import type { RolloutChoices } from '../../src/launch/rolloutChoices';
import { settleChoices } from '../../src/launch/rolloutChoices';
import type { RolloutLog } from '../../src/launch/rolloutLog';
import { demoQuestions } from '../demoQuestions';

const ROOT = path.join(__dirname, '../..');

/** Which checkpoint plays, and what it is asked. */
export interface Play {
  /** A word for the report. */
  readonly name: 'demo' | 'random weights';
  readonly folder: string;
  readonly image: string;
  readonly question: string;
  readonly groundTruth?: string;
  readonly choices: RolloutChoices;
}

const [FIRST] = demoQuestions(ROOT);

/** The model that ships: thinks, zooms once, answers. */
export const DEMO_PLAY: Play = {
  name: 'demo',
  folder: path.join(ROOT, 'media/demo/model'),
  image: FIRST.image,
  question: FIRST.question,
  groundTruth: FIRST.answer,
  choices: { temperature: 0 },
};

/**
 * Random weights, which say anything until they are stopped.
 * @param image a small picture
 */
export function randomPlay(image: string): Play {
  return {
    name: 'random weights',
    folder: path.join(ROOT, 'test/golden/qwen2_5_vl/checkpoint'),
    image,
    question: 'What is there?',
    choices: { temperature: 1, seed: 2, maxTokens: 400 },
  };
}

/** A model in a process of its own that plays rollouts, as the editor and the command line do. */
export class RolloutSubject {
  readonly process: InferenceProcess;
  private model: RemoteModel | undefined;

  constructor(
    workerPath: string,
    readonly play: Play,
    limits: Partial<ProcessLimits> = {},
  ) {
    this.process = startInferenceProcess({ workerPath, logger: silentLogger, limits });
  }

  /** Loads the model as it is. */
  async open(): Promise<void> {
    const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
    const options = {
      folder: this.play.folder,
      provider: 'cpu',
      precision: 'full',
      contextLength: 2048,
      threads: 2,
      cacheFolder: '',
      maxCacheBytes: 0,
      sequenceMemoryBytes: 1e8,
    } as const;
    this.model = await this.process.open(options, hooks);
  }

  /** Plays one rollout into a log; each event comes when it is in the file. */
  async *rollout(log: RolloutLog): AsyncGenerator<PlayEvent, void, undefined> {
    if (!this.model) throw new Error('The model is not open.');
    const { folder, image, question, groundTruth, choices } = this.play;
    const picture = await loadPicture(image, log.place);
    const settled = settleChoices(await readCheckpointConfig(folder), choices);
    const asked = { image, question, ...(groundTruth !== undefined && { groundTruth }) };
    const cutter = new RolloutPictureCutter();
    try {
      const player = { backend: this.model, cutter, recorder: log.recorder };
      yield* playRollout({ question: asked, picture, choices: settled }, player);
    } finally {
      cutter.dispose();
    }
  }

  /** Ends it in an orderly way. */
  async end(): Promise<void> {
    this.process.dispose();
    await this.process.gone;
  }
}
