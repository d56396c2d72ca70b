import type { BoundingBox } from '../../common/boundingBox';
import { boxFromArray } from '../../common/boundingBox';
import { ImcotError } from '../../common/errors';

/*
 * The page shows text that models wrote. Should it ever be taken over, what it asks of the host must stay harmless: so
 * everything that arrives is checked here, and nothing in it is ever used as a path.
 */

/** Most rows of one request. */
export const MAX_ROWS = 1000;
/** Bounds of a picture's longer side in pixels. */
export const MIN_SIDE = 16;
export const MAX_SIDE = 4096;

const IMAGE_ID = /^(?:original:\d{1,6}|observation:\d{1,6}:\d{1,6})$/;

function wrong(what: string): ImcotError {
  return new ImcotError('usage', `The page asked for something that does not exist: ${what}.`);
}

/** A record's index. Whether such a record exists is for the source to say. */
export function checkIndex(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw wrong('a record');
  return value;
}

/** The half-open range of a list request, shortened to `MAX_ROWS`. */
export function checkRange(start: unknown, end: unknown): { readonly start: number; readonly end: number } {
  const from = checkIndex(start);
  const to = checkIndex(end);
  if (to < from) throw wrong('rows in reverse');
  return { start: from, end: Math.min(to, from + MAX_ROWS) };
}

/** The half-open ranges of a list request, shortened to `MAX_ROWS` rows in all. */
export function checkRanges(value: unknown): readonly { readonly start: number; readonly end: number }[] {
  if (!Array.isArray(value) || value.length > MAX_ROWS) throw wrong('rows that are no ranges');
  let left = MAX_ROWS;
  return (value as unknown[]).map((pair) => {
    if (!Array.isArray(pair) || pair.length !== 2) throw wrong('rows that are no ranges');
    const { start, end } = checkRange(pair[0], pair[1]);
    const rows = Math.min(left, end - start);
    left -= rows;
    return { start, end: start + rows };
  });
}

/** An image id of the two forms that the host gives out. */
export function checkImageId(value: unknown): string {
  if (typeof value !== 'string' || !IMAGE_ID.test(value)) throw wrong('an image');
  return value;
}

/** A piece of a picture, in its pixels; where it ends is for the picture to say. */
export function checkRegion(value: unknown): BoundingBox {
  const box = boxFromArray(value);
  const isPiece = box && box.x1 >= 0 && box.y1 >= 0 && box.x1 < box.x2 && box.y1 < box.y2;
  if (!isPiece) throw wrong('a piece of a picture that is none');
  return box;
}

/** Longer side of a picture in whole pixels, between `MIN_SIDE` and `MAX_SIDE`. */
export function checkMaxSide(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong('a picture of no size');
  return Math.min(MAX_SIDE, Math.max(MIN_SIDE, Math.round(value)));
}
