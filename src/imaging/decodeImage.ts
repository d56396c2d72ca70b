import type { Metadata, Sharp, SharpOptions } from 'sharp';
import type { BoundingBox, Size } from '../common/boundingBox';
import { ImcotError, errorMessage } from '../common/errors';
import { decodeGifFrame } from './gifFrame';
import { nextTurn } from './nextTurn';
import { imageName, readImageBytes } from './imageBytes';
import type { ImageBytes } from './imageBytes';
import type { EncodedImage, ImageInput, RgbImage } from './imageStore';
import type { RgbConversion } from './rgbConversion';
import { rgbConversion } from './rgbConversion';
import { loadSharp } from './sharpLibrary';
import { toRgbInSlices } from './toRgb';

/**
 * Pixels of the largest image that is decoded, by its header. 200 million are a square of 14,000 pixels and 600 MB as
 * RGB, about what an editor's process can carry once; a file of a few kilobytes can claim any number.
 */
export const MAX_PIXELS = 200_000_000;

/** Enough of a JPEG for its orientation and size; both stand before the pixels there, in other formats not always. */
const JPEG_HEAD_BYTES = 256 * 1024;
/** Huffman tables made for each picture would save 1.5 % of its bytes and take as long again as all of the encoding. */
const JPEG = { quality: 88, chromaSubsampling: '4:4:4', optimizeCoding: false } as const;

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
  const file = await readImageBytes(input);
  const metadata = await header(input, file, maxPixels);
  const frame = file.format === 'gif' ? decodeGifFrame(file.bytes, metadata) : undefined;
  return frame ?? decodeAs(rgbConversion(metadata, file), input, file, maxPixels);
}

async function decodeAs(
  conversion: RgbConversion,
  input: ImageInput,
  file: ImageBytes,
  maxPixels: number,
): Promise<RgbImage> {
  const sharp = await loadSharp();
  try {
    const stored = inOwnColours(sharp(file.bytes, options(maxPixels)), conversion);
    const { data, info } = await stored.toBuffer({ resolveWithObject: true });
    const { width, height, channels } = info;
    const numbers =
      conversion === 'clipGrey' ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
    return await toRgbInSlices({ width, height, channels, data: numbers }, conversion, nextTurn);
  } catch (thrown) {
    throw decodeFailure(thrown, input);
  }
}

/** Raw numbers in the colours that the conversion starts from. */
function inOwnColours(picture: Sharp, conversion: RgbConversion): Sharp {
  if (conversion === 'clipGrey') return picture.toColourspace('grey16').raw({ depth: 'ushort' });
  const bytes = { depth: 'uchar' } as const;
  if (conversion === 'mixInk') {
    return picture.pipelineColourspace('cmyk').toColourspace('cmyk').raw(bytes);
  }
  return picture.toColourspace('srgb').raw(bytes);
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
  const file = await readImageBytes(input);
  const conversion = rgbConversion(await header(input, file, maxPixels), file);
  const source = await previewSource(conversion, input, file, maxPixels);
  try {
    const small = source.resize({
      width: maxSide,
      height: maxSide,
      fit: 'inside',
      withoutEnlargement: true,
    });
    const opaque =
      conversion === 'dropAlpha' ? small.removeAlpha() : small.flatten({ background: '#ffffff' });
    const { data, info } = await opaque
      .toColourspace('srgb')
      .jpeg(JPEG)
      .toBuffer({ resolveWithObject: true });
    return { mediaType: 'image/jpeg', bytes: data, width: info.width, height: info.height };
  } catch (thrown) {
    throw decodeFailure(thrown, input);
  }
}

/** Pixels of a piece that is sent without loss: at such a zoom one looks at single pixels. */
const LOSSLESS_PIXELS = 300_000;

/**
 * A piece of decoded pixels, no larger than `maxSide` on its longer side: PNG where it is small, else JPEG.
 * @param box whole pixels inside the image, not empty
 */
export async function encodeRegion(
  { data, width, height }: RgbImage,
  box: BoundingBox,
  maxSide: number,
): Promise<EncodedImage> {
  const size = { width: box.x2 - box.x1, height: box.y2 - box.y1 };
  const picture = (await loadSharp())(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  const piece = picture
    .extract({ left: box.x1, top: box.y1, ...size })
    .resize({ width: maxSide, height: maxSide, fit: 'inside', withoutEnlargement: true });
  const isSmall = size.width * size.height <= LOSSLESS_PIXELS;
  const encoded = isSmall ? piece.png({ compressionLevel: 3 }) : piece.jpeg(JPEG);
  const { data: bytes, info } = await encoded.toBuffer({ resolveWithObject: true });
  const mediaType = isSmall ? 'image/png' : 'image/jpeg';
  return { mediaType, bytes, width: info.width, height: info.height };
}

/** Inks and 16-bit grey are shown as the policy saw them, which the image library by itself would not do. */
async function previewSource(
  conversion: RgbConversion,
  input: ImageInput,
  file: ImageBytes,
  maxPixels: number,
): Promise<Sharp> {
  const sharp = await loadSharp();
  if (conversion === 'dropAlpha' || conversion === 'pasteOnWhite')
    return sharp(file.bytes, options(maxPixels));
  const { data, width, height } = await decodeAs(conversion, input, file, maxPixels);
  return sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: maxPixels });
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
