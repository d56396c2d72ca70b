import type { Reward, RewardPart } from './reward';

/*
 * The formulas that make a reward of its parts, as data. All parts of the known ones take two values each, so a formula
 * gives few totals, and mostly the parts can be told from the total.
 */

/** The names of the parts that DeepEyes' formulas have. */
export type PartName = 'accuracy' | 'format' | 'tool';

/** One addend: weight times a value out of a few. */
export interface RewardTerm {
  readonly name: PartName;
  readonly weight: number;
  readonly values: readonly number[];
  /** The term can be other than 0 only where that part exceeds the limit. */
  readonly onlyIf?: { readonly name: PartName; readonly above: number };
}

/** A reward formula. */
export interface RewardFormula {
  readonly name: string;
  readonly label: string;
  readonly terms: readonly RewardTerm[];
  /** Values of a record's `data_source` that are scored by it. */
  readonly dataSources: readonly string[];
  /** What an answer looks like under this formula, and what a response without any such text is given. */
  readonly answerMark: string;
  readonly withoutMark?: Readonly<Partial<Record<PartName, number>>>;
}

/** The values of all parts that together give one total. */
export interface RewardOutcome {
  readonly total: number;
  readonly values: ReadonlyMap<PartName, number>;
}

/**
 * Every known formula. Sources: `compute_score`, `compute_common_reasoning`, `compute_score_math` and the router of
 * DeepEyes' `verl/utils/reward_score` as released. Format is 0 or -1 there: a penalty, never a reward.
 */
export const REWARD_FORMULAS: readonly RewardFormula[] = [
  {
    name: 'deepeyes',
    label: 'DeepEyes: 0.8 accuracy + 0.2 format + 1.2 tool',
    terms: [
      { name: 'accuracy', weight: 0.8, values: [0, 1] },
      { name: 'format', weight: 0.2, values: [0, -1] },
      { name: 'tool', weight: 1.2, values: [0, 1], onlyIf: { name: 'accuracy', above: 0.5 } },
    ],
    dataSources: ['vstar', 'vl_agent', 'chart', 'geoguessr'],
    answerMark: '<answer>',
  },
  {
    name: 'deepeyes-math',
    label: 'DeepEyes mathematics: 1.2 accuracy + 0.4 format',
    terms: [
      { name: 'accuracy', weight: 1.2, values: [0, 1] },
      { name: 'format', weight: 0.4, values: [0, -1] },
    ],
    dataSources: ['thinklite_eureka', 'xince'],
    answerMark: '\\boxed{',
    withoutMark: { accuracy: 0, format: -1 },
  },
];

/** The formula of that name. */
export function rewardFormula(name: string): RewardFormula | undefined {
  return REWARD_FORMULAS.find((formula) => formula.name === name);
}

/** Room for what 32-bit floats do to a total (0.800000011920929); totals of a formula lie at least 0.2 apart. */
const TOLERANCE = 1e-4;

/** Every outcome that a formula can have, conditions respected. */
export function rewardLattice(formula: RewardFormula): readonly RewardOutcome[] {
  let outcomes: RewardOutcome[] = [{ total: 0, values: new Map() }];
  for (const term of formula.terms) {
    outcomes = outcomes.flatMap((outcome) => {
      const condition = term.onlyIf;
      const isFree = !condition || (outcome.values.get(condition.name) ?? 0) > condition.above;
      return (isFree ? term.values : [0]).map((value) => ({
        total: outcome.total + term.weight * value,
        values: new Map(outcome.values).set(term.name, value),
      }));
    });
  }
  return outcomes;
}

const LATTICES = new Map(REWARD_FORMULAS.map((formula) => [formula, rewardLattice(formula)] as const));

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

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE;
}

function agrees(outcome: RewardOutcome, known: Iterable<readonly [string, number]>): boolean {
  for (const [name, value] of known) {
    const own = outcome.values.get(name as PartName);
    if (own === undefined || !near(own, value)) return false;
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
  return (LATTICES.get(formula) ?? [])
    .filter((outcome) => near(outcome.total, total) && agrees(outcome, known) && agrees(outcome, unmarked))
    .map((outcome) => ({ formula, outcome }));
}

function isPartName(name: string): name is PartName {
  return name === 'accuracy' || name === 'format' || name === 'tool';
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
