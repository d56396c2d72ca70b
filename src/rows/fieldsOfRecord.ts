import { contradictions } from '../analysis/contradictions';
import { formatKept } from '../analysis/expression/formatKept';
import type { RolloutFields } from '../analysis/expression/rolloutFields';
import { groupIdentity } from '../analysis/groups/groupIdentity';
import { thinkingPatterns } from '../analysis/patterns/thinkingPatterns';
import { answerText } from '../analysis/signals/answerText';
import { signalInput, signalsOf } from '../analysis/signals/signals';
import type { RolloutFigures } from '../analysis/rolloutCurves/rolloutFigures';
import type { RecordResult } from '../readers/reader';
import { signalReports } from '../rollout/signalReports';
import { rewardBasis } from '../rollout/rewards/rewardBasis';
import type { Reward } from '../trajectory/reward';
import type { Trajectory } from '../trajectory/trajectory';
import type { RecordFields } from './recordFields';

/**
 * The fields of a record that it has by itself; of one that can't be read, that alone. Group figures are left out.
 * @param index its position in the log
 */
export function fieldsOfRecord(index: number, record: RecordResult): RecordFields {
  return record.status === 'ok' ? fieldsOfTrajectory(record.trajectory) : { index, unreadable: true };
}

/** The same of a trajectory. */
export function fieldsOfTrajectory(trajectory: Trajectory): RecordFields {
  const { prompt, groundTruth, split, outcome, step, verdict, id } = trajectory;
  const input = signalInput(trajectory, signalReports(trajectory));
  const answer = answerText(trajectory);
  const [image] = prompt.images;
  const group = groupIdentity(trajectory)?.key;
  return {
    index: trajectory.origin.index,
    question: prompt.question,
    outcome: outcome.status,
    patterns: thinkingPatterns(trajectory).map(({ name }) => name),
    ...(id !== undefined && { id }),
    ...(answer !== undefined && { answer }),
    ...(groundTruth !== undefined && { groundTruth }),
    ...(image?.kind === 'file' && { image: image.path }),
    ...(split !== undefined && { split }),
    ...(step !== undefined && { step }),
    ...(verdict && { correct: verdict.correct }),
    ...(group !== undefined && { group }),
    ...rewardFields(trajectory.reward),
    ...figureFields(input.figures),
    unreadable: false,
    contradictions: contradictions(trajectory).length,
    signals: signalsOf(input),
    basis: rewardBasis(trajectory),
  };
}

/** What a reward tells; nothing where there is none. */
export function rewardFields(reward: Reward | undefined): Partial<RolloutFields> {
  if (!reward) return {};
  const valueOf = (name: string): number | undefined =>
    reward.parts.find((part) => part.name === name)?.value;
  const [accuracy, toolReward, formatReward] = [valueOf('accuracy'), valueOf('tool'), valueOf('format')];
  const { total, formula } = reward;
  const format = formatKept(reward);
  return {
    ...(total !== undefined && { reward: total }),
    ...(accuracy !== undefined && { accuracy }),
    ...(toolReward !== undefined && { toolReward }),
    ...(formatReward !== undefined && { formatReward }),
    ...(format !== undefined && { format }),
    ...(formula !== undefined && { formula }),
  };
}

function figureFields({ facts, turns, isAnswered, areas, ious }: RolloutFigures): Partial<RolloutFields> {
  const { zoomCount, toolCalls, toolErrors, modelTokens, observationTokens } = facts;
  const lastIou = ious.at(-1);
  return {
    zooms: zoomCount,
    calls: toolCalls,
    toolErrors,
    turns,
    answered: isAnswered,
    ...(modelTokens !== undefined && { tokens: modelTokens }),
    ...(observationTokens !== undefined && { observationTokens }),
    ...(lastIou !== undefined && { iou: Math.max(...ious), lastIou }),
    ...(areas.length > 0 && { smallestBox: Math.min(...areas) }),
  };
}
