import type { RgbImage } from '../../../imaging/imageStore';
import type { ImageProcessorConfig, VisionConfig } from '../checkpoint/modelConfig';
import type { PatchGrid } from '../positions/patchGrid';

const CHANNELS = 3;
const LEVELS = 256;

/** How a picture is cut; patches are square, `patchSize` pixels. */
export type PatchShape = Pick<VisionConfig, 'patchSize' | 'mergeSize' | 'temporalPatchSize'>;

/** What each of the 256 levels of each channel becomes: [3, 256]. */
export type LevelTable = Float32Array;

/**
 * The levels, scaled to 0 to 1 and normalised. Each step is rounded to float32 as in the reference: scaled in float64,
 * rounded, then minus the mean, then over the deviation. Source: `rescale` and `normalize` of transformers'
 * `image_transforms.py`.
 */
export function levelTable(config: Pick<ImageProcessorConfig, 'mean' | 'std'>): LevelTable {
  const table = new Float32Array(CHANNELS * LEVELS);
  for (let channel = 0; channel < CHANNELS; channel++) {
    const mean = Math.fround(config.mean[channel] ?? 0);
    const std = Math.fround(config.std[channel] ?? 1);
    for (let level = 0; level < LEVELS; level++) {
      const centred = Math.fround(Math.fround(level * (1 / 255)) - mean);
      table[channel * LEVELS + level] = centred / std;
    }
  }
  return table;
}

/** Numbers in one patch's row. */
export function patchLength({ patchSize, temporalPatchSize }: PatchShape): number {
  return CHANNELS * temporalPatchSize * patchSize * patchSize;
}

/**
 * Writes the patches of one row of visual tokens: `mergeSize` rows of patches, those of one token next to each other.
 * A patch is (channel, time, y, x), the picture repeated in time. Source: `patchify` of transformers'
 * `Qwen2VLImageProcessorPil`.
 * @param image its sides are the grid's times `patchSize`
 * @param tokenRow counted in visual tokens
 * @param target [patches, patchLength] of the whole image
 */
export function writePatches(
  image: RgbImage,
  grid: PatchGrid,
  shape: PatchShape,
  table: LevelTable,
  tokenRow: number,
  target: Float32Array,
): void {
  const { patchSize, mergeSize } = shape;
  const length = patchLength(shape);
  let at = tokenRow * mergeSize * grid.columns * length;
  for (let left = 0; left < grid.columns; left += mergeSize) {
    for (let row = 0; row < mergeSize; row++) {
      for (let column = 0; column < mergeSize; column++) {
        const top = (tokenRow * mergeSize + row) * patchSize;
        writePatch(image, top, (left + column) * patchSize, shape, table, target, at);
        at += length;
      }
    }
  }
}

function writePatch(
  image: RgbImage,
  top: number,
  left: number,
  { patchSize, temporalPatchSize }: PatchShape,
  table: LevelTable,
  target: Float32Array,
  start: number,
): void {
  const { data, width } = image;
  const plane = patchSize * patchSize;
  let at = start;
  for (let channel = 0; channel < CHANNELS; channel++) {
    const first = at;
    for (let y = 0; y < patchSize; y++) {
      let source = ((top + y) * width + left) * CHANNELS + channel;
      for (let x = 0; x < patchSize; x++) {
        target[at++] = table[channel * LEVELS + (data[source] ?? 0)] ?? 0;
        source += CHANNELS;
      }
    }
    for (let time = 1; time < temporalPatchSize; time++) {
      target.copyWithin(at, first, first + plane);
      at += plane;
    }
  }
}
