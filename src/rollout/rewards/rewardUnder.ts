import type { PartName, RewardFormula } from '../../analysis/rewardFormula';
import { areSameReward, keepsForm, rewardFormula, rewardLattice } from '../../analysis/rewardFormula';
import type { Reward, RewardPart, UnknownPart } from '../../trajectory/reward';
import type { Trajectory, Verdict } from '../../trajectory/trajectory';
import type { RewardFacts } from './composite';
import { composeReward, formOf } from './composite';
import type { FormatReport } from './format';
import type { RewardBasis } from './rewardBasis';
import { formReport, rewardBasis } from './rewardBasis';

/** What a person is told beside the figures; no value depends on it. */
interface Told {
  readonly recorded?: Reward;
  readonly verdict?: Verdict;
  /** By the checks of the formula that is asked for. */
  readonly form?: FormatReport;
}

/**
 * The reward of a rollout by any formula. Where the formula gives the file's own total, with what is known of the rollout
 * besides, the total is the stored one and the parts are those that give it. Else it is worked out anew from the
 * verdict, the form and the crops, and called recomputed. A part that can't be told is unknown.
 */
export function rewardUnder(formula: RewardFormula, basis: RewardBasis, told: Told = {}): Reward {
  if (basis.formula === formula.name) return told.recorded ?? recordedReward(formula, basis);
  const explained = basis.total === undefined ? undefined : explain(formula, basis.total, basis, told);
  if (explained) return explained;
  const reward = composeReward(formula, factsOf(formula, basis, told));
  return { ...reward, ...(reward.total !== undefined && { totalProvenance: 'recomputed' }) };
}

/**
 * The same of a trajectory, with a reason at each part.
 * @returns what the file has for a rollout that goes on or was cancelled: nothing is to be worked out of it
 */
export function rewardOfTrajectory(formula: RewardFormula, trajectory: Trajectory): Reward | undefined {
  const { outcome, reward: recorded, verdict } = trajectory;
  if (outcome.status === 'running' || outcome.status === 'cancelled') return recorded;
  const form = formReport(trajectory, formula.format);
  return rewardUnder(formula, rewardBasis(trajectory), {
    ...(recorded && { recorded }),
    ...(verdict && { verdict }),
    ...(form && { form }),
  });
}

function recordedReward({ name, terms }: RewardFormula, basis: RewardBasis): Reward {
  const values: Partial<Record<PartName, number | undefined>> = basis;
  const parts = terms.flatMap((term): RewardPart[] => {
    const value = values[term.name];
    return value === undefined
      ? []
      : [{ name: term.name, value, weight: term.weight, provenance: 'recovered' }];
  });
  return { ...(basis.total !== undefined && { total: basis.total }), parts, formula: name };
}

/** The formula of the file's own reward, where it counts form by the same rules. */
function sameRules(formula: RewardFormula, basis: RewardBasis): RewardFormula | undefined {
  const own = basis.formula === undefined ? undefined : rewardFormula(basis.formula);
  return own?.format === formula.format ? own : undefined;
}

function recount(formula: RewardFormula, { broken }: RewardBasis, { form }: Told): RewardFacts['form'] {
  if (!broken) return { reason: 'The record does not hold the whole response.' };
  return form ? formOf(form.errors) : { kept: !broken.includes(formula.format), reason: '' };
}

function formFact(formula: RewardFormula, basis: RewardBasis, told: Told): RewardFacts['form'] {
  const own = sameRules(formula, basis);
  const kept = own && basis.format !== undefined ? keepsForm(own, basis.format) : undefined;
  const counted = recount(formula, basis, told);
  if (kept === undefined || counted.kept === kept) return counted;
  const part = told.recorded?.parts.find(({ name }) => name === 'format');
  return {
    kept,
    provenance: part?.provenance ?? 'recovered',
    reason: kept
      ? 'The file\u2019s reward has no fault of form.'
      : 'The file\u2019s reward has a fault of form.',
  };
}

