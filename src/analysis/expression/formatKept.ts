import type { Reward } from '../../trajectory/reward';
import { rewardFormula } from '../rewardFormula';

/**
 * Whether a reward's format part finds no fault. It is a penalty (0 or -1) in most formulas and a reward (1 or 0) in
 * some; where the formula is not known, or has no such part, a value of 0 may mean either.
 * @returns undefined where it can't be told
 */
export function formatKept({ parts, formula }: Reward): boolean | undefined {
  const value = parts.find(({ name }) => name === 'format')?.value;
  if (value === undefined) return undefined;
  if (value !== 0) return value > 0;
  const term =
    formula === undefined ? undefined : rewardFormula(formula)?.terms.find(({ name }) => name === 'format');
  return term?.values.includes(-1) === true ? true : term ? false : undefined;
}
