import type { TensorType } from './checkpoint';

/** Bytes of one stored number. */
export const BYTES_PER_NUMBER: Readonly<Record<TensorType, number>> = { BF16: 2, F16: 2, F32: 4 };

let halves: Uint32Array | undefined;

/**
 * Writes stored little-endian numbers to the front of `target` as float32, exactly; NaNs keep their sign and payload.
 * Returns how many were written: as many as `bytes` holds and `target` takes.
 */
export function decodeFloats(bytes: Uint8Array, type: TensorType, target: Float32Array): number {
  const width = BYTES_PER_NUMBER[type];
  const count = Math.min(Math.floor(bytes.length / width), target.length);
  // A view needs an aligned start; what is read into a buffer of its own has one.
  const source = bytes.byteOffset % width === 0 ? bytes : bytes.slice(0, count * width);
  // Bits are moved as integers: a float on its way through a register may lose a signalling NaN's payload.
  const out = new Uint32Array(target.buffer, target.byteOffset, count);
  if (type === 'F32') {
    out.set(new Uint32Array(source.buffer, source.byteOffset, count));
    return count;
  }
  const stored = new Uint16Array(source.buffer, source.byteOffset, count);
  if (type === 'BF16') {
    for (let i = 0; i < count; i++) out[i] = (stored[i] ?? 0) << 16;
    return count;
  }
  const table = (halves ??= halfTable());
  for (let i = 0; i < count; i++) out[i] = table[stored[i] ?? 0] ?? 0;
  return count;
}

/** For each float16 bit pattern that of the equal float32 (IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits). */
function halfTable(): Uint32Array {
  const table = new Uint32Array(1 << 16);
  for (let bits = 0; bits < table.length; bits++) {
    table[bits] = (((bits & 0x8000) << 16) | magnitudeBits((bits >> 10) & 0x1f, bits & 0x3ff)) >>> 0;
  }
  return table;
}

function magnitudeBits(exponent: number, fraction: number): number {
  if (exponent === 0x1f) return 0x7f800000 | (fraction << 13);
  if (exponent > 0) return ((exponent + 127 - 15) << 23) | (fraction << 13);
  if (fraction === 0) return 0;
  // Subnormal: fraction * 2^-24; its highest set bit becomes float32's implicit one.
  const shift = Math.clz32(fraction) - 21;
  return ((127 - 14 - shift) << 23) | ((fraction << (13 + shift)) & 0x7fffff);
}
