import type { BoundingBox, Size } from '../../common/boundingBox';
import { toOriginalFrame } from '../../common/boundingBox';
import type { ImageView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import type { Step } from './readingOrder';

/** A tool call's box as the stage draws it. Boxes in pixels of the original image. */
export interface DrawnBox {
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

function placedBox(
  call: ToolCallView,
  trajectory: TrajectoryView,
  original: ImageView | undefined,
): BoundingBox | undefined {
  if (call.report?.tool === 'zoom') return call.report.placed ?? call.report.cut;
  if (!call.box) return undefined;
  if (trajectory.frame === 'original') return call.box;
  if (!original?.size) return undefined;
  return toOriginalFrame(call.box, trajectory.frame, original.size, original.resizedSize);
}

/** Boxes of all tool calls that have one and whose place on the original can be told. */
export function drawnBoxes(trajectory: TrajectoryView, steps: readonly Step[]): DrawnBox[] {
  const original = trajectory.originals[0];
  const drawn: DrawnBox[] = [];
  for (const step of steps) {
    if (step.view.kind !== 'toolCall') continue;
    const { call } = step.view;
    const placed = placedBox(call, trajectory, original);
    if (!placed) continue;
    const report = call.report?.tool === 'zoom' ? call.report : undefined;
    const observed = steps.filter((other) => other.view.kind === 'observation' && other.call === call.number);
    const changed = report?.cut !== undefined && (report.clamped || report.grown);
    drawn.push({
      call: call.number,
      part: step.part,
      lastPart: Math.max(step.part, ...observed.map((other) => other.part)),
      turn: step.turn,
      box: upright(report?.cut ?? placed),
      rejected: report?.rejected !== undefined,
      ...(changed ? { requested: upright(placed) } : {}),
      ...(call.label !== undefined ? { label: call.label } : {}),
    });
  }
  return drawn;
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
