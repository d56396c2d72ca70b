import type { OutcomeStatus } from '../../trajectory/trajectory';
import type { PatternName } from '../patterns/pattern';
import { PATTERN_NAMES } from '../patterns/pattern';
import type { SignalValues } from '../signals/signal';
import { SIGNALS } from '../signals/signals';
import type { Field, FieldTable } from './field';

/** What expressions can ask of one rollout: a flat row, absent where it is not recorded. */
export interface RolloutFields {
  /** Position in the file, from 0. */
  readonly index: number;
  readonly id?: string;
  readonly question?: string;
  /** What was judged, else the last answer. */
  readonly answer?: string;
  readonly groundTruth?: string;
  /** Path or name of the first image. */
  readonly image?: string;
  readonly split?: string;
  readonly outcome?: OutcomeStatus;
  readonly step?: number;
  readonly correct?: boolean;
  readonly reward?: number;
  /** Parts of the reward, before their weights. */
  readonly accuracy?: number;
  readonly toolReward?: number;
  readonly formatReward?: number;
  /** Whether the reward's format part finds no fault. */
  readonly format?: boolean;
  readonly formula?: string;
  readonly zooms?: number;
  readonly calls?: number;
  readonly toolErrors?: number;
  readonly turns?: number;
  readonly tokens?: number;
  readonly observationTokens?: number;
  /** Highest over all boxes, and of the last one. */
  readonly iou?: number;
  readonly lastIou?: number;
  /** Share of the image in the smallest box, 0 to 1. */
  readonly smallestBox?: number;
  readonly answered?: boolean;
  /** The record can't be read: nothing else of it is known. */
  readonly unreadable?: boolean;
  /** Places where text and record contradict each other, see `analysis/contradictions`. */
  readonly contradictions?: number;
  readonly patterns?: readonly PatternName[];
  readonly signals?: SignalValues;
  /** Of the rollout's group, see `analysis/groups`. */
  readonly group?: string;
  readonly groupSize?: number;
  readonly groupMean?: number;
  readonly groupSpread?: number;
  readonly deadGroup?: boolean;
  readonly advantage?: number;
}

const OUTCOMES: readonly OutcomeStatus[] = [
  'finished',
  'error',
  'cancelled',
  'length',
  'turnLimit',
  'running',
];

const SIGNAL_NAMES = SIGNALS.map(({ name }) => name);

const TEXTS: FieldTable<RolloutFields> = [
  {
    name: 'question',
    type: 'text',
    searched: true,
    meaning: 'The question without options and instructions.',
    read: (row) => row.question,
  },
  {
    name: 'answer',
    type: 'text',
    searched: true,
    meaning: 'The answer that was judged, or else the last one given.',
    read: (row) => row.answer,
  },
  { name: 'groundTruth', type: 'text', meaning: 'The right answer.', read: (row) => row.groundTruth },
  { name: 'image', type: 'text', meaning: 'Path or name of the first image.', read: (row) => row.image },
  { name: 'id', type: 'text', meaning: "The file's own identifier.", read: (row) => row.id },
  {
    name: 'split',
    type: 'text',
    meaning: "The file's own division of its records.",
    read: (row) => row.split,
  },
  {
    name: 'outcome',
    type: 'text',
    values: OUTCOMES,
    meaning: 'How the rollout ended.',
    read: (row) => row.outcome,
  },
  {
    name: 'formula',
    type: 'text',
    meaning: 'Name of the formula that the parts of the reward belong to.',
    read: (row) => row.formula,
  },
  {
    name: 'group',
    type: 'text',
    meaning: 'Key of the group: rollouts of one question at one step.',
    read: (row) => row.group,
  },
];

