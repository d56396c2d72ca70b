/**
 * Which coordinate system the four numbers of a bounding box live in. DeepEyes' policy sees the smart-resized
 * image yet its numbers are used on the original one, kin models answer in thousandths or fractions; so a box
 * without its frame means nothing.
 *
 * - `original`: pixels of the image as stored, EXIF orientation applied
 * - `resized`: pixels of the image as the policy saw it (after `smartResize`)
 * - `relative1000`: thousandths of width and height
 * - `relative1`: fractions of width and height
 */
export type CoordinateFrame = 'original' | 'resized' | 'relative1000' | 'relative1';

/** Width and height in pixels, both at least 0. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An axis-parallel box by two corners, as requested: it may be inverted, empty, fractional, or outside the image. */
export interface BoundingBox {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Reads `[x1, y1, x2, y2]` (the wire's `bbox_2d`). Undefined unless it is an array of exactly four finite numbers. */
export function boxFromArray(value: unknown): BoundingBox | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const numbers = value.filter(
    (entry): entry is number => typeof entry === 'number' && Number.isFinite(entry),
  );
  const [x1, y1, x2, y2] = numbers;
  if (x1 === undefined || y1 === undefined || x2 === undefined || y2 === undefined) return undefined;
  return { x1, y1, x2, y2 };
}

/** The wire's order, `[x1, y1, x2, y2]`. */
export function boxToArray(box: BoundingBox): [number, number, number, number] {
  return [box.x1, box.y1, box.x2, box.y2];
}

/** The shorter side, signed: negative when the corners are inverted. In the unit of the box's frame. */
export function minSide(box: BoundingBox): number {
  return Math.min(box.x2 - box.x1, box.y2 - box.y1);
}

/** Width times height, in the unit of the box's frame squared; 0 for a box that is inverted or empty. */
export function boxArea({ x1, y1, x2, y2 }: BoundingBox): number {
  return Math.max(0, x2 - x1) * Math.max(0, y2 - y1);
}

/**
 * Area that two boxes of one frame share over the area that they cover together, 0 to 1. A box that is inverted or
 * empty shares nothing.
 */
export function intersectionOverUnion(a: BoundingBox, b: BoundingBox): number {
  const shared = boxArea({
    x1: Math.max(a.x1, b.x1),
    y1: Math.max(a.y1, b.y1),
    x2: Math.min(a.x2, b.x2),
    y2: Math.min(a.y2, b.y2),
  });
  return shared > 0 ? shared / (boxArea(a) + boxArea(b) - shared) : 0;
}

/** Equal in all four numbers, exactly. */
export function sameBox(a: BoundingBox, b: BoundingBox): boolean {
  return a.x1 === b.x1 && a.y1 === b.y1 && a.x2 === b.x2 && a.y2 === b.y2;
}

/**
 * Converts a box to pixels of the original image. No rounding and no clamping: the tools do that, each in its own way.
 * @param resized the size that the policy saw; needed for the frame `resized` only
 * @returns undefined when the frame is `resized` and that size is not known, or has an empty side
 */
export function toOriginalFrame(
  box: BoundingBox,
  frame: CoordinateFrame,
  original: Size,
  resized?: Size,
): BoundingBox | undefined {
  if (frame === 'original') return box;
  if (frame !== 'resized') {
    const unit = frame === 'relative1000' ? 1000 : 1;
    // Divided first, as Qwen-Agent does: the last bits decide how a tool rounds.
    return {
      x1: (box.x1 / unit) * original.width,
      y1: (box.y1 / unit) * original.height,
      x2: (box.x2 / unit) * original.width,
      y2: (box.y2 / unit) * original.height,
    };
  }
  if (!resized || resized.width <= 0 || resized.height <= 0) return undefined;
  const [x, y] = [original.width / resized.width, original.height / resized.height];
  return { x1: box.x1 * x, y1: box.y1 * y, x2: box.x2 * x, y2: box.y2 * y };
}
