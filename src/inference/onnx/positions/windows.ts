import type { VisionConfig } from '../checkpoint/modelConfig';
import type { PatchGrid } from './patchGrid';
import { mergedGrid } from './patchGrid';

/** The order in which the vision tower works, and where its attention ends. */
export interface WindowOrder {
  /** Visual tokens in window order, each by its index in reading order: the reference's `window_index`. */
  readonly order: Int32Array;
  /** Where each visual token of reading order stands in window order. */
  readonly inverse: Int32Array;
  /** Patches in each window; windows at the right and lower edge may be smaller. None is empty. */
  readonly windowPatches: Int32Array;
  /** Patches in each image. */
  readonly imagePatches: Int32Array;
}

/**
 * Cuts images into attention windows, row by row of windows.
 * Source: `get_window_index` of transformers' `Qwen2_5_VisionTransformerPretrainedModel`. The empty windows that it
 * makes where a side is a whole number of windows vanish there before use; here they never come up.
 * @param grids in patches; both sides multiples of `mergeSize`; several images follow each other
 */
export function windowOrder(
  grids: readonly PatchGrid[],
  vision: Pick<VisionConfig, 'windowSize' | 'patchSize' | 'mergeSize'>,
): WindowOrder {
  const { windowSize, patchSize, mergeSize } = vision;
  const side = Math.floor(Math.floor(windowSize / mergeSize) / patchSize);
  const order: number[] = [];
  const windowPatches: number[] = [];
  let first = 0;
  for (const grid of grids) {
    const { rows, columns } = mergedGrid(grid, mergeSize);
    for (let top = 0; top < rows; top += side) {
      for (let left = 0; left < columns; left += side) {
        const before = order.length;
        for (let row = top; row < Math.min(top + side, rows); row++) {
          for (let column = left; column < Math.min(left + side, columns); column++) {
            order.push(first + row * columns + column);
          }
        }
        windowPatches.push((order.length - before) * mergeSize * mergeSize);
      }
    }
    first += rows * columns;
  }
  const inverse = new Int32Array(order.length);
  order.forEach((token, at) => (inverse[token] = at));
  return {
    order: Int32Array.from(order),
    inverse,
    windowPatches: Int32Array.from(windowPatches),
    imagePatches: Int32Array.from(grids, ({ rows, columns }) => rows * columns),
  };
}
