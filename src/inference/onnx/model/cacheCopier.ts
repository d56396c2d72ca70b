import type { Disposable } from '../../../common/disposable';
import type { TextConfig } from '../checkpoint/modelConfig';
import { GraphBuilder } from '../graph/builder';
import { ElementType } from '../runtime/elementType';
import type { RuntimeSession, RuntimeTensor } from '../runtime/runtime';

/** Copies the first tokens of one cache tensor into another, wherever they lie. */
export interface CacheCopier extends Disposable {
  /** @param fromCapacity and the like: the tensors are [1, kvHeads, capacity, headDim] */
  copy(
    from: RuntimeTensor,
    fromCapacity: number,
    to: RuntimeTensor,
    toCapacity: number,
    tokens: number,
  ): Promise<void>;
}

type HeadShape = Pick<TextConfig, 'keyValueHeads' | 'headDim'>;

/** The copier for the session's memory. */
export async function openCacheCopier(session: RuntimeSession, shape: HeadShape): Promise<CacheCopier> {
  return session.onDevice ? await DeviceCopier.open(session, shape) : new ProcessorCopier(shape);
}

class ProcessorCopier implements CacheCopier {
  constructor(private readonly shape: HeadShape) {}

  copy(
    from: RuntimeTensor,
    fromCapacity: number,
    to: RuntimeTensor,
    toCapacity: number,
    tokens: number,
  ): Promise<void> {
    const { keyValueHeads, headDim } = this.shape;
    const source = from.data as Float32Array;
    const target = to.data as Float32Array;
    for (let head = 0; head < keyValueHeads; head++) {
      const start = head * fromCapacity * headDim;
      target.set(source.subarray(start, start + tokens * headDim), head * toCapacity * headDim);
    }
    return Promise.resolve();
  }

  dispose(): void {
    // Nothing is held.
  }
}

/** On a device the copy is a graph of its own: slice what is wanted, pad to the new capacity. */
class DeviceCopier implements CacheCopier {
  private constructor(
    private readonly session: RuntimeSession,
    private readonly shape: HeadShape,
  ) {}

  static async open(session: RuntimeSession, shape: HeadShape): Promise<DeviceCopier> {
    const graph = new GraphBuilder();
    const sides = (capacity: string) => [1, shape.keyValueHeads, capacity, shape.headDim];
    const from = graph.input('from', ElementType.float32, sides('A'));
    const end = graph.input('end', ElementType.int64, [1]);
    const pads = graph.input('pads', ElementType.int64, [8]);
    const kept = graph.op('Slice', [from, graph.integers(0), end, graph.integers(2)]);
    graph.output('to', ElementType.float32, sides('B'), graph.op('Pad', [kept, pads]));
    const options = { provider: session.provider, threads: 1 };
    return new DeviceCopier(await session.runtime.open(graph.finish(), options), shape);
  }

  async copy(
    from: RuntimeTensor,
    _fromCapacity: number,
    to: RuntimeTensor,
    toCapacity: number,
    tokens: number,
  ): Promise<void> {
    const { runtime } = this.session;
    const binding = this.session.bind();
    const end = runtime.tensor(BigInt64Array.of(BigInt(tokens)), [1]);
    const pads = runtime.tensor(
      BigInt64Array.of(0n, 0n, 0n, 0n, 0n, 0n, BigInt(toCapacity - tokens), 0n),
      [8],
    );
    try {
      binding.input('from', from);
      binding.input('end', end);
      binding.input('pads', pads);
      binding.output('to', to);
      await this.session.run(binding);
    } finally {
      binding.dispose();
      end.dispose();
      pads.dispose();
    }
  }

  dispose(): void {
    this.session.dispose();
  }
}
