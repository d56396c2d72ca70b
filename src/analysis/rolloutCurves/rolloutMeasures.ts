import { zoomEntropy } from '../alarms';
import type { RolloutFigures } from './rolloutFigures';

/** How the key of every curve begins that was worked out from rollouts. */
export const ROLLOUT_KEY_PREFIX = 'rollouts/';

/**
 * Adds to a curve: its value at a step is the sum of the amounts over the sum of the weights. Amounts that are no finite
 * numbers are left out, and so are weights of 0.
 * @param weight 1 by default
 * @param part what stands behind the measure's key and a slash, for measures that are several curves
 */
export type AddAmount = (amount: number | undefined, weight?: number, part?: string) => void;

/** A measure of single rollouts. What a rollout does not tell it does not add: a mean is over those that do. */
export interface RolloutMeasure {
  /** Behind `rollouts/`. */
  readonly key: string;
  add(figures: RolloutFigures, add: AddAmount): void;
}

/** What is known of all rollouts of a step together. */
export interface StepFigures {
  /** `zooms[n]` rollouts zoomed n times. */
  readonly zooms: readonly number[];
  /** Groups of two rollouts and more, and those of them whose rewards are all equal. */
  readonly groups: number;
  readonly deadGroups: number;
}

/** A measure of a step as a whole; undefined where it is not known. */
export interface StepMeasure {
  /** Behind `rollouts/`. */
  readonly key: string;
  of(step: StepFigures): number | undefined;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const mean = (numbers: readonly number[]): number | undefined =>
  numbers.length === 0 ? undefined : sum(numbers) / numbers.length;

/** All measures of single rollouts. A new one is one more entry; kept curves are then worked out anew by themselves. */
export const ROLLOUT_MEASURES: readonly RolloutMeasure[] = [
  { key: 'zoom_count', add: ({ facts }, add) => add(facts.zoomCount) },
  { key: 'no_zoom', add: ({ facts }, add) => add(facts.zoomCount === 0 ? 1 : 0) },
  { key: 'tool_calls', add: ({ facts }, add) => add(facts.toolCalls) },
  { key: 'tool_success', add: (figures, add) => add(figures.calledCrops, figures.settledCalls) },
  { key: 'response_length', add: ({ facts }, add) => add(facts.modelTokens) },
  {
    key: 'response_length_with_observations',
    add: ({ facts: { modelTokens, observationTokens } }, add) =>
      add(
        modelTokens === undefined || observationTokens === undefined
          ? undefined
          : modelTokens + observationTokens,
      ),
  },
  { key: 'observation_length', add: ({ facts }, add) => add(facts.observationTokens) },
  { key: 'turns', add: ({ turns }, add) => add(turns) },
  { key: 'answered', add: ({ isAnswered }, add) => add(isAnswered ? 1 : 0) },
  { key: 'iou', add: ({ ious }, add) => add(mean(ious)) },
  { key: 'iou_best_call', add: ({ ious }, add) => add(ious.length > 0 ? Math.max(...ious) : undefined) },
  { key: 'iou_last_call', add: ({ ious }, add) => add(ious.at(-1)) },
  { key: 'box_area', add: ({ areas }, add) => add(sum(areas), areas.length) },
  {
    key: 'accuracy',
    add: ({ trajectory: { verdict } }, add) => add(verdict && (verdict.correct ? 1 : 0)),
  },
  {
    key: 'reward',
    add: ({ trajectory: { reward } }, add) => {
      add(reward?.total);
      for (const { name, value } of reward?.parts ?? []) add(value, 1, name);
    },
  },
];

/** All measures of steps. */
export const STEP_MEASURES: readonly StepMeasure[] = [
  { key: 'zoom_entropy', of: ({ zooms }) => zoomEntropy(zooms) },
  {
    key: 'dead_groups',
    of: ({ groups, deadGroups }) => (groups === 0 ? undefined : deadGroups / groups),
  },
];
