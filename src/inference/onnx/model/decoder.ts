import type { Disposable } from '../../../common/disposable';
import type { TextConfig } from '../checkpoint/modelConfig';
import { DECODER } from '../graph/decoder';
import { ropeRows } from '../positions/mrope';
import type { RuntimeSession, RuntimeTensor } from '../runtime/runtime';
import type { KvCache } from './kvCache';

/** New tokens for the decoder. */
export interface DecoderInput {
  /** [tokens, hidden]. */
  readonly embeddings: Float32Array;
  /** (t, h, w) per token. */
  readonly positions: Int32Array;
  /** Tokens in the cache before these. */
  readonly past: number;
  /** Which of the new tokens want logits, 0 the first; at least one. */
  readonly wanted: readonly number[];
}

/** The language model over one run of the graph. */
export class Decoder implements Disposable {
  constructor(
    readonly session: RuntimeSession,
    readonly text: TextConfig,
  ) {}

  /**
   * Computes new tokens, writing their keys and values into the cache.
   * @param logits [wanted, vocabulary]: written
   * @throws ImcotError `cancelled` by the signal; the cache then still holds what stood there before
   */
  async run(cache: KvCache, input: DecoderInput, logits: Float32Array, signal?: AbortSignal): Promise<void> {
    const { text, session } = this;
    const { runtime } = session;
    const count = input.positions.length / 3;
    const total = input.past + count;
    const { cos, sin } = ropeRows(input.positions, text);
    const wanted = BigInt64Array.from(input.wanted, (index) => BigInt(index));
    const half = text.headDim / 2;
    const inputs: Record<string, RuntimeTensor> = {
      [DECODER.embeddings]: runtime.tensor(input.embeddings, [count, text.hiddenSize]),
      [DECODER.cos]: runtime.tensor(cos, [count, half]),
      [DECODER.sin]: runtime.tensor(sin, [count, half]),
      [DECODER.lastIndex]: runtime.tensor(Int32Array.of(total - 1), [1]),
      [DECODER.totalLength]: runtime.tensor(Int32Array.of(total), []),
      [DECODER.wanted]: runtime.tensor(wanted, [wanted.length]),
    };
    const out = runtime.tensor(logits, [wanted.length, text.vocabularySize]);
    try {
      for (const [name, tensor] of Object.entries(inputs)) cache.binding.input(name, tensor);
      cache.binding.output(DECODER.logits, out);
      await session.run(cache.binding, signal);
    } finally {
      for (const tensor of Object.values(inputs)) tensor.dispose();
      out.dispose();
    }
  }

  dispose(): void {
    this.session.dispose();
  }
}
