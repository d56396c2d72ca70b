import type { RolloutFields } from '../analysis/expression/rolloutFields';
import type { RewardFormula } from '../analysis/rewardFormula';
import type { RewardBasis } from '../rollout/rewards/rewardBasis';
import { rewardUnder } from '../rollout/rewards/rewardUnder';
import { rewardFields } from './fieldsOfRecord';

/** Fields whose values follow from the formula that is chosen. */
export type RewardFieldName = 'reward' | 'accuracy' | 'toolReward' | 'formatReward' | 'format' | 'formula';
type RewardValues = Readonly<Pick<RolloutFields, RewardFieldName>>;

/** Names of those fields. */
export const REWARD_FIELDS: readonly RewardFieldName[] = [
  'reward',
  'accuracy',
  'toolReward',
  'formatReward',
  'format',
  'formula',
];

/** Totals come from a handful of values, and so do the rewards that are made of them; others are not worth keeping. */
const KEPT_REWARDS = 10_000;

/** How a table's column is read. */
export type ReadColumn = (name: string, row: number) => unknown;

/** The rewards of a table's rows by one formula. */
export class RewardRows {
  private readonly known = new Map<string, RewardValues>();
  /** By row, once it was asked for: to sort by it and to group by it each asks for all of them. */
  private readonly rows: (RewardValues | undefined)[] = [];

  constructor(
    readonly formula: RewardFormula,
    private readonly read: ReadColumn,
  ) {}

  /** What the row's reward is by the formula; as the log has it for a rollout that goes on or was cancelled. */
  at(row: number): RewardValues {
    return (this.rows[row] ??= this.workOut(row));
  }

  /** Forgets rows from a position on: others come in their place. */
  cut(count: number): void {
    if (count < this.rows.length) this.rows.length = count;
  }

  private workOut(row: number): RewardValues {
    const outcome = this.read('outcome', row);
    if (outcome === 'running' || outcome === 'cancelled') return this.recorded(row);
    const basis = this.basisOf(row);
    if (!basis) return {};
    const key = JSON.stringify(basis);
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= KEPT_REWARDS) this.known.clear();
    const values = rewardFields(rewardUnder(this.formula, basis));
    this.known.set(key, values);
    return values;
  }

  private recorded(row: number): RewardValues {
    const values = REWARD_FIELDS.map((name) => [name, this.read(name, row)] as const);
    return Object.fromEntries(values.filter(([, value]) => value !== undefined));
  }

  private basisOf(row: number): RewardBasis | undefined {
    const get = <T>(name: string): T | undefined => this.read(name, row) as T | undefined;
    const crops = get<number>('zooms');
    if (crops === undefined) return undefined;
    const [total, formula, accuracy] = [
      get<number>('reward'),
      get<string>('formula'),
      get<number>('accuracy'),
    ];
    const [tool, format, correct] = [
      get<number>('toolReward'),
      get<number>('formatReward'),
      get<boolean>('correct'),
    ];
    const [broken, wrong] = [
      get<RewardBasis['broken'] & object>('basis.broken'),
      get<RewardBasis['wrong'] & object>('basis.wrong'),
    ];
    return {
      crops,
      isJudged: get<boolean>('basis.isJudged') === true,
      searched: get<boolean>('basis.searched') === true,
      ...(total !== undefined && { total }),
      ...(formula !== undefined && { formula }),
      ...(accuracy !== undefined && { accuracy }),
      ...(tool !== undefined && { tool }),
      ...(format !== undefined && { format }),
      ...(correct !== undefined && { correct }),
      ...(broken && { broken }),
      ...(wrong && { wrong }),
    };
  }
}
