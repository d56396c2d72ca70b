import type { BoundingBox, CoordinateFrame } from '../../common/boundingBox';
import { toOriginalFrame } from '../../common/boundingBox';
import type { ImageView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import { FIRST_ORIGINAL, imageById } from './drawnBoxes';
import { boxWords } from './words';

/** The frames of the switch, in its order. */
export const FRAMES: readonly CoordinateFrame[] = ['original', 'resized', 'relative1000', 'relative1'];

/** Decimals that are told of a number that was worked out. */
const DECIMALS: Readonly<Record<CoordinateFrame, number>> = {
  original: 1,
  resized: 1,
  relative1000: 1,
  relative1: 4,
};

/** A picture with what is known of its sizes. */
export type Measured = Pick<ImageView, 'size' | 'resizedSize'>;

/**
 * A box in the numbers of a frame.
 * @param box in pixels of the picture
 * @returns undefined where the sizes that the frame needs are not known
 */
export function inFrame(
  box: BoundingBox,
  frame: CoordinateFrame,
  picture: Measured | undefined,
): BoundingBox | undefined {
  const units = unitsOf(frame, picture);
  return units && { x1: box.x1 * units.x, y1: box.y1 * units.y, x2: box.x2 * units.x, y2: box.y2 * units.y };
}

/** How many units of a frame a pixel of the picture is. */
function unitsOf(
  frame: CoordinateFrame,
  picture: Measured | undefined,
): { x: number; y: number } | undefined {
  if (frame === 'original') return { x: 1, y: 1 };
  const size = picture?.size;
  if (!size || size.width <= 0 || size.height <= 0) return undefined;
  if (frame === 'relative1') return { x: 1 / size.width, y: 1 / size.height };
  if (frame === 'relative1000') return { x: 1000 / size.width, y: 1000 / size.height };
  const seen = picture.resizedSize;
  return seen && { x: seen.width / size.width, y: seen.height / size.height };
}

/** Whether boxes on a picture can be told in a frame. */
export function canTell(frame: CoordinateFrame, picture: Measured | undefined): boolean {
  return unitsOf(frame, picture) !== undefined;
}

/** `563.4, 746, 593.8, 801.6`; undefined as `inFrame`. */
export function numbersIn(
  box: BoundingBox,
  frame: CoordinateFrame,
  picture: Measured | undefined,
): string | undefined {
  const told = inFrame(box, frame, picture);
  if (!told) return undefined;
  const { x1, y1, x2, y2 } = told;
  return [x1, y1, x2, y2].map((side) => String(Number(side.toFixed(DECIMALS[frame])))).join(', ');
}

/**
 * The numbers of the box that a call asked for, in a frame of the picture that it worked on: the model's own where that
 * is the file's frame, or where the other one can't be told.
 */
export function callNumbers(
  call: ToolCallView,
  trajectory: TrajectoryView,
  frame: CoordinateFrame,
): string | undefined {
  const { box, report, source } = call;
  if (!box) return undefined;
  const own = boxWords(box);
  if (frame === trajectory.frame) return own;
  const picture = imageById(trajectory, source ?? FIRST_ORIGINAL);
  const size = picture?.size;
  const placed = report?.tool === 'zoom' ? report.placed : undefined;
  const pixels =
    placed ?? (size && toOriginalFrame(box, trajectory.frame, size, picture.resizedSize)) ?? undefined;
  return (pixels && numbersIn(pixels, frame, picture)) ?? own;
}
