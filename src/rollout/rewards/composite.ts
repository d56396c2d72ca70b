import type { PartName, RewardFormula, RewardTerm } from '../../analysis/rewardFormula';
import { mayCount } from '../../analysis/rewardFormula';
import type { Provenance, Reward, RewardPart, UnknownPart } from '../../trajectory/reward';
import type { FormatError } from './format';

/** What is known of one thing that a reward depends on, and why, as a sentence. */
interface Fact {
  readonly reason: string;
  /** Default `recomputed`. */
  readonly provenance?: Provenance;
}

/** What a reward is worked out from. */
export interface RewardFacts {
  /** Whether the answer is right; or why that is not known. */
  readonly accuracy: Fact & {
    readonly correct?: boolean | undefined;
    readonly replies?: readonly string[];
  };
  /** Whether the response keeps its form; or why that is not known. */
  readonly form: Fact & { readonly kept?: boolean | undefined };
  /** Crops that came back: images in observations, whatever the text says (`zoomCount`). */
  readonly crops: number;
  /** Default `recomputed`. */
  readonly cropsFrom?: Provenance;
  /** Whether the response calls a search (`<tool_call>` in DeepEyesV2). */
  readonly searched: boolean;
}

/** What a check of form says, as a fact. */
export function formOf(errors: readonly FormatError[]): RewardFacts['form'] {
  const kept = errors.length === 0;
  return { kept, reason: kept ? 'Every count matches.' : errors.map(({ reason }) => reason).join(' ') };
}

/** The value of a part before its conditions; undefined where it is not known. */
function rawValue(term: RewardTerm, { accuracy, form, crops, searched }: RewardFacts): number | undefined {
  switch (term.name) {
    case 'accuracy':
      return accuracy.correct === undefined ? undefined : Number(accuracy.correct);
    case 'format':
      if (form.kept === undefined) return undefined;
      return form.kept ? Math.max(...term.values) : Math.min(...term.values);
    case 'tool':
    case 'crop':
      return crops > 0 ? 1 : 0;
    case 'furtherCrops':
      return Math.max(0, crops - 1);
    case 'search':
      return searched ? 1 : 0;
  }
}

function reasonOf(name: PartName, { accuracy, form, crops, searched }: RewardFacts): string {
  const cropWords =
    crops === 0 ? 'No crop came back' : crops === 1 ? '1 crop came back' : `${crops} crops came back`;
  switch (name) {
    case 'accuracy':
      return accuracy.reason;
    case 'format':
      return form.reason;
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

function provenanceOf(name: PartName, { accuracy, form, cropsFrom }: RewardFacts): Provenance {
  if (name === 'accuracy') return accuracy.provenance ?? 'recomputed';
  if (name === 'format') return form.provenance ?? 'recomputed';
  return name === 'search' ? 'recomputed' : (cropsFrom ?? 'recomputed');
}

/**
 * A reward by a formula. A part that is not known, and one that depends on it, stands under `unknown`; the total is
 * there only when every part is. Terms are added in the order of the formula, as the code does, so that totals are the
 * same doubles (but for the search of DeepEyesV2, which the code multiplies in).
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
    const replies = name === 'accuracy' ? facts.accuracy.replies : undefined;
    if (raw === undefined) {
      unknown.push({ name, reason: reasonOf(name, facts), ...(replies && { replies }) });
    } else if (waitsFor && raw !== 0) {
      unknown.push({
        name,
        reason: `${reasonOf(name, facts)} It depends on ${waitsFor.name}, which is not known.`,
      });
    } else {
      const value = mayCount(term, values) ? raw : 0;
      values.set(name, value);
      total += weight * value;
      parts.push({
        name,
        value,
        weight,
        provenance: provenanceOf(name, facts),
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
