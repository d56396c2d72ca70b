/** Raster formats that are decoded; named as sharp names them. */
export type RasterFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff';

/** What the first bytes of a file say. */
export type FormatGuess =
  | { readonly kind: 'raster'; readonly format: RasterFormat }
  /** Known and refused; `name` for people. */
  | { readonly kind: 'refused'; readonly name: string }
  | { readonly kind: 'unknown' };

/** Bytes of the file's start that `guessFormat` wants to see. */
export const FORMAT_BYTES = 512;

interface Signature {
  readonly at: number;
  /** Latin-1. */
  readonly text: string;
  readonly guess: FormatGuess;
}

const raster = (format: RasterFormat): FormatGuess => ({ kind: 'raster', format });
const refused = (name: string): FormatGuess => ({ kind: 'refused', name });

const SIGNATURES: readonly Signature[] = [
  { at: 0, text: '\x89PNG\r\n\x1a\n', guess: raster('png') },
  { at: 0, text: '\xff\xd8\xff', guess: raster('jpeg') },
  { at: 0, text: 'GIF87a', guess: raster('gif') },
  { at: 0, text: 'GIF89a', guess: raster('gif') },
  { at: 0, text: 'II*\0', guess: raster('tiff') },
  { at: 0, text: 'MM\0*', guess: raster('tiff') },
  { at: 0, text: 'II+\0', guess: raster('tiff') },
  { at: 0, text: 'MM\0+', guess: raster('tiff') },
  { at: 8, text: 'WEBP', guess: raster('webp') },
  { at: 0, text: '%PDF', guess: refused('a PDF document') },
  { at: 0, text: 'BM', guess: refused('a BMP picture') },
  { at: 4, text: 'ftyp', guess: refused('an HEIF, AVIF or video file') },
  { at: 0, text: '\0\0\0\x0cJXL ', guess: refused('a JPEG XL picture') },
  { at: 0, text: '\xff\x0a', guess: refused('a JPEG XL picture') },
  { at: 0, text: '\0\0\0\x0cjP  ', guess: refused('a JPEG 2000 picture') },
  { at: 0, text: '\x1f\x8b', guess: refused('a gzip archive') },
  { at: 0, text: 'PK\x03\x04', guess: refused('a zip archive') },
  { at: 0, text: 'version https://git-lfs', guess: refused('a Git LFS pointer in place of the picture') },
];

/**
 * Tells the format by its first bytes, never by the name: what follows decodes only what is let through here.
 * SVG is refused since it is a program for a renderer, HEIF and AVIF since their decoders are not shipped everywhere.
 */
export function guessFormat(head: Uint8Array): FormatGuess {
  const text = Array.from(head.subarray(0, FORMAT_BYTES), (byte) => String.fromCharCode(byte)).join('');
  const found = SIGNATURES.find(({ at, text: wanted }) => text.startsWith(wanted, at));
  if (found && (found.text !== 'WEBP' || text.startsWith('RIFF'))) return found.guess;
  return /<(?:svg|\?xml|!doctype|html)/i.test(text)
    ? refused('an SVG, XML or HTML text')
    : { kind: 'unknown' };
}
