import type { ToolReport } from '../../trajectory/toolReport';
import type { PlacedBox } from '../rolloutCurves/placedBoxes';
import type { RolloutFigures } from '../rolloutCurves/rolloutFigures';

/** A signal's name in expressions. */
export type SignalName =
  | 'rightButMissed'
  | 'repeatedBox'
  | 'wholeImageBox'
  | 'rejectedInTraining'
  | 'emptyZoom'
  | 'longAnswer'
  | 'callAndAnswer';

/** What signals look at in one rollout. */
export interface SignalInput {
  readonly figures: RolloutFigures;
  readonly placed: readonly PlacedBox[];
  /** What the tool did with each call of the counted turns, in order, where somebody worked it out. */
  readonly reports?: readonly ToolReport[];
  /** The same by the rules of DeepEyes' released training environment, whoever made the rollout. */
  readonly trainingReports?: readonly ToolReport[];
}

/** Something about a rollout that deserves a look. */
export interface Signal {
  readonly name: SignalName;
  /** A few words for a badge. */
  readonly words: string;
  /** What exactly it means, with its thresholds, as a sentence. */
  readonly explanation: string;
  /** Undefined where it can't be known. */
  readonly test: (input: SignalInput) => boolean | undefined;
}

/** The signals of one rollout: true or false where it is known, absent where it is not. */
export type SignalValues = Readonly<Partial<Record<SignalName, boolean>>>;
