import type { SiblingBox, SiblingBoxes, SiblingGroup, SiblingRollout } from '../../protocol/listView';
import type { ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import { originalId } from '../images/resolvedImage';

/** Most rollouts of a group whose boxes are told; groups of training have 4 to 64. */
export const MAX_ROLLOUTS = 64;
/** Most boxes of one rollout: a loop on one box says nothing more after that. */
export const MAX_BOXES = 32;

/** What the boxes of a group are made of. */
export interface SiblingBoxesOptions {
  siblings(index: number): Promise<SiblingGroup | undefined>;
  /** The view of a record; undefined for one that can't be read. */
  view(index: number): Promise<TrajectoryView | undefined>;
}

/**
 * The boxes of a record's group on the picture that its rollouts share. One record is read at a time: of huge ones no more
 * are held than the views that are kept anyway.
 * @returns undefined where the record has no group
 * @throws what `siblings` and `view` throw
 */
export async function siblingBoxes(
  index: number,
  { siblings, view }: SiblingBoxesOptions,
): Promise<SiblingBoxes | undefined> {
  const group = await siblings(index);
  if (!group) return undefined;
  const place = group.rows.findIndex((row) => row.index === index);
  const first = Math.max(0, Math.min(place - MAX_ROLLOUTS / 2, group.rows.length - MAX_ROLLOUTS));
  const rollouts: SiblingRollout[] = [];
  let leftOut = 0;
  for (const row of group.rows.slice(first, first + MAX_ROLLOUTS)) {
    const found = await view(row.index);
    const boxes = found ? boxesOf(found) : [];
    leftOut += Math.max(0, boxes.length - MAX_BOXES);
    rollouts.push({ ...row, boxes: boxes.slice(0, MAX_BOXES) });
  }
  return { count: group.count, rollouts, leftOut };
}

function boxesOf({ turns, frame }: TrajectoryView): SiblingBox[] {
  return turns
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.kind === 'toolCall' ? (boxOf(part.call, frame) ?? []) : []));
}

function boxOf(call: ToolCallView, frame: TrajectoryView['frame']): SiblingBox | undefined {
  const { number, place, report, iou } = call;
  // Pixels of the original mean the same where the picture, and so what the tool did, is not known.
  const box =
    place?.image === originalId(0) ? place.box : report || frame !== 'original' ? undefined : call.box;
  if (!box) return undefined;
  const isRejected = report?.tool === 'zoom' && report.rejected !== undefined;
  return { call: number, box, ...(isRejected && { rejected: true }), ...(iou !== undefined && { iou }) };
}
