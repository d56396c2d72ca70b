import type { TextConfig } from '../checkpoint/modelConfig';
import { ImcotError } from '../../../common/errors';
import type { RotaryRows } from './frequencies';
import { inverseFrequencies, rotaryRows } from './frequencies';
import type { PatchGrid } from './patchGrid';

/*
 * Positions of the language model. Each token has three, (t, h, w): equal for text, a place on the grid for an image.
 * Source: `get_rope_index` and `get_vision_position_ids` of transformers' `modeling_qwen2_5_vl.py`.
 */

/** Positions of text tokens, [count, 3]. The token after them stands at `start + count`. */
export function textPositions(start: number, count: number): Int32Array {
  return Int32Array.from({ length: count * 3 }, (_, at) => start + Math.floor(at / 3));
}

/**
 * Positions of an image's visual tokens in reading order, [tokens, 3]. The token after them stands at
 * `positionAfterImage`; the vision markers around an image are text.
 */
export function imagePositions(start: number, merged: PatchGrid): Int32Array {
  const result = new Int32Array(merged.rows * merged.columns * 3);
  let at = 0;
  for (let row = 0; row < merged.rows; row++) {
    for (let column = 0; column < merged.columns; column++) {
      result[at++] = start;
      result[at++] = start + row;
      result[at++] = start + column;
    }
  }
  return result;
}

/** Where the token after an image that begins at `start` stands: past the longer side of its grid. */
export function positionAfterImage(start: number, merged: PatchGrid): number {
  return start + Math.max(merged.rows, merged.columns);
}

/** Positions of a run of tokens, and where the next token stands. */
export interface PositionLayout {
  /** (t, h, w) per token: [tokens, 3]. */
  readonly positions: Int32Array;
  readonly next: number;
}

/**
 * Lays out tokens that may hold images, from `start` on: 0, or `next` of what stands before them.
 * @param ids an image is a run of `imageToken` as long as its grid
 * @param merged the grids of the images, in order, in visual tokens
 * @throws ImcotError `usage` when the runs and the grids don't fit
 */
export function tokenPositions(
  ids: ArrayLike<number>,
  imageToken: number,
  merged: readonly PatchGrid[],
  start = 0,
): PositionLayout {
  const positions = new Int32Array(ids.length * 3);
  let next = start;
  let image = 0;
  for (let at = 0; at < ids.length;) {
    if (ids[at] !== imageToken) {
      positions.fill(next++, at * 3, at * 3 + 3);
      at++;
      continue;
    }
    const grid = merged[image++];
    const tokens = grid === undefined ? 0 : grid.rows * grid.columns;
    if (grid === undefined || !isRun(ids, imageToken, at, at + tokens)) throw misfit(at, image, tokens);
    positions.set(imagePositions(next, grid), at * 3);
    next = positionAfterImage(next, grid);
    at += tokens;
  }
  if (image !== merged.length) throw misfit(ids.length, image + 1, 0);
  return { positions, next };
}

function isRun(ids: ArrayLike<number>, token: number, from: number, to: number): boolean {
  if (to <= from || to > ids.length) return false;
  for (let at = from; at < to; at++) if (ids[at] !== token) return false;
  return true;
}

function misfit(token: number, image: number, tokens: number): ImcotError {
  const wanted =
    tokens > 0 ? `needs ${tokens} image tokens in a row` : 'and its image tokens are not both there';
  return new ImcotError(
    'usage',
    `Image ${image} ${wanted} (token ${token}): expand each image to as many tokens as its grid has.`,
  );
}

/**
 * Angles of the language model's rotary embedding: [tokens, headDim / 2]. The columns are split by `mropeSection` into
 * those that turn by t, by h and by w; both halves of a head use the same row.
 * @param positions (t, h, w) per token
 */
export function ropeRows(
  positions: Int32Array,
  text: Pick<TextConfig, 'headDim' | 'ropeTheta' | 'mropeSection'>,
): RotaryRows {
  const [turnedByT, turnedByH] = text.mropeSection;
  const axisOf = new Uint8Array(text.headDim / 2);
  axisOf.fill(1, turnedByT);
  axisOf.fill(2, turnedByT + turnedByH);
  return rotaryRows(positions, 3, axisOf, inverseFrequencies(text.ropeTheta, text.headDim));
}
