/*
 * Unsigned integers of variable length, 7 bits a byte, the lowest first, the top bit set on all but the last byte
 * (LEB128). Up to 2^53 - 1, so beyond 2^31 it calculates instead of shifting bits.
 */

/** Longest form of a number up to 2^53 - 1. */
export const MAX_VARINT_BYTES = 8;

/** Writes `value` at `at` and returns the position after it. The caller sees to it that there is room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  while (rest >= 0x80000000) {
    bytes[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    bytes[at++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[at++] = rest;
  return at;
}

/** Reads the number at `cursor.at` and moves on; `undefined` when the bytes end in it or it is above 2^53 - 1. */
export function readVarint(bytes: Uint8Array, cursor: { at: number }): number | undefined {
  let value = 0;
  let scale = 1;
  for (let length = 0; length < MAX_VARINT_BYTES; length++) {
    const byte = bytes[cursor.at++];
    if (byte === undefined) return undefined;
    value += (byte & 127) * scale;
    if (byte < 128) return Number.isSafeInteger(value) ? value : undefined;
    scale *= 128;
  }
  return undefined;
}
