import type { RewardFormula } from '../../analysis/rewardFormula';
import { signalInput, SIGNALS, signalsOf } from '../../analysis/signals/signals';
import { trajectoryFacts } from '../../analysis/trajectoryFacts';
import type { RowView } from '../../protocol/listView';
import type { GroundTruthBoxes } from '../../protocol/trajectoryView';
import type { RecordResult } from '../../readers/reader';
import type { Trajectory } from '../../trajectory/trajectory';
import type { AnswerPart } from '../../trajectory/turn';
import { rewardOfTrajectory } from '../../rollout/rewards/rewardUnder';
import { signalReports } from '../../rollout/signalReports';
import { meanOverlap } from './callOverlap';
import { finiteReward } from './finiteReward';

/** Longest text of a cell: a row is one line on screen. UTF-16 units. */
const CELL_LENGTH = 400;

function cell(text: string): string {
  return text.length <= CELL_LENGTH ? text : `${text.slice(0, CELL_LENGTH)}…`;
}

/** What was answered: the answer that was judged, else the last one in the text. Undefined when there is none. */
export function answerOf({ prediction, turns }: Trajectory): string | undefined {
  if (prediction !== undefined) return prediction;
  return turns
    .flatMap((turn) => turn.parts)
    .findLast((part): part is AnswerPart => part.kind === 'answer')
    ?.text.trim();
}

/** The row of a record that could not be read. */
export function badRow(
  index: number,
  { reason, bytes }: Extract<RecordResult, { status: 'bad' }>,
): Extract<RowView, { status: 'bad' }> {
  return { status: 'bad', index, reason: cell(reason), offset: bytes.start, bytes: bytes.end - bytes.start };
}

function signalBadges(trajectory: Trajectory): Pick<Extract<RowView, { status: 'ok' }>, 'signals'> {
  const values = signalsOf(signalInput(trajectory, signalReports(trajectory)));
  const signals = SIGNALS.filter(({ name }) => values[name] === true);
  if (signals.length === 0) return {};
  return { signals: signals.map(({ words, explanation }) => ({ words, meaning: explanation })) };
}

/**
 * The row of a record in the list.
 * @param index its position in the source
 * @param truth the boxes that the answer is about, where they are known
 * @param formula by which its reward is worked out; as the record has it where absent
 */
export function rowView(
  index: number,
  record: RecordResult,
  truth?: GroundTruthBoxes,
  formula?: RewardFormula,
): RowView {
  if (record.status === 'bad') return badRow(index, record);
  const { trajectory } = record;
  const { prompt, verdict, step, split, outcome } = trajectory;
  const worth = formula ? rewardOfTrajectory(formula, trajectory) : trajectory.reward;
  const reward = worth && finiteReward(worth);
  const answer = answerOf(trajectory);
  const { zoomCount, toolCalls, modelTokens } = trajectoryFacts(trajectory);
  return {
    status: 'ok',
    index,
    question: cell(prompt.question),
    ...(answer !== undefined && { answer: cell(answer) }),
    ...(verdict && { correct: verdict.correct }),
    ...(reward?.total !== undefined && { reward: reward.total }),
    zoomCount,
    toolCalls,
    ...(modelTokens !== undefined && { modelTokens }),
    ...(step !== undefined && { step }),
    ...(split !== undefined && { split: cell(split) }),
    ...meanOverlap(trajectory, truth),
    outcome: outcome.status,
    ...signalBadges(truth ? { ...trajectory, groundTruthBoxes: truth.boxes } : trajectory),
  };
}
