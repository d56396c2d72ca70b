import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLocalModel, type LocalModel } from '../../src/inference/onnx/localModel';
import type { Engine } from '../../src/inference/onnx/model/engine';
import type { LocalSequence } from '../../src/inference/onnx/model/localSequence';
import { ModelCore } from '../../src/inference/onnx/model/modelCore';
import { prepareWeights, type PreparedWeights } from '../../src/inference/onnx/model/prepareWeights';
import type { ProviderChoice } from '../../src/inference/localModelOptions';

/** Longer than any reference conversation; a longer one is refused with a sentence. */
const CONTEXT = 8192;
const AMPLE = 2 ** 30;

/** A checkpoint opened as the product opens it, at full precision, on the provider that was asked for and no other. */
export class OpenedModel {
  private constructor(
    readonly model: LocalModel,
    private readonly engine: Engine,
    private readonly cacheFolder: string,
    private readonly told: string[],
  ) {}

  /** @throws ImcotError `missing` when the provider is not usable */
  static async open(folder: string, provider: ProviderChoice): Promise<OpenedModel> {
    const cacheFolder = mkdtempSync(path.join(tmpdir(), 'parity-'));
    const told: string[] = [];
    const options = {
      folder,
      provider,
      precision: 'full',
      contextLength: CONTEXT,
      threads: 0,
      cacheFolder,
      maxCacheBytes: AMPLE,
      sequenceMemoryBytes: AMPLE,
    } as const;
    const model = await openLocalModel(options, {
      onProgress: ({ message }) => told.push(message),
      signal: new AbortController().signal,
    });
    return new OpenedModel(model, model.core.engine, cacheFolder, told);
  }

  get core(): ModelCore {
    return this.model.core;
  }

  /** What is wrong when the model went on with another engine or began on another provider than the one asked for. */
  fault(provider: ProviderChoice): string | undefined {
    const found = this.engine.decoder.session.provider;
    if (provider !== 'auto' && found !== provider) return `computed on ${found}, not on ${provider}`;
    return this.core.engine === this.engine
      ? undefined
      : `changed its engine on the way: ${this.told.join('; ')}`;
  }

  /** For a person: model, device, arithmetic. */
  get device(): string {
    const types = new Set([...this.core.checkpoint.tensors.values()].map(({ type }) => type));
    const vision = this.engine.vision.session.provider;
    const { model, device } = this.model.capabilities;
    const largest = this.engine.chunk.size;
    return `${model}: ${device}; weights ${[...types].join(', ')}, arithmetic float32; vision tower on ${vision}; prefill in runs of up to ${largest} tokens`;
  }

  start(): Promise<LocalSequence> {
    return this.model.start();
  }

  /** The same graphs with memory for one sequence only, so that two of them evict each other; to be disposed of. */
  crowded(): ModelCore {
    const { checkpoint, tokenizer, template, contextLength } = this.core;
    const engine = { ...this.core.engine, dispose: () => undefined };
    const others = {
      after: (_engine: Engine, failure: unknown): Promise<Engine> => Promise.reject(failure as Error),
    };
    const tell = (sentence: string): void => void this.told.push(sentence);
    const sequenceMemory = 1;
    return new ModelCore({
      checkpoint,
      tokenizer,
      template,
      engine,
      others,
      contextLength,
      sequenceMemory,
      tell,
    });
  }

  /** Full-precision weights for graphs of our own. */
  weights(): Promise<PreparedWeights> {
    return prepareWeights(
      this.core.checkpoint,
      'full',
      { cacheFolder: this.cacheFolder, maxCacheBytes: AMPLE },
      { onProgress: () => undefined, signal: new AbortController().signal },
    );
  }

  dispose(): void {
    this.model.dispose();
    rmSync(this.cacheFolder, { recursive: true, force: true });
  }
}
