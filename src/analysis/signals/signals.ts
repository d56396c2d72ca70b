import type { Trajectory } from '../../trajectory/trajectory';
import { placedBoxes } from '../rolloutCurves/placedBoxes';
import { rolloutFigures } from '../rolloutCurves/rolloutFigures';
import { answerText } from './answerText';
import { emptyZoom, rejectedInTraining, repeatedBox, rightButMissed, wholeImageBox } from './boxSignals';
import type { Signal, SignalInput, SignalName, SignalValues } from './signal';

/** From so many characters on the reward functions of DeepEyes call an answer wrong. Source: its `vl_agent.py`. */
const LONG_ANSWER = 1000;

/** All signals, in the order in which badges stand. */
export const SIGNALS: readonly Signal[] = [
  {
    name: 'rightButMissed',
    words: 'right, box misses',
    explanation: 'The answer is right, and no box holds a tenth of any box of the ground truth.',
    test: rightButMissed,
  },
  {
    name: 'repeatedBox',
    words: 'repeated box',
    explanation: 'A box equals an earlier one on the same picture in all four numbers.',
    test: repeatedBox,
  },
  {
    name: 'wholeImageBox',
    words: 'whole image',
    explanation: 'A box holds at least 90 % of the image.',
    test: wholeImageBox,
  },
  {
    name: 'rejectedInTraining',
    words: 'rejected in training',
    explanation:
      "DeepEyes' training environment refuses a box: inverted, outside, thinner than 1 to 100, or with a side of at most 30 pixels.",
    test: rejectedInTraining,
  },
  {
    name: 'emptyZoom',
    words: 'zoom shows nothing',
    explanation:
      'A crop has a side under 28 pixels, or is enlarged more than 1.5 times to reach the smallest size that the model takes.',
    test: emptyZoom,
  },
  {
    name: 'longAnswer',
    words: 'long answer',
    explanation: 'The answer has 1000 characters or more, which training calls wrong.',
    test: longAnswer,
  },
  {
    name: 'callAndAnswer',
    words: 'call and answer',
    explanation: 'A turn holds both a call and an answer: training ignores the call, evaluation runs it.',
    test: ({ figures }) => figures.facts.turnsWithCallAndAnswer > 0,
  },
];

function longAnswer({ figures }: SignalInput): boolean | undefined {
  const answer = answerText(figures.trajectory);
  if (answer === undefined) return undefined;
  // Characters are code points, which are at most as many as UTF-16 units.
  return answer.length >= LONG_ANSWER && [...answer].length >= LONG_ANSWER;
}

/** What tool reports a caller has worked out; see `SignalInput`. */
export type SignalReports = Pick<SignalInput, 'reports' | 'trainingReports'>;

/** Puts together what signals look at. */
export function signalInput(trajectory: Trajectory, reports: SignalReports = {}): SignalInput {
  const figures = rolloutFigures(trajectory);
  return { figures, placed: figures.facts.boxes.length > 0 ? placedBoxes(trajectory) : [], ...reports };
}

/** All signals of a rollout. */
export function signalsOf(input: SignalInput): SignalValues {
  const values: Partial<Record<SignalName, boolean>> = {};
  for (const { name, test } of SIGNALS) {
    const value = test(input);
    if (value !== undefined) values[name] = value;
  }
  return values;
}
