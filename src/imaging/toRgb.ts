import type { RgbImage } from './imageStore';
import { PIXELS_A_TURN } from './nextTurn';

/** Decoded pixels as they come: 8 bits a channel, 1 (grey), 2 (grey, alpha), 3 or 4 (alpha last) channels. */
export interface DecodedPixels {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array;
}

/**
 * RGB as the policy's pictures become it. True colour with alpha is pasted onto white; grey with alpha, and palettes
 * with a transparent entry, lose their alpha.
 * Source: `to_rgb` of qwen-vl-utils 0.0.14, which pastes mode RGBA onto white and calls Pillow's `convert("RGB")` for
 * every other mode; the arithmetic of the paste is Pillow's (`Paste.c`, division by 255 with rounding).
 * DeepEyes' own training data set drops alpha for all modes; its pictures have none.
 * A large picture takes seconds, so others get their turn in between.
 * @param dropsAlpha the file stores a palette or grey, whatever channels it was decoded to
 * @param rest awaited between slices of some milliseconds
 */
export async function toRgbInSlices(
  pixels: DecodedPixels,
  dropsAlpha: boolean,
  rest: () => Promise<void>,
): Promise<RgbImage> {
  const { width, height, channels, data } = pixels;
  if (channels === 3) return { width, height, data };
  const result = new Uint8Array(width * height * 3);
  const paste = channels === 4 && !dropsAlpha;
  for (let from = 0; from < width * height; from += PIXELS_A_TURN) {
    if (from > 0) await rest();
    convert(pixels, result, paste, from, Math.min(from + PIXELS_A_TURN, width * height));
  }
  return { width, height, data: result };
}

/** The pixels `[from, to)`. */
function convert(
  { channels, data }: DecodedPixels,
  result: Uint8Array,
  paste: boolean,
  from: number,
  to: number,
): void {
  const grey = channels < 3;
  for (let pixel = from; pixel < to; pixel++) {
    const source = pixel * channels;
    const alpha = paste ? (data[source + 3] ?? 255) : 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[grey ? source : source + channel] ?? 0;
      result[pixel * 3 + channel] = alpha === 255 ? value : overWhite(value, alpha);
    }
  }
}

function overWhite(value: number, alpha: number): number {
  const sum = 255 * (255 - alpha) + value * alpha + 128;
  return ((sum >> 8) + sum) >> 8;
}
