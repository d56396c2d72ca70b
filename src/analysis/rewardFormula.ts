/*
 * The formulas that make a reward of its parts, as data. All parts of the known ones take two values each, so a formula
 * gives few totals, and mostly the parts can be told from the total.
 */

/**
 * The names of the parts that DeepEyes' formulas have.
 *
 * - `accuracy`: 1 for a right answer, else 0
 * - `format`: 0 or -1 where form is a penalty, 1 or 0 where it is a reward
 * - `tool`: 1 where a crop came back and the answer is right
 * - `crop`: 1 where a crop came back, right or wrong
 * - `furtherCrops`: how many crops came back after the first, for a wrong answer
 * - `search`: 1 where the web was searched for a right answer
 */
export type PartName = (typeof PART_NAMES)[number];

const PART_NAMES = ['accuracy', 'format', 'tool', 'crop', 'furtherCrops', 'search'] as const;

/** What a part must be for a term to be other than 0. */
export interface TermCondition {
  readonly name: PartName;
  /** The part exceeds this. */
  readonly above?: number;
  /** The part is at most this. */
  readonly atMost?: number;
}

/** One addend: weight times a value out of a few. */
export interface RewardTerm {
  readonly name: PartName;
  readonly weight: number;
  readonly values: readonly number[];
  /** The term can be other than 0 only where all of these hold; they name terms that stand before it. */
  readonly onlyIf?: readonly TermCondition[];
}

/** Whose checks of form a formula goes by; `rollout/rewards/format` has them. */
export type FormatRules =
  'deepeyes' | 'deepeyes-reasoning' | 'deepeyes-math' | 'deepeyes-v2' | 'deepeyes-v2-search';

