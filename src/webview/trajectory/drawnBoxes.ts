import type { BoundingBox, Size } from '../../common/boundingBox';
import { toOriginalFrame } from '../../common/boundingBox';
import type { CallPlace, ImageView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import type { Step } from './readingOrder';

/** Id of the picture that boxes stand on where nothing says otherwise. */
export const FIRST_ORIGINAL = 'original:0';

/** A tool call's box as the stage draws it. Boxes in pixels of the picture that they stand on. */
export interface DrawnBox {
  /** Id of that picture. */
  readonly image: string;
  /** Of the tool call. */
  readonly call: number;
  /** Cursor position of the call, and of its last observation (the same where there is none). */
  readonly part: number;
  readonly lastPart: number;
  readonly turn: number;
  readonly box: BoundingBox;
  /** As requested, where what was cut differs from it. */
  readonly requested?: BoundingBox;
  readonly rejected: boolean;
  readonly label?: string;
  /** The highest IoU with a box of the ground truth, 0 to 1. */
  readonly iou?: number;
}

/** Corners in order, whatever order the model gave. */
function upright(box: BoundingBox): BoundingBox {
  return {
    x1: Math.min(box.x1, box.x2),
    y1: Math.min(box.y1, box.y2),
    x2: Math.max(box.x1, box.x2),
    y2: Math.max(box.y1, box.y2),
  };
}

/** The place of a call of which the host tells none: as its numbers say, on the first image of the prompt. */
function ownPlace(
  call: ToolCallView,
  trajectory: TrajectoryView,
  original: ImageView | undefined,
): CallPlace | undefined {
  if (!call.box || call.report?.rejected === 'noImage') return undefined;
  const box =
    trajectory.frame === 'original'
      ? call.box
      : original?.size && toOriginalFrame(call.box, trajectory.frame, original.size, original.resizedSize);
  return box && { image: FIRST_ORIGINAL, box };
}

/** Boxes of all tool calls that have one and whose place on the original can be told. */
export function drawnBoxes(trajectory: TrajectoryView, steps: readonly Step[]): DrawnBox[] {
  const original = trajectory.originals[0];
  const drawn: DrawnBox[] = [];
  for (const step of steps) {
    if (step.view.kind !== 'toolCall') continue;
    const { call } = step.view;
    const place = call.place ?? ownPlace(call, trajectory, original);
    if (!place) continue;
    const report = call.report?.tool === 'zoom' ? call.report : undefined;
    const observed = steps.filter((other) => other.view.kind === 'observation' && other.call === call.number);
    drawn.push({
      image: place.image,
      call: call.number,
      part: step.part,
      lastPart: Math.max(step.part, ...observed.map((other) => other.part)),
      turn: step.turn,
      box: upright(place.box),
      rejected: report?.rejected !== undefined,
      ...(place.requested ? { requested: upright(place.requested) } : {}),
      ...(call.label !== undefined ? { label: call.label } : {}),
      ...(call.iou !== undefined ? { iou: call.iou } : {}),
    });
  }
  return drawn;
}

/** The picture that the boxes up to a position of the cursor are looked at on: that of the last one. */
export function groundAt(boxes: readonly DrawnBox[], part: number): string {
  return boxes.findLast((box) => box.part <= part)?.image ?? FIRST_ORIGINAL;
}

/** An image of a trajectory by its id. */
export function imageById(trajectory: TrajectoryView, id: string): ImageView | undefined {
  const observed = trajectory.turns.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'observation' ? part.images : [])),
  );
  return [...trajectory.originals, ...observed].find((image) => image.id === id);
}

/** The canvas that boxes stand on: the original's size, or one that holds every box when that is not known. */
export interface Canvas {
  readonly size: Size;
  /** False when the size was made up from the boxes. */
  readonly known: boolean;
}

/** Undefined when there is neither a size nor a box. */
export function canvasOf(original: ImageView | undefined, boxes: readonly DrawnBox[]): Canvas | undefined {
  if (original?.size && original.size.width > 0 && original.size.height > 0)
    return { size: original.size, known: true };
  const right = Math.max(0, ...boxes.map(({ box }) => box.x2));
  const bottom = Math.max(0, ...boxes.map(({ box }) => box.y2));
  if (right <= 0 || bottom <= 0) return undefined;
  return { size: { width: Math.ceil(right * 1.1), height: Math.ceil(bottom * 1.1) }, known: false };
}
