import type { RgbImage } from './imageStore';
import { PIXELS_A_TURN } from './nextTurn';
import type { RgbConversion } from './rgbConversion';

/**
 * Decoded pixels as they come: 1 (grey), 2 (grey, alpha), 3 or 4 (alpha last; or cyan, magenta, yellow, black) channels
 * of 8 bits; 16 bits for `clipGrey`.
 */
export interface DecodedPixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Uint16Array;
}

type Convert = (pixels: DecodedPixels, result: Uint8Array, from: number, to: number) => void;

const CONVERSIONS: Readonly<Record<RgbConversion, Convert>> = {
  dropAlpha: copyColours,
  pasteOnWhite,
  clipGrey: copyColours,
  mixInk,
};

/**
 * RGB as the policy's pictures became it; `rgbConversion` tells which way. The arithmetic is Pillow's (`Paste.c`,
 * `Convert.c`). A large picture takes seconds, so others get their turn in between.
 * @param rest awaited between slices of some milliseconds
 */
export async function toRgbInSlices(
  pixels: DecodedPixels,
  conversion: RgbConversion,
  rest: () => Promise<void>,
): Promise<RgbImage> {
  const { width, height, channels, data } = pixels;
  if (channels === 3 && data instanceof Uint8Array) return { width, height, data };
  const result = new Uint8Array(width * height * 3);
  const convert = CONVERSIONS[conversion];
  for (let from = 0; from < width * height; from += PIXELS_A_TURN) {
    if (from > 0) await rest();
    convert(pixels, result, from, Math.min(from + PIXELS_A_TURN, width * height));
  }
  return { width, height, data: result };
}

/** What does not fit into 8 bits becomes 255. */
function copyColours({ channels, data }: DecodedPixels, result: Uint8Array, from: number, to: number): void {
  const step = channels < 3 ? 0 : 1;
  for (let pixel = from; pixel < to; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      result[pixel * 3 + channel] = Math.min(255, data[pixel * channels + channel * step] ?? 0);
    }
  }
}

function pasteOnWhite({ channels, data }: DecodedPixels, result: Uint8Array, from: number, to: number): void {
  const step = channels < 3 ? 0 : 1;
  for (let pixel = from; pixel < to; pixel++) {
    const alpha = data[pixel * channels + channels - 1] ?? 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[pixel * channels + channel * step] ?? 0;
      result[pixel * 3 + channel] = over255(255 * (255 - alpha) + value * alpha);
    }
  }
}

/** 0 is no ink, 255 all of it. */
function mixInk({ channels, data }: DecodedPixels, result: Uint8Array, from: number, to: number): void {
  for (let pixel = from; pixel < to; pixel++) {
    const light = 255 - (data[pixel * channels + 3] ?? 0);
    for (let channel = 0; channel < 3; channel++) {
      result[pixel * 3 + channel] = light - over255((data[pixel * channels + channel] ?? 0) * light);
    }
  }
}

/** A product of two bytes divided by 255, rounded. */
function over255(product: number): number {
  const sum = product + 128;
  return ((sum >> 8) + sum) >> 8;
}
