import assert from 'node:assert/strict';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { GraphBuilder } from '../../../../../src/inference/onnx/graph/builder';
import {
  blocksPerRow,
  dequantiseBlocks,
  quantiseBlocks,
  type WeightBits,
} from '../../../../../src/inference/onnx/quantise/blocks';
import { ElementType } from '../../../../../src/inference/onnx/runtime/elementType';
import { randomWeights } from './support/smallCheckpoint';

const BLOCK = 32;

/** x W^T as the runtime computes it from quantised weights. */
async function byRuntime(
  x: Float32Array,
  weights: Float32Array,
  { n, k, bits, accuracy }: { n: number; k: number; bits: WeightBits; accuracy: number },
): Promise<Float32Array> {
  const { packed, scales } = quantiseBlocks(weights, k, bits, BLOCK);
  const graph = new GraphBuilder();
  const input = graph.input('x', ElementType.float32, ['rows', k]);
  const b = graph.tensor('b', packed, [n, blocksPerRow(k, BLOCK), (BLOCK * bits) / 8]);
  const s = graph.tensor('s', scales, [scales.length]);
  const attributes = { K: k, N: n, bits, block_size: BLOCK, accuracy_level: accuracy };
  const [y] = graph.contrib('MatMulNBits', [input, b, s], attributes);
  graph.output('y', ElementType.float32, ['rows', n], y!);
  const session = await InferenceSession.create(graph.finish(), { logSeverityLevel: 3 });
  const result = await session.run({ x: new Tensor('float32', x, [x.length / k, k]) });
  await session.release();
  return result['y']!.data as Float32Array;
}

function byHand(x: Float32Array, seen: Float32Array, n: number, k: number): Float64Array {
  const rows = x.length / k;
  const y = new Float64Array(rows * n);
  for (let row = 0; row < rows; row++)
    for (let out = 0; out < n; out++)
      for (let i = 0; i < k; i++) y[row * n + out]! += x[row * k + i]! * seen[out * k + i]!;
  return y;
}

/** sqrt(sum of squared differences / sum of squares). */
function difference(actual: Float32Array, expected: Float64Array): number {
  let error = 0;
  let power = 0;
  for (const [i, value] of expected.entries()) {
    error += (actual[i]! - value) ** 2;
    power += value ** 2;
  }
  return Math.sqrt(error / power);
}

describe('quantised blocks in the runtime', () => {
  for (const bits of [4, 8] as const) {
    for (const [n, k] of [
      [48, 64],
      [33, 172],
      [5, 40],
      [160, 896],
    ] as const) {
      it(`MatMulNBits sees the weights that dequantising gives: ${String(bits)} bits, ${String(n)} x ${String(k)}`, async () => {
        const weights = randomWeights(n * k, n);
        const seen = dequantiseBlocks(quantiseBlocks(weights, k, bits, BLOCK), k, bits, BLOCK);
        // One row (decoding) and several (prefill) take different kernels.
        for (const rows of [1, 7]) {
          const x = randomWeights(rows * k, 99);
          const expected = byHand(x, seen, n, k);
          const exact = await byRuntime(x, weights, { n, k, bits, accuracy: 1 });
          assert.ok(difference(exact, expected) < 1e-5, String(difference(exact, expected)));
          // With int8 activations the runtime rounds x, too: half a step of its largest value in each block.
          const rounded = await byRuntime(x, weights, { n, k, bits, accuracy: 4 });
          assert.ok(difference(rounded, expected) < 0.02, String(difference(rounded, expected)));
        }
      });
    }
  }

  it('does not overflow with the largest codes of weights and activations', async () => {
    // Of the sums of products of bytes, the instructions for older processors keep 16 bits.
    const k = 256;
    const x = new Float32Array(k).fill(1);
    for (const bits of [4, 8] as const) {
      for (const sign of [1, -1]) {
        const weights = new Float32Array(16 * k).fill(sign);
        const y = await byRuntime(x, weights, { n: 16, k, bits, accuracy: 4 });
        assert.ok(
          y.every((value) => Math.abs(value - sign * k) < 0.02 * k),
          `${String(y[0])}`,
        );
      }
    }
  });
});
