import { ImcotError } from '../common/errors';
import { negativeExponential } from './logitsExponential';

/** What a model's logits say, seen as one distribution: softmax without temperature or penalty. */
export interface LogitSummary {
  /** The most likely id; of equals the lowest. */
  readonly best: number;
  /** Its logit. */
  readonly highest: number;
  /** Natural logarithm of the sum of e^(logit - highest): log-probability = logit - highest - logTotal. */
  readonly logTotal: number;
  /** In nats. */
  readonly entropy: number;
}

/** An id and how likely the model thinks it. */
export interface LikelyToken {
  readonly id: number;
  /** Natural logarithm of its probability under the plain distribution. */
  readonly logProbability: number;
}

// An id beside a logit's 32 bits in one whole number that a double can hold.
const ID_RANGE = 2 ** 21;

/**
 * Maximum, normalising sum and entropy, in float64 over the float32 logits. A logit that is NaN or infinite throws an
 * `ImcotError` `internal`.
 */
export function summarizeLogits(logits: Float32Array): LogitSummary {
  const best = greedyChoice(logits);
  const highest = logits[best] ?? -Infinity;
  let total = 0;
  let weighted = 0;
  for (let id = 0; id < logits.length; id++) {
    const below = (logits[id] ?? NaN) - highest;
    const weight = negativeExponential(below);
    total += weight;
    weighted += weight * below;
  }
  // One NaN or infinity makes this sum NaN: no test per logit is needed.
  if (!Number.isFinite(weighted)) throw notNumbers(logits);
  const logTotal = Math.log(total);
  return { best, highest, logTotal, entropy: Math.max(0, logTotal - weighted / total) };
}

/** Log-probability of one id under the plain distribution; `summary` must be that of the same logits. */
export function logProbabilityOf(logits: Float32Array, id: number, summary: LogitSummary): number {
  const logit = logits[id];
  if (logit === undefined) {
    throw new ImcotError(
      'internal',
      `The token ${id} has no logit: the model's vocabulary has ${logits.length} rows.`,
    );
  }
  return logit - summary.highest - summary.logTotal;
}

/** The id with the highest score; of equals the lowest id. 0 for scores without a number. */
export function greedyChoice(scores: Float32Array): number {
  let highest = -Infinity;
  let best = 0;
  for (let id = 0; id < scores.length; id++) {
    const score = scores[id] ?? -Infinity;
    if (score > highest) {
      highest = score;
      best = id;
    }
  }
  return best;
}

/** The `count` most likely ids, best first, of equals the lowest id first; all of them where there are fewer. */
export function topChoices(
  logits: Float32Array,
  count: number,
  summary: LogitSummary = summarizeLogits(logits),
): LikelyToken[] {
  if (count <= 0) return [];
  return Array.from(highestFirst(logits, idsOfHighest(logits, count)).subarray(0, count), (id) => ({
    id,
    logProbability: logProbabilityOf(logits, id, summary),
  }));
}

/**
 * The ids of the `count` highest scores and of all that equal the last of them, in id order. No score may be NaN.
 */
export function idsOfHighest(scores: Float32Array, count: number): number[] {
  const least = count < scores.length ? nthHighest(scores, count) : -Infinity;
  const ids: number[] = [];
  for (let id = 0; id < scores.length; id++) {
    if ((scores[id] ?? NaN) >= least) ids.push(id);
  }
  return ids;
}

/** The ids by falling score, of equals the lowest id first. No score may be NaN. */
export function highestFirst(scores: Float32Array, ids: readonly number[]): Int32Array {
  const bits = new Uint32Array(scores.buffer, scores.byteOffset, scores.length);
  const keys = Float64Array.from(
    ids,
    (id) => descendingKey(scores[id] ?? NaN, bits[id] ?? 0) * ID_RANGE + id,
  ).sort();
  return Int32Array.from(keys, (key) => key % ID_RANGE);
}

/** A 32-bit number that grows as the float32 falls; equal floats (0 and -0 too) have equal ones. */
function descendingKey(value: number, bits: number): number {
  if (value === 0) return 0x7fffffff;
  return bits >= 0x80000000 ? bits : 0x7fffffff - bits;
}

/** The `count`th highest score: a heap of the highest so far, the lowest of them at its root. */
function nthHighest(scores: Float32Array, count: number): number {
  const heap = scores.slice(0, count);
  for (let index = (count >> 1) - 1; index >= 0; index--) sink(heap, index, heap[index] ?? 0);
  let root = heap[0] ?? -Infinity;
  for (let id = count; id < scores.length; id++) {
    const score = scores[id] ?? -Infinity;
    if (score > root) {
      sink(heap, 0, score);
      root = heap[0] ?? -Infinity;
    }
  }
  return root;
}

/** Puts a value where it belongs at or below a place of the heap. */
function sink(heap: Float32Array, from: number, value: number): void {
  let place = from;
  for (let child = 2 * place + 1; child < heap.length; child = 2 * place + 1) {
    if (child + 1 < heap.length && (heap[child + 1] ?? 0) < (heap[child] ?? 0)) child++;
    const held = heap[child] ?? 0;
    if (held >= value) break;
    heap[place] = held;
    place = child;
  }
  heap[place] = value;
}

function notNumbers(logits: Float32Array): ImcotError {
  const place = logits.findIndex((logit) => !Number.isFinite(logit));
  const found = place < 0 ? 'no logits at all' : `the logit of token ${place} is ${logits[place]}`;
  return new ImcotError(
    'internal',
    `The model produced no numbers (${found}). Its weights or the device's arithmetic are at fault: try another ` +
      'precision or device.',
  );
}
