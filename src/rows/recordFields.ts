import type { FieldTable } from '../analysis/expression/field';
import type { RolloutFields } from '../analysis/expression/rolloutFields';
import type { RewardBasis } from '../rollout/rewards/rewardBasis';
import { FORMULA_RULES } from '../rollout/rewards/rewardBasis';

/** The fields of a record, and what its reward by any formula is worked out from. */
export interface RecordFields extends RolloutFields {
  readonly basis?: RewardBasis;
}

/** What is kept of that beside the fields that people see. */
export const BASIS_FIELDS: FieldTable<RecordFields> = [
  {
    name: 'basis.broken',
    type: 'names',
    values: FORMULA_RULES,
    meaning: 'Checks of form that the response fails.',
    read: ({ basis }) => basis?.broken,
  },
  {
    name: 'basis.wrong',
    type: 'names',
    values: FORMULA_RULES,
    meaning: 'Those by which the answer is wrong.',
    read: ({ basis }) => basis?.wrong,
  },
  {
    name: 'basis.isJudged',
    type: 'boolean',
    meaning: 'Whether the verdict is known from elsewhere than the total.',
    read: ({ basis }) => basis?.isJudged,
  },
  {
    name: 'basis.searched',
    type: 'boolean',
    meaning: 'Whether the response calls a search.',
    read: ({ basis }) => basis?.searched,
  },
];
