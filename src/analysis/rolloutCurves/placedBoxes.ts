import type { BoundingBox, CoordinateFrame, Size } from '../../common/boundingBox';
import { boxArea } from '../../common/boundingBox';
import type { ImageReference } from '../../trajectory/imageReference';
import { pictureOfCall } from '../../trajectory/pictureOfCall';
import { recordedView } from '../../trajectory/recordedView';
import type { ToolCall } from '../../trajectory/toolCall';
import { ROTATE_TOOL } from '../../trajectory/toolCall';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ToolCallPart, Turn } from '../../trajectory/turn';

/** A box that the model asked for, as it lies on the first image of the prompt. */
export interface PlacedBox {
  /** In pixels of that image, unclamped; absent where its size is needed and not known. */
  readonly box?: BoundingBox;
  /** Share of that image's area that is within the box; absent likewise, and for a box that holds no area at all. */
  readonly area?: number;
}

/** A picture of the conversation as far as boxes on it can be placed. */
interface Picture {
  /** Where it lies on the first image, in fractions of its sides; absent where it is no upright piece of it. */
  readonly region?: BoundingBox;
  /** What a box on it counts: so many units along each side. Absent where nothing tells. */
  readonly units?: Size;
}

const WHOLE: BoundingBox = { x1: 0, y1: 0, x2: 1, y2: 1 };

/**
 * The boxes of all calls on the first image of the prompt, or on pieces of it, in the order in which they were asked
 * for; calls of recovered turns, and those on other pictures, are left out. A crop lies where its box was asked for, as
 * far as that is inside of what it was cut from: that a tool made a very small box larger is not counted.
 */
export function placedBoxes(trajectory: Trajectory): PlacedBox[] {
  const size = trajectory.prompt.images[0]?.size;
  const pictures = promptPictures(trajectory);
  const placed: PlacedBox[] = [];
  for (const turn of trajectory.turns) {
    if (turn.recovered === true) continue;
    const known = pictures.length;
    const regions = new Map<ToolCallPart, BoundingBox>();
    for (const part of turn.parts) {
      if (part.kind !== 'toolCall') continue;
      const place = pictureOfCall(trajectory.zoomVariant, part.call, known);
      const picture = place === undefined ? undefined : pictures[place];
      const asked = boxOf(part.call);
      if (!asked || !picture?.region) continue;
      const { region, units } = picture;
      if (units) regions.set(part, within(region, inside(asked, units), units));
      const isExact = place === 0 && trajectory.frame === 'original';
      placed.push(placedBox(isExact ? asked : undefined, units && within(region, asked, units), size));
    }
    pictures.push(...observedPictures(turn, regions, trajectory.frame));
  }
  return placed;
}

function boxOf(call: ToolCall): BoundingBox | undefined {
  return call.status === 'parsed' && call.name !== ROTATE_TOOL ? call.box : undefined;
}

function promptPictures(trajectory: Trajectory): Picture[] {
  const [first, ...others] = trajectory.prompt.images;
  const isResized = trajectory.frame === 'resized' && first?.size !== undefined;
  const units = isResized ? recordedView(trajectory, first.size) : unitsOf(trajectory.frame, first);
  // A dump may leave its pictures out: calls work on the first all the same.
  return [{ region: WHOLE, ...(units && { units }) }, ...others.map(() => ({}))];
}

/** The units of a picture's sides. A crop stands in the log as the policy saw it, so its pixels are those of either frame. */
function unitsOf(frame: CoordinateFrame, reference: ImageReference | undefined): Size | undefined {
  if (frame === 'relative1') return { width: 1, height: 1 };
  if (frame === 'relative1000') return { width: 1000, height: 1000 };
  return reference?.size;
}

/** The pictures that a turn brought: one for each call that ran, where their numbers say so. */
function observedPictures(
  { parts, observation }: Turn,
  regions: ReadonlyMap<ToolCallPart, BoundingBox>,
  frame: CoordinateFrame,
): Picture[] {
  const images = observation?.images ?? [];
  const acted = parts.filter((part) => part.kind === 'toolCall' && part.acted) as ToolCallPart[];
  const isPaired = acted.length === images.length || acted.length === 1;
  return images.map((image, index) => {
    const maker = isPaired ? acted[index] : undefined;
    const region = maker && regions.get(maker);
    const units = unitsOf(frame, image);
    return { ...(region && { region }), ...(units && { units }) };
  });
}

/** A box on a picture of so many units, as it lies on the region that the picture shows. */
function within(region: BoundingBox, box: BoundingBox, { width, height }: Size): BoundingBox {
  const [x, y] = [region.x2 - region.x1, region.y2 - region.y1];
  return {
    x1: region.x1 + (box.x1 / width) * x,
    y1: region.y1 + (box.y1 / height) * y,
    x2: region.x1 + (box.x2 / width) * x,
    y2: region.y1 + (box.y2 / height) * y,
  };
}

function inside(box: BoundingBox, { width, height }: Size): BoundingBox {
  const [x, y] = [(value: number) => clamp(value, width), (value: number) => clamp(value, height)];
  return { x1: x(box.x1), y1: y(box.y1), x2: x(box.x2), y2: y(box.y2) };
}

const clamp = (value: number, most: number): number => Math.min(most, Math.max(0, value));

function placedBox(
  exact: BoundingBox | undefined,
  region: BoundingBox | undefined,
  size: Size | undefined,
): PlacedBox {
  const box =
    exact ??
    (region &&
      size && {
        x1: region.x1 * size.width,
        y1: region.y1 * size.height,
        x2: region.x2 * size.width,
        y2: region.y2 * size.height,
      });
  const area = region && boxArea(region) > 0 ? boxArea(inside(region, { width: 1, height: 1 })) : undefined;
  return { ...(box && { box }), ...(area !== undefined && { area }) };
}
