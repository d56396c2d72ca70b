import type { Metadata } from 'sharp';
import type { ImageBytes } from './imageBytes';

/**
 * What makes RGB of a stored picture:
 *
 * - `dropAlpha`: the colours as they are, transparency ignored
 * - `pasteOnWhite`: true colour with an alpha channel
 * - `clipGrey`: 16-bit grey, of which all above 255 is white
 * - `mixInk`: cyan, magenta, yellow and black, by arithmetic and without a profile
 */
export type RgbConversion = 'dropAlpha' | 'pasteOnWhite' | 'clipGrey' | 'mixInk';

/** Where a PNG keeps bit depth and colour type: bytes 8 and 9 of the first chunk's body. */
const PNG_DEPTH_AT = 24;
const PNG_COLOUR_TYPE_AT = 25;
const PNG_GREY_ALPHA = 4;
const PNG_RGBA = 6;

/**
 * The conversion that the policy's pictures went through. qwen-vl-utils 0.0.14 (`to_rgb`) pastes Pillow's mode RGBA onto
 * white and calls `convert("RGB")` for every other mode, which drops the transparency of palettes, of grey with alpha
 * and of a PNG's one transparent colour, and clips 16-bit grey. transformers' own `load_image` drops alpha in all modes;
 * its processor, given an opened picture, composites all modes onto white: for RGBA, the one mode in common use, that is
 * the same bytes as here.
 * Pillow opens 16-bit grey with alpha from a PNG as RGBA, which is why it is pasted and its 8-bit sister is not.
 */
export function rgbConversion(metadata: Metadata, file: ImageBytes): RgbConversion {
  if (metadata.space === 'cmyk') return 'mixInk';
  if (file.format === 'png') {
    const depth = file.bytes[PNG_DEPTH_AT];
    const colourType = file.bytes[PNG_COLOUR_TYPE_AT];
    if (colourType === PNG_RGBA || (colourType === PNG_GREY_ALPHA && depth === 16)) return 'pasteOnWhite';
    return metadata.space === 'grey16' ? 'clipGrey' : 'dropAlpha';
  }
  if (metadata.space === 'grey16') return 'clipGrey';
  return metadata.channels === 4 && file.format !== 'gif' ? 'pasteOnWhite' : 'dropAlpha';
}
