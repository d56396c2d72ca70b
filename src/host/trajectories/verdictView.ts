import { thinkingPatterns } from '../../analysis/patterns/thinkingPatterns';
import type { RewardFormula } from '../../analysis/rewardFormula';
import { areSameReward, rewardFormula } from '../../analysis/rewardFormula';
import type { Signal } from '../../analysis/signals/signal';
import { signalInput, SIGNALS, signalsOf } from '../../analysis/signals/signals';
import type { Size } from '../../common/boundingBox';
import type { FormView, GroundTruthBoxes, SignalsView, TrajectoryView } from '../../protocol/trajectoryView';
import { formReport } from '../../rollout/rewards/rewardBasis';
import { rewardOfTrajectory } from '../../rollout/rewards/rewardUnder';
import { signalReports } from '../../rollout/signalReports';
import type { Reward } from '../../trajectory/reward';
import type { Trajectory } from '../../trajectory/trajectory';
import type { Turn } from '../../trajectory/turn';
import { finiteReward } from './finiteReward';

/** What a verdict is shown from. */
export interface VerdictInput {
  readonly trajectory: Trajectory;
  /** Its turns and the sizes of the prompt's pictures, as far as the pictures were found. */
  readonly turns: readonly Turn[];
  readonly sizes: readonly (Size | undefined)[];
  readonly truth?: GroundTruthBoxes | undefined;
  /** By which the reward is worked out; as the record has it where undefined. */
  readonly formula?: RewardFormula | undefined;
}

type Shown = Pick<TrajectoryView, 'reward' | 'recordedReward' | 'form' | 'patterns' | 'signals'>;

/** The checks of form are those of the released formula where no other is known. */
const USUAL_FORMULA = 'deepeyes';

/** Reward, form, patterns and signals of a rollout. */
export function verdictView(input: VerdictInput): Shown {
  const { trajectory, formula } = input;
  const reward = formula ? rewardOfTrajectory(formula, trajectory) : trajectory.reward;
  const isOver = trajectory.outcome.status !== 'running';
  return {
    ...(reward && { reward: finiteReward(reward) }),
    ...recordedTotal(trajectory.reward, reward),
    ...formView(trajectory, reward),
    ...(isOver && { patterns: thinkingPatterns(trajectory), signals: signalsView(input) }),
  };
}

function recordedTotal(
  recorded: Reward | undefined,
  shown: Reward | undefined,
): Pick<Shown, 'recordedReward'> {
  const total = recorded?.total;
  if (recorded === shown || total === undefined || !Number.isFinite(total)) return {};
  const isSame = shown?.total !== undefined && areSameReward(shown.total, total);
  return isSame ? {} : { recordedReward: total };
}

function formView(trajectory: Trajectory, reward: Reward | undefined): { readonly form?: FormView } {
  const formula = rewardFormula(reward?.formula ?? USUAL_FORMULA) ?? rewardFormula(USUAL_FORMULA);
  const report = formula && formReport(trajectory, formula.format);
  if (!report) return {};
  return { form: { formula: formula.name, errors: report.errors.map(({ reason }) => reason) } };
}

/** By all that is known here: pictures that were found, and boxes that stand beside them. */
function signalsView({ trajectory, turns, sizes, truth }: VerdictInput): SignalsView {
  const images = trajectory.prompt.images.map((image, at) => {
    const size = sizes[at];
    return size ? { ...image, size } : image;
  });
  const known: Trajectory = {
    ...trajectory,
    turns,
    prompt: { ...trajectory.prompt, images },
    ...(truth && { groundTruthBoxes: truth.boxes }),
  };
  const values = signalsOf(signalInput(known, signalReports(known)));
  const shown = (wanted: boolean | undefined): readonly Signal[] =>
    SIGNALS.filter(({ name }) => values[name] === wanted);
  const told = ({ words, explanation }: Signal) => ({ words, meaning: explanation });
  return { found: shown(true).map(told), unknown: shown(undefined).map(told) };
}
