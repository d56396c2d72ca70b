import { rolloutFigures } from '../../analysis/rolloutCurves/rolloutFigures';
import type { BoundingBox } from '../../common/boundingBox';
import { intersectionOverUnion } from '../../common/boundingBox';
import type { CallPlace, GroundTruthBoxes } from '../../protocol/trajectoryView';
import type { ToolCall } from '../../trajectory/toolCall';
import { ROTATE_TOOL } from '../../trajectory/toolCall';
import type { Trajectory } from '../../trajectory/trajectory';
import { originalId } from '../images/resolvedImage';

/** The highest IoU of a box with any of the others; undefined without others. */
function bestOverlap(box: BoundingBox, truths: readonly BoundingBox[]): number | undefined {
  if (truths.length === 0) return undefined;
  return truths.reduce((best, truth) => Math.max(best, intersectionOverUnion(box, truth)), 0);
}

/**
 * How well the box that a call asked for meets the ground truth; nothing where either is not known.
 * @param place where the call's box lies; undefined where the size of its picture is not known
 */
export function callOverlap(
  call: ToolCall,
  { trajectory, truth }: { readonly trajectory: Trajectory; readonly truth?: GroundTruthBoxes },
  place: CallPlace | undefined,
): { readonly iou?: number } {
  const asked = place ? requestedOn(place) : ownBox(call, trajectory);
  const iou = asked && truth && bestOverlap(asked, truth.boxes);
  return iou === undefined ? {} : { iou };
}

function requestedOn({ image, box, requested }: CallPlace): BoundingBox | undefined {
  return image === originalId(0) ? (requested ?? box) : undefined;
}

/** Numbers in pixels of the one image mean something even where its size is not known. */
function ownBox(call: ToolCall, { frame, prompt, turns }: Trajectory): BoundingBox | undefined {
  if (call.status !== 'parsed' || call.name === ROTATE_TOOL || frame !== 'original') return undefined;
  const pictures =
    prompt.images.length + turns.reduce((n, turn) => n + (turn.observation?.images.length ?? 0), 0);
  return pictures <= 1 ? call.box : undefined;
}

/** The mean of that over the calls of a rollout; nothing where it has no such call. */
export function meanOverlap(
  trajectory: Trajectory,
  truth: GroundTruthBoxes | undefined,
): { readonly iou?: number } {
  if (!truth || truth.boxes.length === 0) return {};
  const { ious } = rolloutFigures({ ...trajectory, groundTruthBoxes: truth.boxes });
  return ious.length === 0 ? {} : { iou: ious.reduce((sum, iou) => sum + iou, 0) / ious.length };
}
