import type { Metadata, SharpOptions } from 'sharp';
import type { Size } from '../common/boundingBox';
import { ImcotError, errorMessage } from '../common/errors';
import { nextTurn } from './nextTurn';
import { imageName, readImageBytes } from './imageBytes';
import type { ImageBytes } from './imageBytes';
import type { EncodedImage, ImageInput, RgbImage } from './imageStore';
import { loadSharp } from './sharpLibrary';
import { toRgbInSlices } from './toRgb';

/**
 * Pixels of the largest image that is decoded, by its header. 200 million are a square of 14,000 pixels and 600 MB as
 * RGB, about what an editor's process can carry once; a file of a few kilobytes can claim any number.
 */
export const MAX_PIXELS = 200_000_000;

/** Enough of a JPEG for its orientation and size; both stand before the pixels there, in other formats not always. */
const JPEG_HEAD_BYTES = 256 * 1024;
const PREVIEW_QUALITY = 88;

function options(maxPixels: number): SharpOptions {
  return {
    autoOrient: true,
    sequentialRead: true,
    limitInputPixels: maxPixels,
    // Cut files and broken pixels fail, as in Pillow; what decoders merely warn of passes there too.
    failOn: 'error',
    // Pillow does not apply colour profiles, so the policy never saw them applied.
    ignoreIcc: true,
  };
}

/**
 * Size after EXIF orientation, from the header.
 * @throws ImcotError as `ImageStore` says
 */
export async function imageSize(input: ImageInput, maxPixels: number): Promise<Size> {
  const head = await readImageBytes(input, JPEG_HEAD_BYTES);
  if (head.whole || head.format === 'jpeg') {
    try {
      return upright(await header(input, head, maxPixels));
    } catch (thrown) {
      const giveUp = head.whole || (thrown instanceof ImcotError && thrown.code === 'limit');
      if (giveUp) throw thrown;
    }
  }
  return upright(await header(input, await readImageBytes(input), maxPixels));
}

/**
 * All pixels, upright.
 * @throws ImcotError as `ImageStore` says
 */
export async function decodeRgb(input: ImageInput, maxPixels: number): Promise<RgbImage> {
  const sharp = await loadSharp();
  const file = await readImageBytes(input);
  const metadata = await header(input, file, maxPixels);
  try {
    const { data, info } = await sharp(file.bytes, options(maxPixels))
      .toColourspace('srgb')
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    return await toRgbInSlices({ width, height, channels, data }, dropsAlpha(metadata, file), nextTurn);
  } catch (thrown) {
    throw decodeFailure(thrown, input);
  }
}

/**
 * The image no larger than `maxSide` on its longer side, as JPEG, straight from the file: decoders of JPEG and WebP
 * read less of it for less.
 * @throws ImcotError as `ImageStore` says
 */
export async function decodePreview(
  input: ImageInput,
  maxSide: number,
  maxPixels: number,
): Promise<EncodedImage> {
  const sharp = await loadSharp();
  const file = await readImageBytes(input);
  const metadata = await header(input, file, maxPixels);
  try {
    const small = sharp(file.bytes, options(maxPixels)).resize({
      width: maxSide,
      height: maxSide,
      fit: 'inside',
      withoutEnlargement: true,
    });
    const opaque = dropsAlpha(metadata, file)
      ? small.removeAlpha()
      : small.flatten({ background: '#ffffff' });
    const { data, info } = await opaque
      .toColourspace('srgb')
      .jpeg({ quality: PREVIEW_QUALITY, chromaSubsampling: '4:4:4' })
      .toBuffer({ resolveWithObject: true });
    return { mediaType: 'image/jpeg', bytes: data, width: info.width, height: info.height };
  } catch (thrown) {
    throw decodeFailure(thrown, input);
  }
}

async function header(input: ImageInput, file: ImageBytes, maxPixels: number): Promise<Metadata> {
  const sharp = await loadSharp();
  let metadata: Metadata;
  try {
    metadata = await sharp(file.bytes, { ...options(maxPixels), limitInputPixels: false }).metadata();
  } catch (thrown) {
    throw decodeFailure(thrown, input);
  }
  const { width, height } = metadata;
  if (width * height > maxPixels) {
    throw new ImcotError(
      'limit',
      `${imageName(input)} has ${width} x ${height} pixels; images above ${maxPixels} pixels are not decoded.`,
    );
  }
  return metadata;
}

/** Palettes and grey pictures: see `toRgbInSlices`. */
function dropsAlpha(metadata: Metadata, file: ImageBytes): boolean {
  return metadata.isPalette || file.format === 'gif' || metadata.channels === 2;
}

function upright(metadata: Metadata): Size {
  return { width: metadata.autoOrient.width, height: metadata.autoOrient.height };
}

function decodeFailure(thrown: unknown, input: ImageInput): ImcotError {
  if (thrown instanceof ImcotError) return thrown;
  const reason = errorMessage(thrown).split('\n')[0] ?? '';
  const cut = /premature|truncat|unexpected end|read error|not enough|corrupt header/i.test(reason);
  const name = imageName(input);
  const sentence = cut
    ? `${name} ends too early or is damaged: copy it again from where it came from`
    : `${name} could not be decoded: open it in another program to see whether it is intact`;
  return new ImcotError('input', `${sentence} (${reason}).`, { cause: thrown });
}
