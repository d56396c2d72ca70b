import { ImcotError } from './errors';
import type { Size } from './boundingBox';

/** Pixel limits and grid of a Qwen-VL image processor. Areas in pixels. */
export interface ResizeLimits {
  /** Both sides become multiples of this: patch size times merge size. 28 for Qwen2.5-VL, 32 for Qwen3-VL. */
  readonly factor: number;
  readonly minPixels: number;
  readonly maxPixels: number;
}

/** The limits of qwen-vl-utils' `fetch_image` and of DeepEyes' evaluation: 4 to 16384 visual tokens. */
export const QWEN25_LIMITS: ResizeLimits = { factor: 28, minPixels: 4 * 28 * 28, maxPixels: 16384 * 28 * 28 };

/** Rounds to the nearest integer, halves to the even one: Python's `round`, which `Math.round` is not. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/**
 * The size at which Qwen2.5-VL sees an image.
 * Source: `smart_resize` of qwen-vl-utils `vision_process.py` (each side at least one factor before the area test).
 * Transformers' own copy differs for sides of half a factor or less and under a tiny `maxPixels`.
 * @throws ImcotError `input` when a side is not positive or the sides differ more than 200-fold
 */
export function smartResize(size: Size, limits: ResizeLimits = QWEN25_LIMITS): Size {
  const { width, height } = size;
  const { factor, minPixels, maxPixels } = limits;
  if (!(width > 0) || !(height > 0))
    throw new ImcotError('input', `An image of ${width} x ${height} pixels is empty.`);
  const ratio = Math.max(width, height) / Math.min(width, height);
  if (ratio > 200) {
    throw new ImcotError(
      'input',
      `An image of ${width} x ${height} pixels is too thin: one side may be at most 200 times the other.`,
    );
  }
  let resizedHeight = Math.max(factor, roundHalfEven(height / factor) * factor);
  let resizedWidth = Math.max(factor, roundHalfEven(width / factor) * factor);
  if (resizedHeight * resizedWidth > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    resizedHeight = Math.floor(height / beta / factor) * factor;
    resizedWidth = Math.floor(width / beta / factor) * factor;
  } else if (resizedHeight * resizedWidth < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    resizedHeight = Math.ceil((height * beta) / factor) * factor;
    resizedWidth = Math.ceil((width * beta) / factor) * factor;
  }
  return { width: resizedWidth, height: resizedHeight };
}

/** Visual tokens of an image of this (already resized) size: one per `factor` x `factor` pixels. */
export function visualTokenCount(resized: Size, factor: number = QWEN25_LIMITS.factor): number {
  return (resized.width / factor) * (resized.height / factor);
}
