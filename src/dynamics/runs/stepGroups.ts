import { RewardSums, type RewardSpread } from '../../analysis/groups/groupAdvantage';
import { groupIdentity } from '../../analysis/groups/groupIdentity';
import { trajectoryFacts } from '../../analysis/trajectoryFacts';
import { ImcotError } from '../../common/errors';
import { streamRecords } from '../../files/streamRecords';

/** More rollouts of a step than anybody goes through in a tree. */
const MOST_ROLLOUTS = 16_384;
/** Longest question that is told, in UTF-16 units. */
const QUESTION_LENGTH = 400;

/** A rollout of a step, as the tree tells it. */
export interface StepRollout {
  /** Position in the log. */
  readonly index: number;
  readonly correct?: boolean;
  readonly reward?: number;
  /** Crops that came back. */
  readonly zoomCount: number;
}

/** Rollouts of one question at one step; of one that tells no group, that rollout alone. */
export interface StepGroup {
  readonly question: string;
  /** Of those with a reward; absent when none has one. */
  readonly spread?: RewardSpread;
  /** In the order of the log. */
  readonly rollouts: readonly StepRollout[];
}

/**
 * The rollouts of one step by their groups, in the order in which each group comes first. Records that can't be read are
 * left out.
 * @param ranges positions in the log, `[start, end)`, ascending
 * @throws ImcotError when the log can't be read, or has too many rollouts at this step; `cancelled` by the signal
 */
export async function readStepGroups(
  files: readonly string[],
  ranges: readonly (readonly [start: number, end: number])[],
  signal?: AbortSignal,
): Promise<readonly StepGroup[]> {
  const count = ranges.reduce((sum, [start, end]) => sum + end - start, 0);
  if (count > MOST_ROLLOUTS) {
    const why = `There are ${count.toLocaleString('en')} rollouts at this step: open it to see them in the list.`;
    throw new ImcotError('input', why);
  }
  const groups = new Map<string, { question: string; sums: RewardSums; rollouts: StepRollout[] }>();
  const positions = ranges.flatMap(([start, end]) =>
    Array.from({ length: end - start }, (_, at) => start + at),
  );
  let at = 0;
  for await (const record of streamRecords(files, { only: ranges, ...(signal && { signal }) })) {
    const index = positions[at++];
    if (record.status === 'bad' || index === undefined) continue;
    const { trajectory } = record;
    const key = groupIdentity(trajectory)?.key ?? `\n${index}`;
    const group = groups.get(key) ?? {
      question: trajectory.prompt.question.slice(0, QUESTION_LENGTH),
      sums: new RewardSums(),
      rollouts: [],
    };
    groups.set(key, group);
    const { verdict, reward } = trajectory;
    const total = reward?.total;
    const isKnown = total !== undefined && Number.isFinite(total);
    if (isKnown) group.sums.add(total);
    group.rollouts.push({
      index,
      ...(verdict && { correct: verdict.correct }),
      ...(isKnown && { reward: total }),
      zoomCount: trajectoryFacts(trajectory).zoomCount,
    });
  }
  return [...groups.values()].map(({ question, sums, rollouts }) => {
    const spread = sums.spread();
    return { question, rollouts, ...(spread && { spread }) };
  });
}
