import type { Reward, RewardPart } from '../trajectory/reward';
import type { PartName, RewardFormula, RewardOutcome } from './rewardFormula';
import { areSameReward, isPartName, REWARD_FORMULAS, rewardLattice } from './rewardFormula';

/** What else is known of a rollout, beside its total. */
export interface RewardEvidence {
  /** The policy's response, as text. */
  readonly response?: string;
  /** The record's `data_source`. */
  readonly dataSource?: string;
  /** Parts that the file has itself. */
  readonly stored?: readonly RewardPart[];
}

interface Explanation {
  readonly formula: RewardFormula;
  readonly outcome: RewardOutcome;
}

function agrees(outcome: RewardOutcome, known: Iterable<readonly [string, number]>): boolean {
  for (const [name, value] of known) {
    const own = outcome.values.get(name as PartName);
    if (own === undefined || !areSameReward(own, value)) return false;
  }
  return true;
}

function explanations(formula: RewardFormula, total: number, evidence: RewardEvidence): Explanation[] {
  const { response, stored = [] } = evidence;
  const known = stored.map((part) => [part.name, part.value] as const).filter(([name]) => isPartName(name));
  const unmarked =
    response !== undefined && formula.withoutMark && !response.includes(formula.answerMark)
      ? Object.entries(formula.withoutMark)
      : [];
  return rewardLattice(formula)
    .filter(
      (outcome) => areSameReward(outcome.total, total) && agrees(outcome, known) && agrees(outcome, unmarked),
    )
    .map((outcome) => ({ formula, outcome }));
}

/** Of formulas that explain a total alike, the one whose kind of answer alone stands in the response. */
function byAnswerMark(found: readonly Explanation[], response: string | undefined): readonly Explanation[] {
  const marked = found.filter(({ formula }) => response?.includes(formula.answerMark));
  return marked.length === 1 ? marked : found;
}

function partsOf({ formula, outcome }: Explanation, stored: readonly RewardPart[]): RewardPart[] {
  const parts = formula.terms.map((term): RewardPart => {
    const own = stored.find((part) => part.name === term.name);
    if (own) return { ...own, weight: term.weight };
    // Adding 0 makes 0 of -0, which no reader needs to see.
    const value = (outcome.values.get(term.name) ?? 0) + 0;
    return { name: term.name, value, weight: term.weight, provenance: 'recovered' };
  });
  return [...parts, ...stored.filter((part) => !formula.terms.some((term) => term.name === part.name))];
}

/**
 * A reward with as many parts as are certain. Stored parts stay as they are; the others are recovered when exactly one
 * outcome of one formula gives the total. Where several formulas do, the data source decides, then the kind of answer
 * in the response; else the formulas are named as candidates and no part is recovered.
 * @param total the scalar that training used; absent when the file has none
 */
export function recoverReward(total: number | undefined, evidence: RewardEvidence = {}): Reward {
  const stored = evidence.stored ?? [];
  if (total === undefined) return { parts: stored };
  const { dataSource } = evidence;
  const bySource = REWARD_FORMULAS.filter(
    (formula) => dataSource !== undefined && formula.dataSources.includes(dataSource),
  );
  const formulas = bySource.length > 0 ? bySource : REWARD_FORMULAS;
  let found: readonly Explanation[] = formulas.flatMap((formula) => explanations(formula, total, evidence));
  if (found.length > 1) found = byAnswerMark(found, evidence.response);
  const [only] = found;
  if (only && found.length === 1) {
    return { total, parts: partsOf(only, stored), formula: only.formula.name };
  }
  const candidates = [...new Set(found.map(({ formula }) => formula.name))];
  return { total, parts: stored, ...(candidates.length > 1 && { candidates }) };
}