/** A reward formula. */
export interface RewardFormula {
  readonly name: string;
  /** Where it comes from, and what it adds up, for people. */
  readonly label: string;
  readonly format: FormatRules;
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

const RIGHT: readonly TermCondition[] = [{ name: 'accuracy', above: 0.5 }];

/**
 * The formulas of the released code, by which totals are taken apart. Sources: `compute_score`,
 * `compute_common_reasoning`, `compute_score_math` and the router of DeepEyes' `verl/utils/reward_score` as released. Format is 0 or -1 there: a penalty, never a reward.
 */
export const REWARD_FORMULAS: readonly RewardFormula[] = [
  {
    name: 'deepeyes',
    label: 'DeepEyes: 0.8 accuracy + 0.2 format + 1.2 tool',
    terms: [
      { name: 'accuracy', weight: 0.8, values: [0, 1] },
      { name: 'format', weight: 0.2, values: [0, -1] },
      { name: 'tool', weight: 1.2, values: [0, 1], onlyIf: RIGHT },
    ],
    format: 'deepeyes',
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
    format: 'deepeyes-math',
    dataSources: ['thinklite_eureka', 'xince'],
    answerMark: '\\boxed{',
    withoutMark: { accuracy: 0, format: -1 },
  },
];

const BINARY = [0, 1] as const;
const PENALTY = [0, -1] as const;
/** A request holds at most 32 images (`agent.max_vllm_images`): the question's, a first crop, and up to 30 more. */
const FURTHER_CROPS = Array.from({ length: 31 }, (_, count) => count);

function formula(
  name: string,
  label: string,
  terms: readonly RewardTerm[],
  format: FormatRules = 'deepeyes',
): RewardFormula {
  return { name, label, terms, format, dataSources: [], answerMark: '<answer>' };
}

/**
 * Formulas that are used when asked for by name. Sources: the history of `vl_agent.py` in DeepEyes (the four that a
 * number of the weights names), `deepeyesv2.py` of DeepEyesV2, and the paper's ablation of the tool reward, whose
 * weights are not given: the released ones are taken for them.
 */
export const NAMED_FORMULAS: readonly RewardFormula[] = [
  formula('deepeyes-crop-0.4', 'DeepEyes, older: 0.8 accuracy + 0.2 format + 0.4 any crop', [
    { name: 'accuracy', weight: 0.8, values: BINARY },
    { name: 'format', weight: 0.2, values: PENALTY },
    { name: 'crop', weight: 0.4, values: BINARY },
  ]),
  formula('deepeyes-tool-2.0', 'DeepEyes, older: 1.0 accuracy + 0.2 format + 2.0 tool', [
    { name: 'accuracy', weight: 1, values: BINARY },
    { name: 'format', weight: 0.2, values: PENALTY },
    { name: 'tool', weight: 2, values: BINARY, onlyIf: RIGHT },
  ]),
  formula(
    'deepeyes-tool-1.0-crop-0.2',
    'DeepEyes, older: 1.0 accuracy + 0.2 format + 1.0 tool + 0.2 any crop',
    [
      { name: 'accuracy', weight: 1, values: BINARY },
      { name: 'format', weight: 0.2, values: PENALTY },
      { name: 'crop', weight: 0.2, values: BINARY },
      {
        name: 'tool',
        weight: 1,
        values: BINARY,
        onlyIf: [...RIGHT, { name: 'crop', above: 0 }],
      },
    ],
  ),
  formula('deepeyes-tool-1.0', 'DeepEyes, older: 0.5 accuracy + 0.1 format + 1.0 tool', [
    { name: 'accuracy', weight: 0.5, values: BINARY },
    { name: 'format', weight: 0.1, values: PENALTY },
    { name: 'tool', weight: 1, values: BINARY, onlyIf: RIGHT },
  ]),
  formula(
    'deepeyes-further-crops',
    'DeepEyes, older: 0.8 accuracy + 0.2 format + 0.4 any crop + 0.2 each further crop of a wrong answer',
    [
      { name: 'accuracy', weight: 0.8, values: BINARY },
      { name: 'format', weight: 0.2, values: PENALTY },
      { name: 'crop', weight: 0.4, values: BINARY },
      {
        name: 'furtherCrops',
        weight: 0.2,
        values: FURTHER_CROPS,
        onlyIf: [
          { name: 'accuracy', atMost: 0.5 },
          { name: 'crop', above: 0 },
        ],
      },
    ],
  ),
  formula(
    'deepeyes-v2',
    'DeepEyesV2: 0.8 accuracy + 0.2 format, format 1 or 0',
    [
      { name: 'accuracy', weight: 0.8, values: BINARY },
      { name: 'format', weight: 0.2, values: BINARY },
    ],
    'deepeyes-v2',
  ),
  formula(
    'deepeyes-v2-search',
    'DeepEyesV2 with search: 0.8 accuracy (a tenth less after a search) + 0.2 format',
    [
      { name: 'accuracy', weight: 0.8, values: BINARY },
      { name: 'format', weight: 0.2, values: BINARY },
      { name: 'search', weight: -0.08, values: BINARY, onlyIf: RIGHT },
    ],
    'deepeyes-v2-search',
  ),
  formula('ablation-none', 'Ablation, no tool reward: 0.8 accuracy + 0.2 format', [
    { name: 'accuracy', weight: 0.8, values: BINARY },
    { name: 'format', weight: 0.2, values: PENALTY },
  ]),
  formula('ablation-unconditional', 'Ablation, any crop: 0.8 accuracy + 0.2 format + 1.2 any crop', [
    { name: 'accuracy', weight: 0.8, values: BINARY },
    { name: 'format', weight: 0.2, values: PENALTY },
    { name: 'crop', weight: 1.2, values: BINARY },
  ]),
  formula('ablation-conditional', 'Ablation, as released: 0.8 accuracy + 0.2 format + 1.2 tool', [
    { name: 'accuracy', weight: 0.8, values: BINARY },
    { name: 'format', weight: 0.2, values: PENALTY },
    { name: 'tool', weight: 1.2, values: BINARY, onlyIf: RIGHT },
  ]),
];

/** All formulas, each with a name of its own: the released ones first. */
export const ALL_FORMULAS: readonly RewardFormula[] = [...REWARD_FORMULAS, ...NAMED_FORMULAS];

/** What stands in the place of a formula's name where rewards are shown as a record has them. */
export const AS_RECORDED = 'recorded';

/** The formula of that name, released or not. */
export function rewardFormula(name: string): RewardFormula | undefined {
  return ALL_FORMULAS.find((candidate) => candidate.name === name);
}

/** Whether a value of a formula's format part says that the form was kept; undefined where it has no such part. */
export function keepsForm({ terms }: RewardFormula, value: number): boolean | undefined {
  const term = terms.find(({ name }) => name === 'format');
  return term && value > Math.min(...term.values);
}

/** Room for what 32-bit floats do to a total (0.800000011920929); totals of a formula lie at least 0.08 apart. */
const TOLERANCE = 1e-4;

/** Whether two totals, or two values of a part, are the same number but for rounding. */
export function areSameReward(a: number, b: number): boolean {
  return Math.abs(a - b) <= TOLERANCE;
}

/** Whether a term may be other than 0 beside these values; a value that is not there counts as 0. */
export function mayCount(term: RewardTerm, values: ReadonlyMap<PartName, number>): boolean {
  return (term.onlyIf ?? []).every(({ name, above = -Infinity, atMost = Infinity }) => {
    const value = values.get(name) ?? 0;
    return value > above && value <= atMost;
  });
}

const LATTICES = new Map<RewardFormula, readonly RewardOutcome[]>();

/** Every outcome that a formula can have, conditions respected. */
export function rewardLattice(formula: RewardFormula): readonly RewardOutcome[] {
  const known = LATTICES.get(formula) ?? outcomesOf(formula);
  LATTICES.set(formula, known);
  return known;
}

function outcomesOf(formula: RewardFormula): readonly RewardOutcome[] {
  let outcomes: RewardOutcome[] = [{ total: 0, values: new Map() }];
  for (const term of formula.terms) {
    outcomes = outcomes.flatMap((outcome) => {
      return (mayCount(term, outcome.values) ? term.values : [0]).map((value) => ({
        total: outcome.total + term.weight * value,
        values: new Map(outcome.values).set(term.name, value),
      }));
    });
  }
  return outcomes;
}

/** Whether a part of that name is one that formulas have. */
export function isPartName(name: string): name is PartName {
  return (PART_NAMES as readonly string[]).includes(name);
}
