import type { BoundingBox, Size } from '../common/boundingBox';
import type { Disposable } from '../common/disposable';

/** Decoded pixels: 8 bits a channel, red green blue, rows from the top, no padding. `data.length` = width * height * 3. */
export interface RgbImage extends Size {
  readonly data: Uint8Array;
}

/**
 * What to decode. A path has already been checked against the allowed roots; `key` names the content for caches
 * (a path with size and mtime, or a content hash).
 */
export type ImageInput =
  | { readonly kind: 'path'; readonly key: string; readonly path: string }
  | { readonly kind: 'bytes'; readonly key: string; readonly bytes: Uint8Array };

/** An encoded picture to hand to a view. */
export interface EncodedImage extends Size {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp';
  readonly bytes: Uint8Array;
}

/**
 * Decodes each image once and keeps its raw pixels up to a budget. EXIF orientation is applied first. Files that are
 * not raster images by their magic bytes, and images above the pixel limit, are refused with an `ImcotError`
 * (`input`, `limit`) before any decoding; a missing file is `missing`.
 */
export interface ImageStore extends Disposable {
  /** Size after EXIF orientation, from the header alone. */
  size(input: ImageInput): Promise<Size>;
  /** All pixels. */
  rgb(input: ImageInput): Promise<RgbImage>;
  /**
   * Pillow's `Image.crop` with integer corners: what lies outside the image is black.
   * @param box in original pixels, already rounded; right >= left, bottom >= top
   */
  crop(input: ImageInput, box: BoundingBox): Promise<RgbImage>;
  /** The whole image no larger than `maxSide` on its longer side, for a stage or thumbnail; never enlarged. */
  preview(input: ImageInput, maxSide: number): Promise<EncodedImage>;
  /**
   * A piece of the image no larger than `maxSide` on its longer side; never enlarged. Small pieces come without loss.
   * @param box whole pixels inside the image, not empty
   */
  region(input: ImageInput, box: BoundingBox, maxSide: number): Promise<EncodedImage>;
  /** As `region`, of pixels that are there. */
  piece(image: RgbImage, box: BoundingBox, maxSide: number): Promise<EncodedImage>;
  /** Encodes pixels: PNG when lossless is asked for, else WebP. */
  encode(image: RgbImage, options: { lossless: boolean }): Promise<EncodedImage>;
}
