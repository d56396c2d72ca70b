import { ImcotError } from '../../../common/errors';

/** Bits of a quantised weight. */
export type WeightBits = 4 | 8;

/**
 * A matrix [n, k] in blocks of `blockSize` neighbours of one row, as ONNX Runtime's MatMulNBits takes it (com.microsoft,
 * docs/ContribOperators.md): each row has ceil(k / blockSize) blocks, each block one scale, and a weight is
 * scale * (code - 2^(bits-1)). No zero points are stored: 2^(bits-1) is the operator's default.
 */
export interface QuantisedBlocks {
  /** [n, ceil(k / blockSize), blockSize * bits / 8]; with 4 bits the earlier weight is the low half of the byte. */
  readonly packed: Uint8Array;
  /** [n * ceil(k / blockSize)]; may be negative. */
  readonly scales: Float32Array;
}

/**
 * Where the block's largest weight may land, as a multiple of the scale: -8 is the end of the codes, less leaves the
 * end unused for finer steps, more cuts the largest for the others' sake. Of many sets of three these had the smallest
 * squared error on normally distributed weights (9 % below -8 alone), and five or nine gain 1 % more.
 */
const REACHES_4 = [7.2, 8, 8.6] as const;

/** Blocks in a row of `k` weights. */
export function blocksPerRow(k: number, blockSize: number): number {
  return Math.ceil(k / blockSize);
}

/**
 * Rounds a matrix to blocks. With 4 bits the scale of each block is the best of a few in the least-squares sense; with
 * 8 bits the largest weight simply becomes code 0: what is left to gain there is far below the error that the runtime
 * adds when it rounds its activations to 8 bits as well.
 * @param weights row-major [n, k]; a whole number of rows
 * @param k row length, at least 1
 * @param blockSize a power of two, at least 16; rows that it does not divide are padded with zeros
 * @throws ImcotError `input` when a weight is not finite
 */
export function quantiseBlocks(
  weights: Float32Array,
  k: number,
  bits: WeightBits,
  blockSize: number,
): QuantisedBlocks {
  const rows = weights.length / k;
  const perRow = blocksPerRow(k, blockSize);
  const blockBytes = (blockSize * bits) / 8;
  const packed = new Uint8Array(rows * perRow * blockBytes);
  const scales = new Float32Array(rows * perRow);
  const quantise = bits === 4 ? quantiseBlock4 : quantiseBlock8;
  const wordsOf = (floats: Float32Array): Uint32Array =>
    new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const words = wordsOf(weights);
  const whole = Math.floor(k / blockSize);
  const padded = new Float32Array(blockSize);
  const paddedWords = wordsOf(padded);
  let block = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * k;
    for (let b = 0; b < whole; b++, block++)
      scales[block] = quantise(weights, words, start + b * blockSize, blockSize, packed, block * blockBytes);
    if (whole === perRow) continue;
    padded.fill(0);
    padded.set(weights.subarray(start + whole * blockSize, start + k));
    scales[block] = quantise(padded, paddedWords, 0, blockSize, packed, block * blockBytes);
    block++;
  }
  return { packed, scales };
}

/** The weights [n, k] that the blocks stand for, as the runtime sees them. */
export function dequantiseBlocks(
  { packed, scales }: QuantisedBlocks,
  k: number,
  bits: WeightBits,
  blockSize: number,
): Float32Array {
  const perRow = blocksPerRow(k, blockSize);
  const rows = scales.length / perRow;
  const weights = new Float32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < k; i++) {
      const at = row * perRow * blockSize + i;
      const byte = packed[bits === 4 ? at >> 1 : at] ?? 0;
      const code = bits === 8 ? byte - 128 : (at % 2 === 0 ? byte & 15 : byte >> 4) - 8;
      weights[row * k + i] = code * (scales[row * perRow + Math.floor(i / blockSize)] ?? 0);
    }
  }
  return weights;
}

/**
 * The weight of the largest magnitude in a block. Compares bit patterns with the sign moved to the end: for floats
 * their order is the order of the magnitudes, and it takes a third of the time of comparing the floats.
 */
function largest(weights: Float32Array, words: Uint32Array, start: number, length: number): number {
  let most = -1;
  let at = start;
  for (let i = start; i < start + length; i++) {
    const magnitude = (words[i] as number) & 0x7fffffff;
    if (magnitude > most) {
      most = magnitude;
      at = i;
    }
  }
  const value = weights[at] as number;
  if (!Number.isFinite(value)) throw new ImcotError('input', 'A weight is not a finite number.');
  return value;
}

// The two below are the inner loops of everything here. `| 0` rounds: what it is applied to is above -1.

function quantiseBlock8(
  weights: Float32Array,
  words: Uint32Array,
  start: number,
  length: number,
  packed: Uint8Array,
  to: number,
): number {
  const most = largest(weights, words, start, length);
  const perScale = most === 0 ? 0 : -128 / most;
  for (let i = 0; i < length; i++) {
    const code = ((weights[start + i] as number) * perScale + 128.5) | 0;
    packed[to + i] = code > 255 ? 255 : code;
  }
  return most / -128;
}

function quantiseBlock4(
  weights: Float32Array,
  words: Uint32Array,
  start: number,
  length: number,
  packed: Uint8Array,
  to: number,
): number {
  const most = largest(weights, words, start, length);
  let perScale = 0;
  let scale = 0;
  let bestGain = 0;
  // With the codes q of a try fixed, the best scale is sum(wq) / sum(qq), and it takes sum(wq)^2 / sum(qq) off the
  // squared error of all zeros: one pass tells both.
  for (const reach of most === 0 ? [] : REACHES_4) {
    const trial = -reach / most;
    let wq = 0;
    let qq = 0;
    for (let i = start; i < start + length; i++) {
      const weight = weights[i] as number;
      const code = (weight * trial + 8.5) | 0;
      const q = (code > 15 ? 15 : code) - 8;
      wq += weight * q;
      qq += q * q;
    }
    const gain = (wq * wq) / qq;
    if (gain > bestGain) {
      bestGain = gain;
      perScale = trial;
      scale = wq / qq;
    }
  }
  for (let i = 0; i < length; i += 2) {
    const low = ((weights[start + i] as number) * perScale + 8.5) | 0;
    const high = ((weights[start + i + 1] as number) * perScale + 8.5) | 0;
    packed[to + (i >> 1)] = (low > 15 ? 15 : low) | ((high > 15 ? 15 : high) << 4);
  }
  return scale;
}
