import { DescendingMasses } from './descendingMasses';
import { idsOfHighest } from './logits';
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

/**
 * Draws an id with probability proportional to e^score among those that the cuts leave, as Hugging Face transformers
 * defines and orders them: top-k keeps scores not below the k-th highest; top-p, over what is left, keeps a token when
 * the mass of those before it, in descending order, is below p; min-p keeps what is at least that share of the most
 * likely one. The first token always stays.
 *
 * Of equal scores the lowest id comes first (in transformers it depends on torch's sort which of equals top-p drops).
 * `uniform` (0 <= u < 1) alone decides: the id is the first, in descending order, at which the cumulative share exceeds
 * it.
 */
export function drawToken(scores: Float32Array, cuts: Cuts, uniform: number): number {
  const { topK, topP, minP } = cuts;
  const candidates = topK !== undefined && topK < scores.length ? idsOfHighest(scores, topK) : undefined;
  let masses = new DescendingMasses(scores, candidates);
  // Top-p counts against the mass of what min-p, which comes later, takes away.
  const needed = topP === undefined ? Infinity : topP * masses.total;
  if (minP !== undefined)
    masses = new DescendingMasses(scores, likelyEnough(scores, minP, masses.highest, candidates));
  const kept = needed < masses.total ? masses.reaching(needed).cumulative : masses.total;
  return masses.exceeding(uniform * kept).id;
}

function likelyEnough(
  scores: Float32Array,
  share: number,
  highest: number,
  among?: readonly number[],
): number[] {
  const isLikely = (id: number): boolean => negativeExponential((scores[id] ?? -Infinity) - highest) >= share;
  if (among !== undefined) return among.filter(isLikely);
  const ids: number[] = [];
  for (let id = 0; id < scores.length; id++) if (isLikely(id)) ids.push(id);
  return ids;
}
