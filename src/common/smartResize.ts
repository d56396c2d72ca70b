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

/**
 * Whose copy of `smart_resize` to follow; they part for very thin or very small images only.
 *
 * - `qwenVlUtils`: qwen-vl-utils `vision_process.py`, which crops pass through in training
 * - `transformers`: `Qwen2VLImageProcessor`, which every image passes through
 * - `evaluation`: the copy inside DeepEyes' `eval_vstar.py`, which has no limit on the ratio of the sides
 */
export type ResizeFlavour = 'qwenVlUtils' | 'transformers' | 'evaluation';

interface FlavourRules {
  /** Each side is at least one factor before the area is compared with the limits. */
  readonly liftsBefore: boolean;
  /** Each side is at least one factor after shrinking to `maxPixels`; elsewhere it may become 0. */
  readonly liftsAfterShrink: boolean;
  readonly limitsRatio: boolean;
}

const FLAVOURS: Readonly<Record<ResizeFlavour, FlavourRules>> = {
  qwenVlUtils: { liftsBefore: true, liftsAfterShrink: false, limitsRatio: true },
  transformers: { liftsBefore: false, liftsAfterShrink: true, limitsRatio: true },
  evaluation: { liftsBefore: true, liftsAfterShrink: false, limitsRatio: false },
};

const MAX_RATIO = 200;

/** Rounds to the nearest integer, halves to the even one: Python's `round`, which `Math.round` is not. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** True when a Qwen-VL image processor takes no image of this shape: one side more than 200 times the other. */
export function tooThinToResize(size: Size): boolean {
  // Written so that NaN counts as too thin.
  return !(Math.max(size.width, size.height) / Math.min(size.width, size.height) <= MAX_RATIO);
}

/**
 * The size at which Qwen2.5-VL sees an image, in pixels. A side of the result can be 0 under a tiny `maxPixels`.
 * Source: `smart_resize` of the code that `ResizeFlavour` names.
 * @param size in pixels; fractions are taken as they are, as DeepEyes' evaluation hands them over
 * @throws ImcotError `input` when the image is empty or one side is more than 200 times the other
 */
export function smartResize(
  size: Size,
  limits: ResizeLimits = QWEN25_LIMITS,
  flavour: ResizeFlavour = 'qwenVlUtils',
): Size {
  const { width, height } = size;
  const { factor, minPixels, maxPixels } = limits;
  const rules = FLAVOURS[flavour];
  if (rules.limitsRatio) checkShape(size);
  const lift = rules.liftsBefore ? factor : 0;
  const rounded = {
    width: Math.max(lift, roundHalfEven(width / factor) * factor),
    height: Math.max(lift, roundHalfEven(height / factor) * factor),
  };
  const area = rounded.height * rounded.width;
  // Beyond the limits the reference divides by the true area, and Python raises when that is zero.
  if ((area > maxPixels || area < minPixels) && !(width * height > 0)) throw emptyImage(size);
  if (area > maxPixels) {
    const beta = Math.sqrt((height * width) / maxPixels);
    const least = rules.liftsAfterShrink ? factor : 0;
    return {
      width: Math.max(least, Math.floor(width / beta / factor) * factor),
      height: Math.max(least, Math.floor(height / beta / factor) * factor),
    };
  }
  if (area < minPixels) {
    const beta = Math.sqrt(minPixels / (height * width));
    return {
      width: Math.ceil((width * beta) / factor) * factor,
      height: Math.ceil((height * beta) / factor) * factor,
    };
  }
  return rounded;
}

function checkShape(size: Size): void {
  if (!(size.width > 0) || !(size.height > 0)) throw emptyImage(size);
  if (!tooThinToResize(size)) return;
  throw new ImcotError(
    'input',
    `An image of ${size.width} x ${size.height} pixels is too thin: one side may be at most ${MAX_RATIO} times the other.`,
  );
}

function emptyImage(size: Size): ImcotError {
  return new ImcotError('input', `An image of ${size.width} x ${size.height} pixels is empty.`);
}

/** Visual tokens of an image of this (already resized) size: one per `factor` x `factor` pixels. */
export function visualTokenCount(resized: Size, factor: number = QWEN25_LIMITS.factor): number {
  return (resized.width / factor) * (resized.height / factor);
}
