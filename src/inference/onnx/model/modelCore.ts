import { throwIfCancelled } from '../../../common/cancel';
import type { Disposable } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import { Limiter } from '../../../common/limiter';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { EMBEDDING } from '../checkpoint/neededTensors';
import { TensorRows } from '../checkpoint/tensorRows';
import type { ModelConfig } from '../checkpoint/modelConfig';
import type { ChatTemplate } from '../text/chatTemplate';
import { placeholderIds } from '../text/placeholders';
import type { Tokenizer } from '../text/tokenizer';
import { CachePool } from './cachePool';
import type { Engine } from './engine';
import { type EngineQueue, isProviderFault } from './engineQueue';
import { ImageFeatures } from './imageFeatures';
import { cacheBytes, KvCache } from './kvCache';
import type { Transcript } from './transcript';

/** What a model is made of. */
export interface ModelParts {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly engine: Engine;
  /** The engine to go on with when one fails. */
  readonly others: Pick<EngineQueue, 'after'>;
  /** Is given a sentence when another engine has taken over. */
  readonly tell: (sentence: string) => void;
  /** Tokens. */
  readonly contextLength: number;
  /** Bytes. */
  readonly sequenceMemory: number;
}

/** Something that goes when the model goes. */
export interface Dependent {
  /** Lets go of its memory at once. No run is going on. */
  drop(): void;
}

/** What the sequences of one model share. */
export class ModelCore implements Disposable {
  readonly checkpoint: Checkpoint;
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly contextLength: number;
  /** Tokens that `excludePlaceholders` keeps from being chosen. */
  readonly placeholders: readonly number[];
  readonly images: ImageFeatures;
  readonly pool: CachePool;
  private readonly rows = new TensorRows();
  /** The decoder computes one chunk of one sequence at a time; sequences take turns by chunk. */
  private readonly oneRun = new Limiter(1);
  private readonly sequences = new Set<Dependent>();
  private current: Engine;
  private disposed = false;
  /** Nothing is held any more. */
  private unloaded = false;

  constructor(private readonly parts: ModelParts) {
    this.checkpoint = parts.checkpoint;
    this.config = parts.checkpoint.config;
    this.tokenizer = parts.tokenizer;
    this.template = parts.template;
    this.contextLength = parts.contextLength;
    this.placeholders = placeholderIds(this.config.specialTokens, this.tokenizer);
    this.current = parts.engine;
    this.images = new ImageFeatures(() => this.current.vision, this.config);
    const { text } = this.config;
    const maker = {
      make: (capacity: number) => this.makeCache(capacity),
      copy: (from: KvCache, to: KvCache, tokens: number) => to.copyFrom(from, tokens, this.current.copier),
      bytes: (capacity: number) => cacheBytes(text, capacity),
    };
    this.pool = new CachePool(maker, parts.sequenceMemory, parts.contextLength);
  }

  private makeCache(capacity: number): KvCache {
    try {
      return new KvCache(this.current.decoder.session, this.config.text, capacity);
    } catch (thrown) {
      // An array that can't be allocated; a device says so in its own words, and another one is tried.
      if (!(thrown instanceof RangeError)) throw thrown;
      const gigabytes = cacheBytes(this.config.text, capacity) / 1e9;
      throw new ImcotError(
        'limit',
        `There is no memory for a cache of ${capacity} tokens (${gigabytes.toFixed(1)} GB). Close other sequences, or choose a shorter context length.`,
        { cause: thrown },
      );
    }
  }

  /** What computes now. */
  get engine(): Engine {
    return this.current;
  }

  /**
   * Goes on with the next engine after this one failed; every sequence computes again what it needs. To be called
   * within `exclusively`. Throws the failure itself when it was not the provider's fault, or every provider's failure
   * when none is left.
   */
  async recover(failed: Engine, failure: unknown): Promise<void> {
    if (this.current !== failed) return;
    if (this.disposed || !isProviderFault(failure)) throw failure;
    const next = await this.parts.others.after(failed, failure);
    this.pool.clear();
    this.current = next;
    this.parts.tell(`Going on with ${next.device}.`);
    this.images.whenIdle(() => failed.dispose());
  }

  /** Waits until no run is going on, and keeps others waiting. Throws `cancelled` when the model was unloaded. */
  exclusively<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.oneRun.run(async () => {
      if (this.disposed) throw new ImcotError('cancelled', 'The model was unloaded.');
      throwIfCancelled(signal);
      await this.pause();
      return task();
    }, signal);
  }

  /** Runs on a device hold the thread: between two of them everything else gets its turn. */
  async pause(): Promise<void> {
    if (this.current.decoder.session.onDevice) await new Promise<void>((resolve) => setImmediate(resolve));
  }

  /** Rows for the tokens from `start` up to `end`: of the embedding, or of the pictures that stand there. */
  async embeddings(
    transcript: Transcript,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const table = this.checkpoint.tensors.get(EMBEDDING);
    if (!table) throw new ImcotError('internal', 'The checkpoint has no embedding.');
    const width = this.config.text.hiddenSize;
    const rows = this.rows.readRows(table, transcript.history.slice(start, end));
    for (const span of transcript.images) {
      const from = Math.max(start, span.start);
      const to = Math.min(end, span.start + span.tokens);
      if (from >= to) continue;
      const features = await this.images.features(span.image, signal);
      rows.set(
        features.subarray((from - span.start) * width, (to - span.start) * width),
        (from - start) * width,
      );
    }
    return rows;
  }

  /** Remembers a sequence, to be closed with the model: at once when that is gone already. */
  register<T extends Dependent>(sequence: T): T {
    if (this.unloaded) sequence.drop();
    else this.sequences.add(sequence);
    return sequence;
  }

  forget(sequence: Dependent): void {
    this.sequences.delete(sequence);
  }

  /** Frees everything, after the run that is going on. */
  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    void this.oneRun.run(() => {
      this.unloaded = true;
      for (const sequence of this.sequences) sequence.drop();
      this.rows.close();
      this.images.close(() => this.current.dispose());
      return Promise.resolve();
    });
  }
}
