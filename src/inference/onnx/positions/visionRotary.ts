import type { RotaryRows } from './frequencies';
import { inverseFrequencies, rotaryRows } from './frequencies';

const VISION_THETA = 10000;

/**
 * Angles of the vision tower's rotary embedding: [patches, headDim / 2]. The first half of a row turns by the patch's
 * row, the second by its column; both halves of a head use the same row of angles.
 * Source: `rot_pos_emb` of transformers' `Qwen2_5_VisionTransformerPretrainedModel`.
 * @param positions pairs (row, column) in the order of the patches, from `patchPositions`
 * @param headDim a multiple of 4
 */
export function visionRotary(positions: Int32Array, headDim: number): RotaryRows {
  const quarter = inverseFrequencies(VISION_THETA, headDim / 2);
  const frequencies = new Float32Array(headDim / 2);
  frequencies.set(quarter);
  frequencies.set(quarter, quarter.length);
  const axisOf = new Uint8Array(headDim / 2).fill(1, quarter.length);
  return rotaryRows(positions, 2, axisOf, frequencies);
}
