import type { Reward, RewardPart } from '../../trajectory/reward';
import { recoverReward } from '../../analysis/recoverReward';
import type { Verdict } from '../../trajectory/trajectory';

/** What the reward columns of a row come to. */
export interface ColumnReward {
  readonly reward?: Reward;
  readonly verdict?: Verdict;
  /** Columns that are in `reward`. */
  readonly used: readonly string[];
}

/** Names of reward functions that say whether an answer is right: TRL's `accuracy_reward`, ms-swift's `MathAccuracy`. */
const ACCURACY = /accuracy|^(?:acc|correct|correctness)(?:_reward)?(?:_func)?$/i;
/** ms-swift's example plugin of DeepEyes' reward, one function for all of it. */
const DEEPEYES = /deep_?eyes/i;

/**
 * The columns that hold rewards, one per reward function: those from behind `after` up to `before`, ended by the first
 * value that can't be a reward (a text, a 64-bit integer), since columns that a reward function logs come behind them.
 * A function may give nothing for a row (null or NaN). A number that was logged and is no reward can't be told.
 */
export function rewardColumns(
  row: Readonly<Record<string, unknown>>,
  after: string,
  before: string,
): readonly string[] {
  const names = Object.keys(row);
  const [start, end] = [names.indexOf(after), names.indexOf(before)];
  const between = names.slice(start + 1, end < 0 ? undefined : end);
  const other = between.findIndex((name) => row[name] !== null && typeof row[name] !== 'number');
  return other < 0 ? between : between.slice(0, other);
}

/**
 * A row's reward by its columns. With one reward function its value is the total. With several the total is not
 * recorded: training weighs them, and the weights are not in the file.
 * @param response the model's text, by which a known formula is told
 */
export function rewardOfColumns(
  row: Readonly<Record<string, unknown>>,
  columns: readonly string[],
  response: string,
): ColumnReward {
  const parts = columns.flatMap((name): RewardPart[] => {
    const value = row[name];
    // Adding 0 makes 0 of -0.
    return typeof value === 'number' && Number.isFinite(value)
      ? [{ name, value: value + 0, provenance: 'stored' }]
      : [];
  });
  if (parts.length === 0) return { used: [] };
  const used = parts.map(({ name }) => name);
  const verdict = verdictOf(parts);
  const [only] = parts;
  if (!only || columns.length > 1) return { reward: { parts }, ...(verdict && { verdict }), used };
  if (!DEEPEYES.test(only.name))
    return { reward: { total: only.value, parts }, ...(verdict && { verdict }), used };
  const reward = recoverReward(only.value, { response, dataSource: 'vl_agent' });
  const accuracy = reward.parts.find(({ name }) => name === 'accuracy');
  return {
    reward,
    ...(accuracy && { verdict: { correct: accuracy.value > 0.5, provenance: accuracy.provenance } }),
    used,
  };
}

/** Right or wrong, where one function says so and says nothing between. */
function verdictOf(parts: readonly RewardPart[]): Verdict | undefined {
  const [accuracy, ...others] = parts.filter(({ name }) => ACCURACY.test(name));
  if (!accuracy || others.length > 0 || (accuracy.value !== 0 && accuracy.value !== 1)) return undefined;
  return { correct: accuracy.value === 1, provenance: 'stored', by: accuracy.name };
}
