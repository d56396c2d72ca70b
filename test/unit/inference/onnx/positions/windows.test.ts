import assert from 'node:assert/strict';
import fc from 'fast-check';
import { patchPositions } from '../../../../../src/inference/onnx/positions/patchGrid';
import { windowOrder } from '../../../../../src/inference/onnx/positions/windows';
import { readQwenJson } from '../../../../support/goldenQwen';

interface GridCase {
  readonly image_grid_thw: readonly [number, number, number][];
  readonly window_index: number[];
  readonly cu_window_seqlens: number[];
  readonly cu_seqlens: number[];
  readonly position_ids_hw: [number, number][];
}

const golden = readQwenJson('vision/vision.json') as { grids: GridCase[] };
const VISION = { windowSize: 112, patchSize: 14, mergeSize: 2 };

/** Running totals with 0 before them. */
function borders(lengths: Int32Array): number[] {
  const result = [0];
  for (const length of lengths) result.push((result.at(-1) ?? 0) + length);
  return result;
}

describe('windowOrder', () => {
  it('orders and cuts as the reference in all 12 cases, two images among them', () => {
    assert.equal(golden.grids.length, 12);
    assert.ok(golden.grids.some((grid) => grid.image_grid_thw.length > 1));
    for (const wanted of golden.grids) {
      const grids = wanted.image_grid_thw.map(([, rows, columns]) => ({ rows, columns }));
      const found = windowOrder(grids, VISION);
      const about = JSON.stringify(wanted.image_grid_thw);
      assert.deepEqual([...found.order], wanted.window_index, about);
      assert.deepEqual(borders(found.windowPatches), wanted.cu_window_seqlens, about);
      assert.deepEqual(borders(found.imagePatches), wanted.cu_seqlens, about);
    }
  });

  it('names each visual token once, in windows of at most the window size, and its inverse leads back', () => {
    const side = fc.integer({ min: 1, max: 40 });
    const check = (rows: number, columns: number): void => {
      const { order, inverse, windowPatches } = windowOrder(
        [{ rows: rows * 2, columns: columns * 2 }],
        VISION,
      );
      assert.deepEqual(
        [...order].sort((a, b) => a - b),
        [...order.keys()],
      );
      order.forEach((token, at) => assert.equal(inverse[token], at));
      assert.ok(windowPatches.every((patches) => patches > 0 && patches <= 64));
      assert.equal(windowPatches.length, Math.ceil(rows / 4) * Math.ceil(columns / 4));
    };
    fc.assert(fc.property(side, side, check), { numRuns: 200 });
  });

  it('follows another window size', () => {
    const { order, windowPatches } = windowOrder([{ rows: 4, columns: 6 }], { ...VISION, windowSize: 56 });
    assert.deepEqual([...order], [0, 1, 3, 4, 2, 5]);
    assert.deepEqual([...windowPatches], [16, 8]);
  });
});

describe('patchPositions', () => {
  it('gives the reference`s rows and columns, image by image', () => {
    for (const { image_grid_thw: grids, position_ids_hw: wanted } of golden.grids) {
      const found = grids.flatMap(([, rows, columns]) => [...patchPositions({ rows, columns }, 2)]);
      assert.deepEqual(found, wanted.flat());
    }
  });

  it('follows an order of the visual tokens', () => {
    const found = patchPositions({ rows: 2, columns: 4 }, 2, Int32Array.of(1, 0));
    assert.deepEqual([...found], [0, 2, 0, 3, 1, 2, 1, 3, 0, 0, 0, 1, 1, 0, 1, 1]);
  });
});
