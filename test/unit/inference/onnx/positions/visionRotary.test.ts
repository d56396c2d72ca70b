import assert from 'node:assert/strict';
import { inverseFrequencies } from '../../../../../src/inference/onnx/positions/frequencies';
import { patchPositions } from '../../../../../src/inference/onnx/positions/patchGrid';
import { visionRotary } from '../../../../../src/inference/onnx/positions/visionRotary';
import { largestDifference, readQwenFloats, readQwenJson } from '../../../../support/goldenQwen';

interface FloatFile {
  readonly file: string;
  readonly shape: [number, number];
}

interface RotaryCase {
  readonly image_grid_thw: readonly [[number, number, number]];
  readonly cos: FloatFile;
  readonly sin: FloatFile;
}

const golden = readQwenJson('vision/vision.json') as {
  head_dim: number;
  inv_freq: number[];
  rotary: RotaryCase[];
};

/** One unit in the last place of a number below 1: torch and V8 round the same angle's cosine each in its own way. */
const TOLERANCE = 2 ** -23;

describe('visionRotary', () => {
  it('has the reference`s frequencies, bit for bit', () => {
    assert.deepEqual([...inverseFrequencies(10000, golden.head_dim / 2)], golden.inv_freq);
  });

  for (const wanted of golden.rotary) {
    const [[, rows, columns]] = wanted.image_grid_thw;
    it(`gives the reference's rows for ${rows} x ${columns} patches`, () => {
      const found = visionRotary(patchPositions({ rows, columns }, 2), golden.head_dim);
      const [patches, width] = wanted.cos.shape;
      for (const part of ['cos', 'sin'] as const) {
        const whole = readQwenFloats(`vision/${wanted[part].file}`);
        assert.equal(whole.length, patches * width);
        const half = width / 2;
        for (let patch = 0; patch < patches; patch++) {
          const row = found[part].subarray(patch * half, (patch + 1) * half);
          const twice = Float32Array.of(...row, ...row);
          const difference = largestDifference(twice, whole.subarray(patch * width, (patch + 1) * width));
          assert.ok(difference <= TOLERANCE, `${part} of patch ${patch} is off by ${difference}`);
        }
      }
    });
  }
});
