import { deflateSync } from 'node:zlib';

/** PNG colour types: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGBA. */
export interface PngDescription {
  readonly width: number;
  readonly height: number;
  readonly bitDepth: 1 | 2 | 4 | 8 | 16;
  readonly colourType: 0 | 2 | 3 | 4 | 6;
  /** One row's bytes, without the filter byte; every row is the same. */
  readonly row: Uint8Array;
  readonly extraChunks?: readonly (readonly [string, Uint8Array])[];
}

/** Bit by bit: the table's speed is not needed, and older Node versions have no `zlib.crc32`. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

function chunk(type: string, body: Uint8Array): Uint8Array {
  const named = join([latin1(type), body]);
  return join([bigEndian(body.length), named, bigEndian(crc32(named))]);
}

/** A PNG by hand, so that any header can be had. */
export function makePng(png: PngDescription): Uint8Array {
  const details = Uint8Array.of(png.bitDepth, png.colourType, 0, 0, 0);
  const line = join([Uint8Array.of(0), png.row]);
  const rows = new Uint8Array(line.length * png.height);
  for (let y = 0; y < png.height; y++) rows.set(line, y * line.length);
  return join([
    latin1('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', join([bigEndian(png.width), bigEndian(png.height), details])),
    ...(png.extraChunks ?? []).map(([type, body]) => chunk(type, body)),
    chunk('IDAT', new Uint8Array(deflateSync(rows))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}
