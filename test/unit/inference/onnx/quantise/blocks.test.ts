import assert from 'node:assert/strict';
import { dequantiseBlocks, quantiseBlocks } from '../../../../../src/inference/onnx/quantise/blocks';
import { randomWeights } from './support/smallCheckpoint';

/** sqrt(sum of squared errors / sum of squares). */
function relativeError(weights: Float32Array, k: number, bits: 4 | 8): number {
  const seen = dequantiseBlocks(quantiseBlocks(weights, k, bits, 32), k, bits, 32);
  let error = 0;
  let power = 0;
  for (const [i, weight] of weights.entries()) {
    error += (weight - seen[i]!) ** 2;
    power += weight ** 2;
  }
  return Math.sqrt(error / power);
}

describe('block quantisation', () => {
  it('packs 8 bits in order around 128, the largest weight at code 0', () => {
    const row = new Float32Array(32);
    row.set([-1, 0.5, 0, 127 / 128, 1 / 128]);
    const { packed, scales } = quantiseBlocks(row, 32, 8, 32);
    assert.deepEqual([...packed.subarray(0, 6)], [0, 192, 128, 255, 129, 128]);
    assert.deepEqual([...scales], [1 / 128]);
  });

  it('packs 4 bits with the earlier weight in the low half', () => {
    // Whole multiples of -0.5 from -8 to 7: the scale that reproduces all of them is found exactly.
    const codes = Array.from({ length: 32 }, (_, i) => (i % 16) - 8);
    const row = Float32Array.from(codes, (code) => code * -0.5);
    const { packed, scales } = quantiseBlocks(row, 32, 4, 32);
    assert.deepEqual([...scales], [-0.5]);
    assert.deepEqual([...packed.subarray(0, 8)], [0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe]);
    assert.deepEqual(dequantiseBlocks({ packed, scales }, 32, 4, 32), row);
  });

  it('pads the last block of a row with the code of zero, and starts the next row in a new block', () => {
    const k = 35;
    const weights = new Float32Array(2 * k).fill(0.25);
    weights.fill(-3, k + 32);
    for (const [bits, zero] of [
      [4, 0x88],
      [8, 128],
    ] as const) {
      const { packed, scales } = quantiseBlocks(weights, k, bits, 32);
      const blockBytes = 4 * bits;
      assert.equal(packed.length, 4 * blockBytes);
      assert.equal(scales.length, 4);
      const rest = packed.subarray(blockBytes + Math.ceil((3 * bits) / 8), 2 * blockBytes);
      assert.deepEqual(new Set(rest), new Set([zero]));
      const seen = dequantiseBlocks({ packed, scales }, k, bits, 32);
      for (const [i, weight] of weights.entries()) assert.ok(Math.abs(seen[i]! - weight) < 1e-6);
    }
  });

  it('keeps a block of zeros, minus zero included, as zeros', () => {
    for (const bits of [4, 8] as const) {
      const blocks = quantiseBlocks(new Float32Array(64).fill(-0), 64, bits, 32);
      assert.ok(dequantiseBlocks(blocks, 64, bits, 32).every((weight) => weight === 0));
      assert.ok(blocks.scales.every((scale) => scale === 0));
    }
  });

  it('takes the smallest and the largest numbers there are', () => {
    for (const bits of [4, 8] as const) {
      for (const size of [1e-45, 1e-38, 3.4e38]) {
        const weights = Float32Array.from({ length: 32 }, (_, i) => (i % 2 === 0 ? size : -size / 2));
        const blocks = quantiseBlocks(weights, 32, bits, 32);
        const seen = dequantiseBlocks(blocks, 32, bits, 32);
        // A scale of a denormal weight has few bits itself: it may be lost whole.
        assert.ok(seen.every((weight, i) => Math.abs(weight - weights[i]!) <= Math.max(1e-40, size * 0.16)));
      }
    }
  });

  it('refuses weights that are not numbers', () => {
    for (const bad of [NaN, Infinity, -Infinity]) {
      const weights = randomWeights(96);
      weights[70] = bad;
      for (const bits of [4, 8] as const)
        assert.throws(() => quantiseBlocks(weights, 32, bits, 32), { code: 'input' });
    }
  });

  it('misses no weight by more than a step and the quarter by which the scale is refined', () => {
    const weights = randomWeights(32 * 4096);
    for (const bits of [4, 8] as const) {
      const blocks = quantiseBlocks(weights, 64, bits, 32);
      const seen = dequantiseBlocks(blocks, 64, bits, 32);
      const last = 2 ** (bits - 1) - 1;
      for (const [i, weight] of weights.entries()) {
        const scale = blocks.scales[i >> 5]!;
        // Only where there is no code for it is more than half a step missing: 128 (or 8) on the positive side.
        const most = weight / scale > last ? 1.25 : 0.75;
        assert.ok(
          Math.abs(weight - seen[i]!) <= Math.abs(scale) * most,
          `${String(weight)} ${String(seen[i])}`,
        );
      }
    }
  });

  it('has the error of its kind: 8.3 % for 4 bits, 0.5 % for 8, less than the largest weight at -8 alone', () => {
    const weights = randomWeights(1 << 19);
    const error4 = relativeError(weights, 1024, 4);
    assert.ok(error4 > 0.081 && error4 < 0.0845, String(error4));
    const error8 = relativeError(weights, 1024, 8);
    assert.ok(error8 > 0.0047 && error8 < 0.0052, String(error8));
    let plain = 0;
    let power = 0;
    for (let start = 0; start < weights.length; start += 32) {
      const block = weights.subarray(start, start + 32);
      const most = block.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
      for (const weight of block) {
        const code = Math.min(7, Math.round(weight / (most / -8)));
        plain += (weight - code * (most / -8)) ** 2;
        power += weight ** 2;
      }
    }
    assert.ok(error4 ** 2 < 0.95 * (plain / power), `${String(error4 ** 2)} of ${String(plain / power)}`);
  });
});
