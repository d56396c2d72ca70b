/** A picture's shape on a grid: of patches, or of visual tokens (merged patches) where a name says `merged`. */
export interface PatchGrid {
  readonly rows: number;
  readonly columns: number;
}

/** The grid of visual tokens over a grid of patches, both of whose sides are multiples of `mergeSize`. */
export function mergedGrid(grid: PatchGrid, mergeSize: number): PatchGrid {
  return { rows: grid.rows / mergeSize, columns: grid.columns / mergeSize };
}

/**
 * Where each patch lies, as pairs (row, column): [patches, 2]. The patches of a visual token stand next to each other,
 * row by row, as the image processor lays them out.
 * @param order the visual tokens in the wanted order, as in `WindowOrder`; reading order when absent
 */
export function patchPositions(grid: PatchGrid, mergeSize: number, order?: Int32Array): Int32Array {
  const merged = mergedGrid(grid, mergeSize);
  const result = new Int32Array(grid.rows * grid.columns * 2);
  let at = 0;
  for (let index = 0; index < merged.rows * merged.columns; index++) {
    const token = order?.[index] ?? index;
    const top = Math.floor(token / merged.columns) * mergeSize;
    const left = (token % merged.columns) * mergeSize;
    for (let row = 0; row < mergeSize; row++) {
      for (let column = 0; column < mergeSize; column++) {
        result[at++] = top + row;
        result[at++] = left + column;
      }
    }
  }
  return result;
}
