import type { Reward } from '../../trajectory/reward';

/**
 * A reward that survives the way to a page, where messages are JSON and a NaN or an infinity would arrive as null and be
 * drawn as 0. What is not a finite number is left out, as unknown; the record's own fields still show the word.
 */
export function finiteReward(reward: Reward): Reward {
  const { total, parts, ...rest } = reward;
  const kept = parts.filter(({ value, weight }) => Number.isFinite(value) && Number.isFinite(weight ?? 0));
  return { ...rest, parts: kept, ...(total !== undefined && Number.isFinite(total) && { total }) };
}
