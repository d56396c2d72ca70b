import type { Size } from '../../../common/boundingBox';
import { ImcotError } from '../../../common/errors';
import { smartResize } from '../../../common/smartResize';
import type { RgbImage } from '../../../imaging/imageStore';
import { nextTurn } from '../../../imaging/nextTurn';
import { pillowResizeInSlices } from '../../../imaging/pillowResize';
import type { ImageProcessorConfig } from '../checkpoint/modelConfig';
import type { PatchGrid } from '../positions/patchGrid';
import type { PatchShape } from './patches';
import { levelTable, patchLength, writePatches } from './patches';

/** How long this thread works before others get their turn. */
const SLICE_MILLISECONDS = 12;

/** What the vision tower takes in. */
export interface PreparedImage {
  /** [patches, 3 * temporalPatchSize * patchSize²]: patches by visual token, numbers by (channel, time, y, x). */
  readonly pixelValues: Float32Array;
  /** In patches. */
  readonly grid: PatchGrid;
  /** Visual tokens. */
  readonly tokens: number;
  /** The size in pixels at which the model sees the picture. */
  readonly seen: Size;
}

/** What may differ from picture to picture. */
export interface PrepareOptions {
  /** Area in pixels, in place of the checkpoint's; above 0. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
  /** Stops the work between two slices. */
  readonly signal?: AbortSignal;
}

/**
 * Resizes, normalises and cuts a picture as Hugging Face's Qwen2-VL image processor does with Pillow 12; other things
 * on this thread get their turn in between. Source: `Qwen2VLImageProcessorPil` of transformers.
 * @param shape from the checkpoint's vision tower; with `temporalPatchSize` 1 the repetition in time is left out, for a
 *   graph that has added up its kernels over time
 * @throws ImcotError `input` when the picture is empty or one side is more than 200 times the other, `usage` for limits
 *   that are not above 0, `cancelled` by the signal
 */
export async function prepareImage(
  image: RgbImage,
  config: ImageProcessorConfig,
  shape: PatchShape,
  options: PrepareOptions = {},
): Promise<PreparedImage> {
  const seen = seenSize(image, config, shape, options);
  const pause = pauseUnless(options.signal);
  const resized = await pillowResizeInSlices(image, seen, pause, undefined, SLICE_MILLISECONDS);
  const grid = { rows: seen.height / shape.patchSize, columns: seen.width / shape.patchSize };
  const pixelValues = new Float32Array(grid.rows * grid.columns * patchLength(shape));
  const table = levelTable(config);
  let started = performance.now();
  for (let tokenRow = 0; tokenRow < grid.rows / shape.mergeSize; tokenRow++) {
    writePatches(resized, grid, shape, table, tokenRow, pixelValues);
    if (performance.now() - started < SLICE_MILLISECONDS) continue;
    await pause();
    started = performance.now();
  }
  return { pixelValues, grid, tokens: (grid.rows * grid.columns) / shape.mergeSize ** 2, seen };
}

/**
 * The size in pixels at which the model sees a picture, without touching its pixels.
 * @throws ImcotError as `prepareImage` does
 */
export function seenSize(
  size: Size,
  config: Pick<ImageProcessorConfig, 'minPixels' | 'maxPixels'>,
  shape: Pick<PatchShape, 'patchSize' | 'mergeSize'>,
  options: Pick<PrepareOptions, 'minPixels' | 'maxPixels'> = {},
): Size {
  const minPixels = options.minPixels ?? config.minPixels;
  const maxPixels = options.maxPixels ?? config.maxPixels;
  if (!(minPixels > 0) || !(maxPixels > 0)) {
    throw new ImcotError(
      'usage',
      `A picture can't be limited to between ${minPixels} and ${maxPixels} pixels: both must be above 0.`,
    );
  }
  return smartResize(
    size,
    { factor: shape.patchSize * shape.mergeSize, minPixels, maxPixels },
    'transformers',
  );
}

function pauseUnless(signal: AbortSignal | undefined): () => Promise<void> {
  return async () => {
    await nextTurn();
    if (signal?.aborted === true) throw new ImcotError('cancelled', 'The picture was not prepared: stopped.');
  };
}
