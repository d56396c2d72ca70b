import { throwIfCancelled } from '../../../common/cancel';
import type { Disposable } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import { Limiter } from '../../../common/limiter';
import type { Checkpoint } from '../checkpoint/checkpoint';
import { EMBEDDING } from '../checkpoint/neededTensors';
import { TensorRows } from '../checkpoint/tensorRows';
import type { ModelConfig } from '../checkpoint/modelConfig';
import type { ChatTemplate } from '../text/chatTemplate';
import type { Tokenizer } from '../text/tokenizer';
import type { CacheCopier } from './cacheCopier';
import { CachePool } from './cachePool';
import type { ChunkSize } from './chunkSize';
import type { Decoder } from './decoder';
import { ImageFeatures } from './imageFeatures';
import { cacheBytes, KvCache } from './kvCache';
import type { Transcript } from './transcript';
import type { VisionTower } from './visionTower';

/** What a model is made of. */
export interface ModelParts {
  readonly checkpoint: Checkpoint;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly decoder: Decoder;
  readonly vision: VisionTower;
  readonly copier: CacheCopier;
  readonly chunk: ChunkSize;
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
  readonly config: ModelConfig;
  readonly tokenizer: Tokenizer;
  readonly template: ChatTemplate;
  readonly decoder: Decoder;
  readonly chunk: ChunkSize;
  readonly contextLength: number;
  readonly images: ImageFeatures;
  readonly pool: CachePool;
  private readonly rows = new TensorRows();
  /** The decoder computes one chunk of one sequence at a time; sequences take turns by chunk. */
  private readonly oneRun = new Limiter(1);
  private readonly sequences = new Set<Dependent>();
  private disposed = false;

  constructor(private readonly parts: ModelParts) {
    this.config = parts.checkpoint.config;
    this.tokenizer = parts.tokenizer;
    this.template = parts.template;
    this.decoder = parts.decoder;
    this.chunk = parts.chunk;
    this.contextLength = parts.contextLength;
    this.images = new ImageFeatures(parts.vision, this.config);
    const { text } = this.config;
    const maker = {
      make: (capacity: number) => new KvCache(parts.decoder.session, text, capacity),
      copy: (from: KvCache, to: KvCache, tokens: number) => to.copyFrom(from, tokens, parts.copier),
      bytes: (capacity: number) => cacheBytes(text, capacity),
    };
    this.pool = new CachePool(maker, parts.sequenceMemory, parts.contextLength);
  }

  /** Waits until no run is going on, and keeps others waiting. Throws `cancelled` when the model was unloaded. */
  exclusively<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    return this.oneRun.run(async () => {
      if (this.disposed) throw new ImcotError('cancelled', 'The model was unloaded.');
      throwIfCancelled(signal);
      // Runs on a device hold the thread: between two of them everything else gets its turn.
      if (this.decoder.session.onDevice) await new Promise<void>((resolve) => setImmediate(resolve));
      return task();
    });
  }

  /** Rows for the tokens from `start` up to `end`: of the embedding, or of the pictures that stand there. */
  async embeddings(
    transcript: Transcript,
    start: number,
    end: number,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const table = this.parts.checkpoint.tensors.get(EMBEDDING);
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

  /** Remembers a sequence, to be closed with the model. */
  register<T extends Dependent>(sequence: T): T {
    this.sequences.add(sequence);
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
      for (const sequence of this.sequences) sequence.drop();
      this.rows.close();
      this.parts.copier.dispose();
      this.parts.decoder.dispose();
      this.images.dispose();
      return Promise.resolve();
    });
  }
}
