import { GraphBuilder } from '../../../../../../src/inference/onnx/graph/builder';
import { ElementType } from '../../../../../../src/inference/onnx/runtime/elementType';
import type { Runtime, RuntimeSession } from '../../../../../../src/inference/onnx/runtime/runtime';
import type { Provider } from '../../../../../../src/inference/onnx/runtime/providers';

/** A graph that adds `x` (int32, any length) to itself. */
export function openDoubling(runtime: Runtime, provider: Provider = 'cpu'): Promise<RuntimeSession> {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.int32, ['N']);
  graph.output('y', ElementType.int32, ['N'], graph.op('Add', [x, x]));
  return runtime.open(graph.finish(), { provider, threads: 1 });
}

/** Twice the numbers, by the runtime. `during` is called while the run is going on. */
export async function doubled(
  session: RuntimeSession,
  numbers: Int32Array,
  during: () => void = () => undefined,
): Promise<Int32Array> {
  const result = new Int32Array(numbers.length);
  const x = session.runtime.tensor(numbers, [numbers.length]);
  const y = session.runtime.tensor(result, [numbers.length]);
  const binding = session.bind();
  try {
    binding.input('x', x);
    binding.output('y', y);
    const run = session.run(binding);
    during();
    await run;
    return result;
  } finally {
    binding.dispose();
    x.dispose();
    y.dispose();
  }
}

/** A graph that takes long: `count` products of two matrices of `side` x `side`. */
export function openSlow(runtime: Runtime, side: number, count: number): Promise<RuntimeSession> {
  const graph = new GraphBuilder();
  const x = graph.input('x', ElementType.float32, [side, side]);
  let value = x;
  for (let step = 0; step < count; step++) value = graph.op('MatMul', [value, x]);
  graph.output('y', ElementType.float32, [side, side], value);
  return runtime.open(graph.finish(), { provider: 'cpu', threads: 1 });
}
