import path from 'node:path';
import { silentLogger } from '../../src/common/logger';
import type { Backend } from '../../src/inference/backend';
import type { InferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import { openCheckpoint } from '../../src/inference/onnx/checkpoint/openCheckpoint';
import { readCheckpointConfig } from '../../src/launch/checkpointConfig';
import { loadPicture } from '../../src/launch/loadPicture';
import { RolloutPictureCutter } from '../../src/launch/pictureCutter';
import type { Question } from '../../src/launch/question';
import { readQuestions } from '../../src/launch/questions';
import type { RolloutLog } from '../../src/launch/rolloutLog';
import { createRolloutLog } from '../../src/launch/rolloutLog';
import type { Picture } from '../../src/rollout/picture';
import type { RolloutConfig } from '../../src/rollout/rolloutConfig';

/** Where everything lies; a bundle does not know. */
export interface Places {
  /** The project's folder. */
  readonly root: string;
  /** A folder for logs and pictures, on a disk. */
  readonly scratch: string;
}

/** The model that ships. */
export const DEMO = 'media/demo/model';

/** Random weights whose context has room for large pictures, as that of the model that ships has not. */
export const ROOMY = 'test/golden/qwen2_5_vl/checkpoint';

/** A model in its process, with all that rollouts need; opened as the command line opens it. */
export class Opened {
  readonly cutter = new RolloutPictureCutter();
  private logs = 0;

  private constructor(
    readonly places: Places,
    private readonly name: string,
    private readonly process: InferenceProcess,
    readonly model: Backend,
    readonly config: RolloutConfig,
    readonly parameters: number,
    /** The demo's: those that ship and those that only tests know, each with a picture of its own. */
    readonly questions: readonly Question[],
  ) {}

  /** @param checkpoint its folder in the project */
  static async open(places: Places, checkpoint: string): Promise<Opened> {
    const { root, scratch } = places;
    const folder = path.join(root, checkpoint);
    const workerPath = path.join(root, 'dist/inferenceWorker.js');
    const process = startInferenceProcess({ workerPath, logger: silentLogger });
    const options = {
      folder,
      provider: 'auto',
      precision: 'auto',
      contextLength: 16_384,
      threads: 0,
      cacheFolder: path.join(scratch, 'quantised'),
      maxCacheBytes: 4e9,
      sequenceMemoryBytes: 4e9,
    } as const;
    const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
    const model = await process.open(options, hooks);
    const questions: Question[] = [];
    for (const images of ['media/demo/images', 'test/fixtures/demo-scenes'])
      questions.push(...(await readQuestions(path.join(root, images, 'questions.jsonl'))).questions);
    const { parameters } = await openCheckpoint(folder);
    return new Opened(
      places,
      path.basename(checkpoint),
      process,
      model,
      await readCheckpointConfig(folder),
      parameters,
      questions,
    );
  }

  /** A new log. Its pictures are named, not copied. */
  async newLog(): Promise<RolloutLog> {
    const file = path.join(this.places.scratch, `${this.name}-${this.logs++}.imcot.jsonl`);
    return createRolloutLog({ file, root: this.places.root }, 'benchmark');
  }

  loadPicture(image: string): Promise<Picture> {
    return loadPicture(image, { file: path.join(this.places.scratch, 'any'), root: this.places.root });
  }

  async close(): Promise<void> {
    this.cutter.dispose();
    this.process.dispose();
    await this.process.gone;
  }
}
