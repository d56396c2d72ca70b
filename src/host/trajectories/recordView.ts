import type { RewardFormula } from '../../analysis/rewardFormula';
import { trajectoryFacts } from '../../analysis/trajectoryFacts';
import type { RowView } from '../../protocol/listView';
import type { RecordResult } from '../../readers/reader';
import type { ImageAccess } from '../images/imageAccess';
import { badRow } from './rowView';
import type { PlannedView } from './trajectoryViewModel';
import { lookedFor, planTrajectoryView } from './trajectoryViewModel';

/**
 * The view of a record: its images are looked for, its calls worked out; a bad record is its row.
 * @param formula by which its reward is worked out; as the record has it where absent
 */
export async function viewOfRecord(
  index: number,
  record: RecordResult,
  images: ImageAccess,
  formula?: RewardFormula,
): Promise<PlannedView | Extract<RowView, { status: 'bad' }>> {
  if (record.status === 'bad') return badRow(index, record);
  const { trajectory, images: inline } = record;
  const looking = lookedFor(trajectory).map(
    async ([id, reference]) => [id, await images.resolve(reference, inline)] as const,
  );
  const [truth, ...resolved] = await Promise.all([images.truthBoxes(trajectory), ...looking]);
  return planTrajectoryView({
    trajectory,
    facts: trajectoryFacts(trajectory),
    resolved: new Map(resolved),
    ...(truth && { truth }),
    ...(formula && { formula }),
  });
}
