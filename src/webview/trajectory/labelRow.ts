import type { BoundingBox, Size } from '../../common/boundingBox';

/** More labels than this are left where they are: nobody could tell them apart beside each other either. */
const MOST_LABELS = 64;

/**
 * Where labels go one after the other, none on one before it: beside it on the side where its own box lies, else on the
 * other, else where it was.
 */
export class LabelRow {
  private readonly taken: BoundingBox[] = [];

  constructor(private readonly window: Size) {}

  /** The place of the next label, whose upper left corner would stand at x and y. */
  next(x: number, y: number, label: Size): { readonly x: number; readonly y: number } {
    if (this.taken.length >= MOST_LABELS) return { x, y };
    const right = (other: BoundingBox): number => other.x2;
    const left = (other: BoundingBox): number => other.x1 - label.width;
    const [near, far] = (this.under(x, y, label)?.x1 ?? x) > x ? [left, right] : [right, left];
    const free = this.clear(x, y, label, near) ?? this.clear(x, y, label, far) ?? x;
    this.taken.push({ x1: free, y1: y, x2: free + label.width, y2: y + label.height });
    return { x: free, y };
  }

  /** One that a label at x and y would stand on. */
  private under(x: number, y: number, label: Size): BoundingBox | undefined {
    return this.taken.find(
      ({ x1, y1, x2, y2 }) => x1 < x + label.width && x2 > x && y1 < y + label.height && y2 > y,
    );
  }

  /** The first x beside all that are there; undefined where it lies out of the window. */
  private clear(
    x: number,
    y: number,
    label: Size,
    beside: (other: BoundingBox) => number,
  ): number | undefined {
    let free = x;
    for (let tries = 0; tries <= this.taken.length; tries++) {
      const other = this.under(free, y, label);
      if (!other) return free >= 0 && free + label.width <= this.window.width ? free : undefined;
      free = beside(other);
    }
    return undefined;
  }
}
