/** Keeps the division from zero. Source: `epsilon` of verl's `compute_grpo_outcome_advantage`. */
export const ADVANTAGE_EPSILON = 1e-6;

/** Rewards of one group, as far as advantages need them. */
export interface RewardSpread {
  /** Rollouts with a reward. */
  readonly count: number;
  readonly mean: number;
  /** Sample standard deviation (n - 1); 0 for one rollout. */
  readonly deviation: number;
  /** All rewards are equal, and there are two at least: the group teaches nothing. */
  readonly isDead: boolean;
}

/**
 * The advantage of a rollout as GRPO computes it: reward less mean, over the sample standard deviation plus 1e-6. A
 * rollout alone in its group keeps its reward, since mean 0 and deviation 1 are taken then.
 * Source: `compute_grpo_outcome_advantage` of verl's `verl/trainer/ppo/core_algos.py`.
 */
export function groupAdvantage(reward: number, { count, mean, deviation, isDead }: RewardSpread): number {
  if (count <= 1) return reward / (1 + ADVANTAGE_EPSILON);
  return isDead ? 0 : (reward - mean) / (deviation + ADVANTAGE_EPSILON);
}

/** Adds up rewards one by one, exactly enough for any number of them (Welford's method). */
export class RewardSums {
  private count = 0;
  private mean = 0;
  private squares = 0;
  private least = Infinity;
  private greatest = -Infinity;

  /** @param reward a finite number */
  add(reward: number): void {
    this.count++;
    const difference = reward - this.mean;
    this.mean += difference / this.count;
    this.squares += difference * (reward - this.mean);
    this.least = Math.min(this.least, reward);
    this.greatest = Math.max(this.greatest, reward);
  }

  /** The figures so far; undefined before the first reward. */
  spread(): RewardSpread | undefined {
    if (this.count === 0) return undefined;
    const isEqual = this.least === this.greatest;
    return {
      count: this.count,
      mean: isEqual ? this.least : this.mean,
      deviation: isEqual ? 0 : Math.sqrt(this.squares / (this.count - 1)),
      isDead: isEqual && this.count > 1,
    };
  }
}
