import type { Reward } from '../../trajectory/reward';
import type { Verdict } from '../../trajectory/trajectory';

/** The verdict that a reward's accuracy part is; undefined where that part isn't known. Right means above one half. */
export function verdictOfReward(reward: Reward): Verdict | undefined {
  const accuracy = reward.parts.find((part) => part.name === 'accuracy');
  return accuracy && { correct: accuracy.value > 0.5, provenance: accuracy.provenance };
}
