import { highestFirst } from './logits';
import { negativeExponential } from './logitsExponential';

/** Which tokens may be drawn; what is absent cuts nothing. */
export interface Cuts {
  /** At least 1. Those that equal the last of the k are kept too. */
  readonly topK?: number;
  /** Above 0, below 1. */
  readonly topP?: number;
  /** Above 0, up to 1. */
  readonly minP?: number;
}

const FIRST_LOOK = 256;
const GROWTH = 8;

/**
 * Draws an id with probability proportional to e^score among those that the cuts leave, as Hugging Face transformers
 * defines and orders them: top-k keeps scores not below the k-th highest; top-p, over what is left, keeps a token when
 * the mass of those before it, in descending order, is below p; min-p keeps what is at least that share of the most
 * likely one. The first token always stays. Equal scores are ordered by id, so `uniform` (0 <= u < 1) alone decides:
 * the id is the first, in descending order, at which the cumulative share exceeds it.
 */
export function drawToken(scores: Float32Array, cuts: Cuts, uniform: number): number {
  if (cuts.topK !== undefined && cuts.topK < scores.length) {
    const ids = highestFirst(scores, cuts.topK);
    const weights = weightsOf(scores, ids);
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return ids[drawPlace(weights, total, cuts, uniform) ?? ids.length - 1] ?? 0;
  }
  let total: number | undefined;
  // Nearly always the few most likely hold the answer, so the long tail need not be sorted.
  for (let count = FIRST_LOOK; ; count *= GROWTH) {
    const ids = highestFirst(scores, count);
    const weights = weightsOf(scores, ids);
    total ??= totalWeight(scores, scores[ids[0] ?? 0] ?? 0);
    const place = drawPlace(weights, total, cuts, uniform, ids.length >= scores.length);
    if (place !== undefined) return ids[place] ?? 0;
  }
}

function weightsOf(scores: Float32Array, ids: Int32Array): Float64Array {
  const highest = scores[ids[0] ?? 0] ?? 0;
  return Float64Array.from(ids, (id) => negativeExponential((scores[id] ?? 0) - highest));
}

function totalWeight(scores: Float32Array, highest: number): number {
  let total = 0;
  for (const score of scores) total += negativeExponential(score - highest);
  return total;
}

/**
 * The place drawn among descending weights, the first of which is 1. Undefined when the answer lies beyond these
 * weights and they are not all there are.
 */
function drawPlace(
  weights: Float64Array,
  total: number,
  cuts: Cuts,
  uniform: number,
  isAll = true,
): number | undefined {
  const cutting = cuts.topP !== undefined || cuts.minP !== undefined;
  const kept = cutting ? keptOf(weights, total, cuts, isAll) : { count: weights.length, mass: total };
  if (kept === undefined) return undefined;
  const target = uniform * kept.mass;
  let sum = 0;
  for (let place = 0; place < kept.count; place++) {
    sum += weights[place] ?? 0;
    if (sum > target) return place;
  }
  if (!cutting && !isAll) return undefined;
  // Only rounding leads here: the last that has any weight.
  return Math.max(
    0,
    weights.subarray(0, kept.count).findLastIndex((weight) => weight > 0),
  );
}

function keptOf(
  weights: Float64Array,
  total: number,
  cuts: Cuts,
  isAll: boolean,
): { readonly count: number; readonly mass: number } | undefined {
  const needed = (cuts.topP ?? Infinity) * total;
  const least = cuts.minP ?? 0;
  let mass = 0;
  for (let place = 0; place < weights.length; place++) {
    const weight = weights[place] ?? 0;
    if (place > 0 && (mass >= needed || weight < least)) return { count: place, mass };
    mass += weight;
  }
  return isAll || mass >= needed ? { count: weights.length, mass } : undefined;
}
