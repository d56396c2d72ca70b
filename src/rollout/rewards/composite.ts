import type { Reward, RewardPart, UnknownPart } from '../../trajectory/reward';
import type { PartName, RewardFormula, RewardTerm } from '../../trajectory/rewardFormula';
import { mayCount } from '../../trajectory/rewardFormula';
import type { FormatError } from './format';

/** What a reward is worked out from. */
export interface RewardFacts {
  /** Whether the answer is right; or why that is not known. */
  readonly accuracy: {
    readonly correct?: boolean | undefined;
    readonly reason: string;
    readonly replies?: readonly string[];
  };
  readonly formatErrors: readonly FormatError[];
  /** Crops that came back: images in observations, whatever the text says (`zoomCount`). */
  readonly crops: number;
  /** Whether the response calls a search (`<tool_call>` in DeepEyesV2). */
  readonly searched: boolean;
}

/** The value of a part before its conditions; undefined where it is not known. */
function rawValue(term: RewardTerm, facts: RewardFacts): number | undefined {
  const { crops } = facts;
  switch (term.name) {
    case 'accuracy':
      return facts.accuracy.correct === undefined ? undefined : Number(facts.accuracy.correct);
    case 'format':
      return facts.formatErrors.length > 0 ? Math.min(...term.values) : Math.max(...term.values);
    case 'tool':
    case 'crop':
      return crops > 0 ? 1 : 0;
    case 'furtherCrops':
      return Math.max(0, crops - 1);
    case 'search':
      return facts.searched ? 1 : 0;
  }
}

function reasonOf(name: PartName, facts: RewardFacts): string {
  const { crops, accuracy, formatErrors, searched } = facts;
  const cropWords =
    crops === 0 ? 'No crop came back' : crops === 1 ? '1 crop came back' : `${crops} crops came back`;
  switch (name) {
    case 'accuracy':
      return accuracy.reason;
    case 'format':
      return formatErrors.length === 0
        ? 'Every count matches.'
        : formatErrors.map(({ reason }) => reason).join(' ');
    case 'crop':
      return `${cropWords}.`;
    case 'tool':
    case 'furtherCrops':
      return accuracy.correct === undefined
        ? `${cropWords}.`
        : `${cropWords}, and the answer is ${accuracy.correct ? 'right' : 'wrong'}.`;
    case 'search':
      return searched ? 'The response calls the search.' : 'The response calls no search.';
  }
}

/**
 * A reward by a formula. A part that is not known, and one that depends on it, stands under `unknown`; the total is there
 * only when every part is. Terms are added in the order of the formula, as the code does, so that totals are the same doubles (but for the search of DeepEyesV2, which the code multiplies in).
 */
export function composeReward(formula: RewardFormula, facts: RewardFacts): Reward {
  const values = new Map<PartName, number>();
  const parts: RewardPart[] = [];
  const unknown: UnknownPart[] = [];
  let total = 0;
  for (const term of formula.terms) {
    const { name, weight } = term;
    const raw = rawValue(term, facts);
    const waitsFor = term.onlyIf?.find((condition) => unknown.some((part) => part.name === condition.name));
    if (raw === undefined) {
      const { reason, replies } = facts.accuracy;
      unknown.push({ name, reason, ...(replies && { replies }) });
    } else if (waitsFor && raw !== 0) {
      unknown.push({
        name,
        reason: `${reasonOf(name, facts)} It depends on ${waitsFor.name}, which is not known.`,
      });
    } else {
      const value = mayCount(term, values) ? raw : 0;
      values.set(name, value);
      total += weight * value;
      const replies = name === 'accuracy' ? facts.accuracy.replies : undefined;
      parts.push({
        name,
        value,
        weight,
        provenance: 'recomputed',
        reason: reasonOf(name, facts),
        ...(replies && { replies }),
      });
    }
  }
  return {
    ...(unknown.length === 0 && { total }),
    parts,
    formula: formula.name,
    ...(unknown.length > 0 && { unknown }),
  };
}
