import type { RgbImage } from './imageStore';

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
 * @param dropsAlpha the file stores a palette or grey, whatever channels it was decoded to
 */
export function toRgb(pixels: DecodedPixels, dropsAlpha: boolean): RgbImage {
  const { width, height, channels, data } = pixels;
  if (channels === 3) return { width, height, data };
  const result = new Uint8Array(width * height * 3);
  const grey = channels < 3;
  const paste = channels === 4 && !dropsAlpha;
  for (let pixel = 0; pixel < width * height; pixel++) {
    const source = pixel * channels;
    const alpha = paste ? (data[source + 3] ?? 255) : 255;
    for (let channel = 0; channel < 3; channel++) {
      const value = data[grey ? source : source + channel] ?? 0;
      result[pixel * 3 + channel] = alpha === 255 ? value : overWhite(value, alpha);
    }
  }
  return { width, height, data: result };
}

function overWhite(value: number, alpha: number): number {
  const sum = 255 * (255 - alpha) + value * alpha + 128;
  return ((sum >> 8) + sum) >> 8;
}