const NUMBERS: FieldTable<RolloutFields> = [
  { name: 'index', type: 'number', meaning: 'Position in the file, from 0.', read: (row) => row.index },
  { name: 'step', type: 'number', meaning: 'Training step.', read: (row) => row.step },
  { name: 'reward', type: 'number', meaning: 'The scalar that training used.', read: (row) => row.reward },
  {
    name: 'accuracy',
    type: 'number',
    meaning: 'Accuracy part of the reward, before its weight.',
    read: (row) => row.accuracy,
  },
  {
    name: 'toolReward',
    type: 'number',
    meaning: 'Tool part of the reward, before its weight.',
    read: (row) => row.toolReward,
  },
  {
    name: 'formatReward',
    type: 'number',
    meaning: 'Format part of the reward, before its weight.',
    read: (row) => row.formatReward,
  },
  {
    name: 'zooms',
    type: 'number',
    unit: 'crops',
    meaning: 'Crops that came back.',
    read: (row) => row.zooms,
  },
  {
    name: 'calls',
    type: 'number',
    unit: 'calls',
    meaning: 'Calls that the model made, failed ones included.',
    read: (row) => row.calls,
  },
  {
    name: 'toolErrors',
    type: 'number',
    unit: 'calls',
    meaning: 'Calls that came to nothing.',
    read: (row) => row.toolErrors,
  },
  {
    name: 'turns',
    type: 'number',
    unit: 'turns',
    meaning: 'Generations of the model.',
    read: (row) => row.turns,
  },
  {
    name: 'tokens',
    type: 'number',
    unit: 'tokens',
    meaning: 'Tokens that the model wrote.',
    read: (row) => row.tokens,
  },
  {
    name: 'observationTokens',
    type: 'number',
    unit: 'tokens',
    meaning: 'Tokens of the observations, visual ones included.',
    read: (row) => row.observationTokens,
  },
  {
    name: 'iou',
    type: 'number',
    unit: '0 to 1',
    meaning: 'Highest overlap of a box with a box of the ground truth.',
    read: (row) => row.iou,
  },
  {
    name: 'lastIou',
    type: 'number',
    unit: '0 to 1',
    meaning: 'The same of the last box alone.',
    read: (row) => row.lastIou,
  },
  {
    name: 'smallestBox',
    type: 'number',
    unit: '0 to 1',
    meaning: 'Share of the image in the smallest box.',
    read: (row) => row.smallestBox,
  },
  {
    name: 'contradictions',
    type: 'number',
    unit: 'places',
    meaning: 'Places where the text and the record contradict each other, as far as the record alone tells.',
    read: (row) => row.contradictions,
  },
  {
    name: 'advantage',
    type: 'number',
    meaning: 'Advantage within the group as GRPO computes it.',
    read: (row) => row.advantage,
  },
  {
    name: 'groupSize',
    type: 'number',
    unit: 'rollouts',
    meaning: 'Rollouts of the group that have a reward.',
    read: (row) => row.groupSize,
  },
  { name: 'groupMean', type: 'number', meaning: 'Mean reward of the group.', read: (row) => row.groupMean },
  {
    name: 'groupSpread',
    type: 'number',
    meaning: "Sample standard deviation of the group's rewards.",
    read: (row) => row.groupSpread,
  },
];

const FLAGS: FieldTable<RolloutFields> = [
  {
    name: 'correct',
    type: 'boolean',
    meaning: 'Whether the answer was judged right.',
    read: (row) => row.correct,
  },
  {
    name: 'format',
    type: 'boolean',
    meaning: "Whether the reward's format part finds no fault.",
    read: (row) => row.format,
  },
  {
    name: 'answered',
    type: 'boolean',
    meaning: 'Whether the last turn holds a closed answer.',
    read: (row) => row.answered,
  },
  {
    name: 'deadGroup',
    type: 'boolean',
    meaning: 'Whether all rollouts of the group have the same reward.',
    read: (row) => row.deadGroup,
  },
  {
    name: 'unreadable',
    type: 'boolean',
    meaning: 'Whether the record can not be read.',
    read: (row) => row.unreadable,
  },
];

const NAMES: FieldTable<RolloutFields> = [
  {
    name: 'pattern',
    type: 'names',
    values: PATTERN_NAMES,
    meaning: 'Thinking patterns that were found.',
    read: (row) => row.patterns,
  },
  {
    name: 'signal',
    type: 'names',
    values: SIGNAL_NAMES,
    meaning: 'Signals that are known to hold.',
    read: namesOfSignals,
  },
];

function namesOfSignals({ signals }: RolloutFields): readonly string[] | undefined {
  return signals && SIGNAL_NAMES.filter((name) => signals[name] === true);
}

/** Each signal by its own name. */
const SIGNAL_FIELDS = SIGNALS.map(({ name, explanation }): Field<RolloutFields> => ({
  name,
  type: 'boolean',
  meaning: explanation,
  read: ({ signals }) => signals?.[name],
}));

/** All fields of rollouts. Breakpoints, lists and the command line share them. */
export const ROLLOUT_FIELDS: FieldTable<RolloutFields> = [
  ...TEXTS,
  ...NUMBERS,
  ...FLAGS,
  ...NAMES,
  ...SIGNAL_FIELDS,
];