function accuracyFact(formula: RewardFormula, basis: RewardBasis, told: Told): RewardFacts['accuracy'] {
  const isWrong = basis.wrong?.includes(formula.format) === true;
  if (isWrong && !sameRules(formula, basis))
    return { correct: false, reason: told.form?.wrong ?? 'By its form alone.' };
  const { verdict } = told;
  const correct = basis.correct ?? (basis.accuracy === undefined ? undefined : basis.accuracy > 0.5);
  if (correct === undefined) return { reason: 'Nobody has judged the answer.' };
  const provenance = verdict?.provenance ?? (basis.isJudged ? 'stored' : 'recovered');
  const known = provenance === 'recovered' ? 'follows from the file\u2019s total' : 'is the file\u2019s';
  return { correct, provenance, reason: verdict?.reason ?? `The verdict ${known}.` };
}

/** Crops, by the file's own word where its reward tells: a picture may be missing from a dump. */
function cropFacts(basis: RewardBasis): Pick<RewardFacts, 'crops' | 'cropsFrom'> {
  const { tool, crops } = basis;
  if (basis.formula !== undefined && tool === 1 && crops === 0) return { crops: 1, cropsFrom: 'recovered' };
  const isRight = basis.accuracy === 1;
  if (basis.formula !== undefined && tool === 0 && isRight && crops > 0)
    return { crops: 0, cropsFrom: 'recovered' };
  return { crops };
}

function factsOf(formula: RewardFormula, basis: RewardBasis, told: Told): RewardFacts {
  return {
    accuracy: accuracyFact(formula, basis, told),
    form: formFact(formula, basis, told),
    ...cropFacts(basis),
    searched: basis.searched,
  };
}

/** The reward whose total is the file's own, where the formula gives that total; undefined where it does not. */
function explain(formula: RewardFormula, total: number, basis: RewardBasis, told: Told): Reward | undefined {
  if (basis.broken) return explainedByFacts(formula, total, basis, told);
  // A total that a released formula explains already is not taken for another one's unless a text confirms it.
  return basis.formula === undefined ? explainedByLattice(formula, total, basis) : undefined;
}

/** Form and crops as the text has them; the answer judged, or whatever gives the total. */
function explainedByFacts(
  formula: RewardFormula,
  total: number,
  basis: RewardBasis,
  told: Told,
): Reward | undefined {
  const judged = accuracyFact(formula, basis, told);
  const isFixed = judged.provenance !== 'recovered' && judged.correct !== undefined;
  const given = (accuracy: RewardFacts['accuracy']): Reward =>
    composeReward(formula, {
      accuracy,
      form: recount(formula, basis, told),
      crops: basis.crops,
      searched: basis.searched,
    });
  const found = (isFixed ? [judged.correct] : [true, false]).filter((correct) => {
    const own = given({ correct, reason: '' }).total;
    return own !== undefined && areSameReward(own, total);
  });
  if (found.length === 0) return undefined;
  if (isFixed) return { ...given(judged), total };
  const [correct] = found;
  return {
    ...(found.length === 1
      ? given({ correct, provenance: 'recovered', reason: 'No other verdict gives the file\u2019s total.' })
      : given({ reason: SEVERAL })),
    total,
  };
}

const SEVERAL = 'Several combinations of parts give the file\u2019s total.';

/** The parts that are the same in all combinations that give the total. */
function explainedByLattice(formula: RewardFormula, total: number, basis: RewardBasis): Reward | undefined {
  const outcomes = rewardLattice(formula).filter(
    (outcome) =>
      areSameReward(outcome.total, total) &&
      (!basis.isJudged || outcome.values.get('accuracy') === Number(basis.correct)),
  );
  const [first] = outcomes;
  if (!first) return undefined;
  const parts: RewardPart[] = [];
  const unknown: UnknownPart[] = [];
  for (const { name, weight } of formula.terms) {
    const value = (first.values.get(name) ?? 0) + 0;
    const isCertain = outcomes.every(({ values }) => areSameReward(values.get(name) ?? 0, value));
    if (isCertain) parts.push({ name, value, weight, provenance: 'recovered' });
    else unknown.push({ name, reason: SEVERAL });
  }
  return { total, parts, formula: formula.name, ...(unknown.length > 0 && { unknown }) };
}
