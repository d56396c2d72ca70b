import { silentLogger } from '../../src/common/logger';
import type { Sequence } from '../../src/inference/backend';
import type { LoadProgress, LocalModelOptions } from '../../src/inference/localModelOptions';
import { startInferenceProcess } from '../../src/inference/onnx/process/inferenceProcess';
import type { InferenceProcess, ProcessLimits } from '../../src/inference/onnx/process/inferenceProcess';
import type { RemoteModel } from '../../src/inference/onnx/process/remoteModel';

/** What a process does at a moment; between the calls it is idle. */
export type Phase = 'starting' | LoadProgress['stage'] | 'prefill' | 'decode' | 'idle';

/** What a model said: tokens and how likely it thought them. */
export interface Words {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
}

/** Where everything lies. */
export interface Scene {
  readonly workerPath: string;
  /** The checkpoint folder. */
  readonly folder: string;
  readonly cacheFolder: string;
  /** The process's folder for temporary files. */
  readonly temporary: string;
}

const PROMPT = 400;
const WORDS = 24;

/** A process with a model, which tells what it is at. */
export class Subject {
  phase: Phase = 'starting';
  readonly process: InferenceProcess;
  private model: RemoteModel | undefined;
  private sequence: Sequence | undefined;

  constructor(
    private readonly scene: Scene,
    limits: Partial<ProcessLimits> = {},
  ) {
    this.process = startInferenceProcess({
      workerPath: scene.workerPath,
      env: { TMPDIR: scene.temporary, TEMP: scene.temporary, TMP: scene.temporary },
      logger: silentLogger,
      limits,
    });
  }

  /** Loads the model in 8 bits: quantised where the cache has it not. */
  async open(): Promise<void> {
    const options: LocalModelOptions = {
      folder: this.scene.folder,
      cacheFolder: this.scene.cacheFolder,
      provider: 'cpu',
      precision: 'int8',
      contextLength: 1024,
      threads: 2,
      maxCacheBytes: 1e10,
      sequenceMemoryBytes: 1e9,
    };
    const hooks = {
      onProgress: ({ stage }: LoadProgress) => void (this.phase = stage),
      signal: new AbortController().signal,
    };
    this.model = await this.process.open(options, hooks);
    this.sequence = await this.model.start();
    this.phase = 'idle';
  }

  /** Reads the prompt: a picture and some hundred tokens. Starts anew when it was read before. */
  async prefill(): Promise<void> {
    const sequence = this.opened();
    await sequence.rewind({ length: 0 });
    this.phase = 'prefill';
    const data = Uint8Array.from({ length: 168 * 112 * 3 }, (_, at) => (at * 31 + (at >> 5) * 7) % 256);
    await sequence.appendImage({ pixels: { width: 168, height: 112, data } });
    await sequence.appendTokens(Array.from({ length: PROMPT }, (_, at) => 100 + ((at * 37) % 1800)));
    this.phase = 'idle';
  }

  /** What follows the prompt, greedily. */
  async decode(): Promise<Words> {
    const ids: number[] = [];
    const logProbabilities: number[] = [];
    this.phase = 'decode';
    const options = { sampling: { temperature: 0 }, maxTokens: WORDS };
    for await (const event of this.opened().generate(options)) {
      if (event.type === 'end') break;
      ids.push(event.id ?? -1);
      logProbabilities.push(event.logProbability ?? NaN);
    }
    this.phase = 'idle';
    return { ids, logProbabilities };
  }

  /** Ends it in an orderly way. */
  async end(): Promise<void> {
    this.process.dispose();
    await this.process.gone;
  }

  private opened(): Sequence {
    if (!this.sequence) throw new Error('The model is not open.');
    return this.sequence;
  }
}
