import type { RgbImage } from './imageStore';
import type { Size } from '../common/boundingBox';

/*
 * The first frame of a GIF, colours of its transparent entry included. The image library makes black of that entry and
 * of what a small frame leaves free; Pillow keeps the palette's colours, and the policy saw those. Source: the GIF89a
 * specification; Pillow 12 `GifImagePlugin.py` for what lies outside the frame (the transparent entry, else entry 0).
 */

const SCREEN_BYTES = 13;
const EXTENSION = 0x21;
const GRAPHIC_CONTROL = 0xf9;
const IMAGE = 0x2c;
const MAX_CODES = 4096;
/** First row and step of each pass over an interlaced frame. */
const PASSES = [
  [0, 8],
  [4, 8],
  [2, 4],
  [1, 2],
] as const;

interface Frame extends Size {
  readonly left: number;
  readonly top: number;
  readonly interlaced: boolean;
  /** Undefined when no palette stands in the file: entries are levels of grey then. */
  readonly palette: Uint8Array | undefined;
  /** The palette entry of what no frame covers. */
  readonly background: number;
  readonly minCodeBits: number;
  /** Compressed entries, blocks joined. */
  readonly codes: Uint8Array;
}

/**
 * The picture of a GIF's first frame on its canvas.
 * @param canvas its size as already held against the pixel limit
 * @returns undefined for a file with another canvas, or without one whole frame inside of it
 */
export function decodeGifFrame(bytes: Uint8Array, canvas: Size): RgbImage | undefined {
  const width = shortAt(bytes, 6);
  const height = shortAt(bytes, 8);
  if (width !== canvas.width || height !== canvas.height) return undefined;
  const frame = readFrame(bytes);
  if (!frame || frame.left + frame.width > width || frame.top + frame.height > height) return undefined;
  const entries = new Uint8Array(frame.width * frame.height);
  if (!unpack(frame, entries)) return undefined;
  const covered = new Uint8Array(width * height).fill(frame.background);
  rowsOf(frame).forEach((row, index) => {
    const line = entries.subarray(index * frame.width, (index + 1) * frame.width);
    covered.set(line, (frame.top + row) * width + frame.left);
  });
  return { width, height, data: colours(covered, frame.palette) };
}

function readFrame(bytes: Uint8Array): Frame | undefined {
  const shared = paletteAt(bytes, SCREEN_BYTES, bytes[10] ?? 0);
  let at = SCREEN_BYTES + (shared?.length ?? 0);
  let background = 0;
  while (bytes[at] === EXTENSION) {
    // Label, length of the first block, flags, delay, transparent entry.
    if (bytes[at + 1] === GRAPHIC_CONTROL && ((bytes[at + 3] ?? 0) & 1) === 1)
      background = bytes[at + 6] ?? 0;
    at = endOfBlocks(bytes, at + 2);
  }
  if (bytes[at] !== IMAGE) return undefined;
  const flags = bytes[at + 9] ?? 0;
  const own = paletteAt(bytes, at + 10, flags);
  const data = at + 10 + (own?.length ?? 0);
  const minCodeBits = bytes[data] ?? 0;
  if (minCodeBits < 1 || minCodeBits > 8) return undefined;
  return {
    left: shortAt(bytes, at + 1),
    top: shortAt(bytes, at + 3),
    width: shortAt(bytes, at + 5),
    height: shortAt(bytes, at + 7),
    interlaced: (flags & 0x40) !== 0,
    palette: own ?? shared,
    background,
    minCodeBits,
    codes: joinBlocks(bytes, data + 1),
  };
}

function shortAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
}

/** @param flags of the screen or the frame: the same bits mean the same in both */
function paletteAt(bytes: Uint8Array, at: number, flags: number): Uint8Array | undefined {
  return (flags & 0x80) === 0 ? undefined : bytes.subarray(at, at + 3 * (2 << (flags & 7)));
}

/** Where blocks, each after its length, end: past the one of length 0. */
function endOfBlocks(bytes: Uint8Array, start: number): number {
  let at = start;
  for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) at += 1 + size;
  return at + 1;
}

function joinBlocks(bytes: Uint8Array, start: number): Uint8Array {
  const joined = new Uint8Array(Math.max(0, endOfBlocks(bytes, start) - start));
  let length = 0;
  let at = start;
  for (let size = bytes[at] ?? 0; size > 0; size = bytes[at] ?? 0) {
    joined.set(bytes.subarray(at + 1, at + 1 + size), length);
    length += Math.min(size, bytes.length - at - 1);
    at += 1 + size;
  }
  return joined.subarray(0, length);
}

/** LZW of variable width, lowest bit first. False when the codes end before the frame is full. */
function unpack({ codes, minCodeBits }: Frame, entries: Uint8Array): boolean {
  const clear = 1 << minCodeBits;
  const prefix = new Uint16Array(MAX_CODES);
  const first = Uint8Array.from({ length: MAX_CODES }, (_, code) => code);
  const last = first.slice();
  const lengths = new Uint16Array(MAX_CODES).fill(1, 0, clear);
  let known = clear + 2;
  let codeBits = minCodeBits + 1;
  let previous = -1;
  let pending = 0;
  let pendingBits = 0;
  let filled = 0;
  let at = 0;
  while (filled < entries.length) {
    while (pendingBits < codeBits) {
      if (at >= codes.length) return false;
      pending |= (codes[at++] ?? 0) << pendingBits;
      pendingBits += 8;
    }
    const code = pending & ((1 << codeBits) - 1);
    pending >>>= codeBits;
    pendingBits -= codeBits;
    if (code === clear) {
      known = clear + 2;
      codeBits = minCodeBits + 1;
      previous = -1;
      continue;
    }
    if (code === clear + 1 || code > known || (code === known && previous < 0)) return false;
    if (previous >= 0 && known < MAX_CODES) {
      prefix[known] = previous;
      lengths[known] = (lengths[previous] ?? 0) + 1;
      // The new word ends in the first entry of this one; when this one is the new word, of the previous one.
      last[known] = first[code === known ? previous : code] ?? 0;
      first[known] = first[previous] ?? 0;
      known++;
      if (known === 1 << codeBits && codeBits < 12) codeBits++;
    }
    const length = lengths[code] ?? 0;
    for (let word = code, to = filled + length - 1; to >= filled; to--, word = prefix[word] ?? 0) {
      entries[to] = last[word] ?? 0;
    }
    filled += length;
    previous = code;
  }
  return true;
}

/** The frame's row of each stored row. */
function rowsOf({ height, interlaced }: Frame): number[] {
  const rows: number[] = [];
  for (const [first, step] of interlaced ? PASSES : [[0, 1] as const]) {
    for (let row = first; row < height; row += step) rows.push(row);
  }
  return rows;
}

function colours(entries: Uint8Array, palette: Uint8Array | undefined): Uint8Array {
  const data = new Uint8Array(entries.length * 3);
  entries.forEach((entry, pixel) => {
    for (let channel = 0; channel < 3; channel++) {
      data[pixel * 3 + channel] = palette ? (palette[entry * 3 + channel] ?? 0) : entry;
    }
  });
  return data;
}
