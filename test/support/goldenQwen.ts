import { readFileSync } from 'node:fs';
import path from 'node:path';

/** Values of Qwen2.5-VL that Hugging Face transformers gave for random weights, and the pictures they belong to. */
export const QWEN_FOLDER = path.join(__dirname, '../golden/qwen2_5_vl');

export function qwenPath(name: string): string {
  return path.join(QWEN_FOLDER, name);
}

export function readQwenJson(name: string): unknown {
  return JSON.parse(readFileSync(qwenPath(name), 'utf8'));
}

/** A raw little-endian float32 file. */
export function readQwenFloats(name: string): Float32Array {
  const bytes = readFileSync(qwenPath(name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/** The largest difference between two lists; Infinity when their lengths differ or a number is not finite. */
export function largestDifference(left: ArrayLike<number>, right: ArrayLike<number>): number {
  if (left.length !== right.length) return Infinity;
  let largest = 0;
  for (let at = 0; at < left.length; at++) {
    const difference = Math.abs((left[at] ?? NaN) - (right[at] ?? NaN));
    if (!(difference <= largest)) largest = Number.isFinite(difference) ? difference : Infinity;
  }
  return largest;
}
