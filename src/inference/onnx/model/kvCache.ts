import type { Disposable } from '../../../common/disposable';
import type { TextConfig } from '../checkpoint/modelConfig';
import { DECODER } from '../graph/decoder';
import type { RuntimeBinding, RuntimeSession, RuntimeTensor } from '../runtime/runtime';
import type { CacheCopier } from './cacheCopier';

type CacheShape = Pick<TextConfig, 'layers' | 'keyValueHeads' | 'headDim'>;

/** Bytes that keys and values of this many tokens take in float32. */
export function cacheBytes(shape: CacheShape, tokens: number): number {
  return 2 * shape.layers * shape.keyValueHeads * shape.headDim * tokens * Float32Array.BYTES_PER_ELEMENT;
}

/**
 * Keys and values of one sequence, [1, kvHeads, capacity, headDim] per layer, where the model computes. The graph
 * reads and writes the same memory, so a step costs the new tokens alone and going back costs nothing.
 */
export class KvCache implements Disposable {
  readonly binding: RuntimeBinding;
  private readonly tensors: RuntimeTensor[] = [];

  /** @param capacity in tokens */
  constructor(
    session: RuntimeSession,
    private readonly shape: CacheShape,
    readonly capacity: number,
  ) {
    this.binding = session.bind();
    try {
      for (let layer = 0; layer < shape.layers; layer++) {
        this.bindTensor(session, DECODER.pastKey(layer), DECODER.presentKey(layer));
        this.bindTensor(session, DECODER.pastValue(layer), DECODER.presentValue(layer));
      }
    } catch (thrown) {
      this.dispose();
      throw thrown;
    }
  }

  private bindTensor(session: RuntimeSession, past: string, present: string): void {
    const { keyValueHeads, headDim } = this.shape;
    const tensor = session.allocate([1, keyValueHeads, this.capacity, headDim]);
    this.tensors.push(tensor);
    this.binding.input(past, tensor);
    this.binding.output(present, tensor);
  }

  get bytes(): number {
    return cacheBytes(this.shape, this.capacity);
  }

  /** Takes over the first `tokens` tokens of another cache; both hold at least that many. */
  async copyFrom(other: KvCache, tokens: number, copier: CacheCopier): Promise<void> {
    if (tokens === 0) return;
    for (const [index, to] of this.tensors.entries()) {
      const from = other.tensors[index];
      if (from) await copier.copy(from, other.capacity, to, this.capacity, tokens);
    }
  }

  dispose(): void {
    this.binding.dispose();
    for (const tensor of this.tensors) tensor.dispose();
  }
}
