import { largestDifference } from '../support/goldenQwen';
import type { StoredArray } from './goldenFolder';
import { sha256 } from './goldenFolder';

/** As `largestDifference`, against a stored array of this shape; one known by its hash differs by 0 or Infinity. */
export function differenceTo(
  stored: StoredArray,
  found: Float32Array | Uint8Array,
  shape: readonly number[],
): number {
  if (shape.join() !== stored.shape.join()) {
    throw new Error(`${stored.place} has the shape ${stored.shape.join(' x ')}, not ${shape.join(' x ')}`);
  }
  if (stored.data) return largestDifference(found, stored.data);
  const bytes = new Uint8Array(found.buffer, found.byteOffset, found.byteLength);
  return sha256(bytes) === stored.sha256 ? 0 : Infinity;
}

/** The numbers of an array that has to be there as such. */
export function numbersOf(stored: StoredArray): Float32Array | Uint8Array {
  if (!stored.data) throw new Error(`${stored.place} is known by its hash alone`);
  return stored.data;
}

/** How many places of two lists differ; each place that only one of them has counts. */
export function differing(found: ArrayLike<unknown>, wanted: ArrayLike<unknown>): number {
  let count = 0;
  for (let at = 0; at < Math.max(found.length, wanted.length); at++) if (found[at] !== wanted[at]) count++;
  return count;
}

/** The largest distance of two lists in steps from one float32 to the next. */
export function largestSteps(found: ArrayLike<number>, wanted: ArrayLike<number>): number {
  if (found.length !== wanted.length) return Infinity;
  let largest = 0;
  for (let at = 0; at < found.length; at++) {
    const steps = Math.abs(stepOf(found[at] ?? NaN) - stepOf(wanted[at] ?? NaN));
    if (!(steps <= largest)) largest = Number.isFinite(steps) ? steps : Infinity;
  }
  return largest;
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** Counts float32 numbers from 0 on, downwards for negative ones. */
function stepOf(value: number): number {
  if (Number.isNaN(value)) return NaN;
  float[0] = value;
  const pattern = bits[0] ?? 0;
  return pattern >= 0 ? pattern : -(pattern & 0x7fffffff);
}
