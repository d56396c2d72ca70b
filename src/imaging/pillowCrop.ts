import type { BoundingBox, Size } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import { roundHalfEven } from '../common/smartResize';
import type { RgbImage } from './imageStore';

/** Why `Image.crop` raises for this box, in a sentence; undefined when it does not. Corners are compared unrounded. */
export function cropFault(box: BoundingBox): string | undefined {
  if (box.x2 < box.x1) return `The right side of the box (${box.x2}) is left of its left side (${box.x1}).`;
  if (box.y2 < box.y1) return `The lower side of the box (${box.y2}) is above its upper side (${box.y1}).`;
  return undefined;
}

/** A new picture, all black. Both sides in whole pixels, 0 allowed. */
export function blackImage(size: Size): RgbImage {
  return { width: size.width, height: size.height, data: new Uint8Array(size.width * size.height * 3) };
}

/**
 * Pillow's `Image.crop`: each corner is rounded for itself, halves to the even number, and what lies outside the image
 * is black. A box without area gives an image without pixels.
 * Source: Pillow 12 `Image.py`, `crop` and `_crop`.
 * @param box in pixels of `image`; finite
 * @throws ImcotError `input` when right < left or lower < upper before rounding, even when both round to one number
 */
export function pillowCrop(image: RgbImage, box: BoundingBox): RgbImage {
  const fault = cropFault(box);
  if (fault !== undefined) throw new ImcotError('input', fault);
  const left = roundHalfEven(box.x1);
  const top = roundHalfEven(box.y1);
  const result = blackImage({
    width: roundHalfEven(box.x2) - left,
    height: roundHalfEven(box.y2) - top,
  });
  const fromX = Math.max(left, 0);
  const toX = Math.min(left + result.width, image.width);
  if (fromX >= toX) return result;
  for (let y = Math.max(top, 0); y < Math.min(top + result.height, image.height); y++) {
    const row = image.data.subarray((y * image.width + fromX) * 3, (y * image.width + toX) * 3);
    result.data.set(row, ((y - top) * result.width + fromX - left) * 3);
  }
  return result;
}
