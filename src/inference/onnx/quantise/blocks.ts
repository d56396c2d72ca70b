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
 * Where a block's largest weight may land, as multiples of the scale: at the end of the codes, or a little inside it,
 * which leaves the end unused for finer steps. Never beyond: that gains as much in squared error as the second place
 * does, but the large weights that it cuts are missed in a trained model.
 */
const REACHES: Readonly<Record<WeightBits, readonly number[]>> = { 4: [7.2, 8], 8: [127, 128] };

/** Blocks in a row of `k` weights. */
export function blocksPerRow(k: number, blockSize: number): number {
  return Math.ceil(k / blockSize);
}

/**
 * Rounds a matrix to blocks. The scale of each is the best of a few in the least-squares sense.
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
  const quantise = (from: Float32Array, itsWords: Uint32Array, start: number, block: number): void => {
    const most = largest(from, itsWords, start, blockSize);
    const fit = most === 0 ? ZERO : fitScale(from, start, blockSize, most, bits);
    scales[block] = fit.scale;
    const pack = bits === 4 ? pack4 : pack8;
    pack(from, start, blockSize, fit.perScale, packed, block * blockBytes);
  };
  const wordsOf = (floats: Float32Array): Uint32Array =>
    new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const words = wordsOf(weights);
  const whole = Math.floor(k / blockSize);
  const padded = new Float32Array(blockSize);
  const paddedWords = wordsOf(padded);
  let block = 0;
  for (let row = 0; row < rows; row++) {
    const start = row * k;
    for (let b = 0; b < whole; b++, block++) quantise(weights, words, start + b * blockSize, block);
    if (whole === perRow) continue;
    padded.fill(0);
    padded.set(weights.subarray(start + whole * blockSize, start + k));
    quantise(padded, paddedWords, 0, block);
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

interface Fit {
  readonly scale: number;
  /** What weights are multiplied by before they are rounded: not 1 / scale, which is refined afterwards. */
  readonly perScale: number;
}

const ZERO: Fit = { scale: 0, perScale: 0 };

/**
 * With the codes q of a try fixed, the best scale is sum(wq) / sum(qq), and it takes sum(wq)^2 / sum(qq) off the squared
 * error of all zeros: one pass tells both.
 */
function fitScale(weights: Float32Array, start: number, length: number, most: number, bits: WeightBits): Fit {
  const half = bits === 4 ? 8 : 128;
  const last = half - 1;
  const shift = half + 0.5;
  let best = ZERO;
  let bestGain = 0;
  for (const reach of REACHES[bits]) {
    const perScale = -reach / most;
    let wq = 0;
    let qq = 0;
    for (let i = start; i < start + length; i++) {
      const weight = weights[i] as number;
      // Rounds: what `| 0` is applied to is never negative.
      const signed = ((weight * perScale + shift) | 0) - half;
      const q = signed > last ? last : signed;
      wq += weight * q;
      qq += q * q;
    }
    const gain = (wq * wq) / qq;
    if (gain > bestGain) {
      bestGain = gain;
      best = { scale: wq / qq, perScale };
    }
  }
  return best;
}

function pack8(
  weights: Float32Array,
  start: number,
  length: number,
  perScale: number,
  packed: Uint8Array,
  to: number,
): void {
  for (let i = 0; i < length; i++) {
    const code = ((weights[start + i] as number) * perScale + 128.5) | 0;
    packed[to + i] = code > 255 ? 255 : code;
  }
}

function pack4(
  weights: Float32Array,
  start: number,
  length: number,
  perScale: number,
  packed: Uint8Array,
  to: number,
): void {
  for (let i = 0; i < length; i += 2) {
    const low = ((weights[start + i] as number) * perScale + 8.5) | 0;
    const high = ((weights[start + i + 1] as number) * perScale + 8.5) | 0;
    packed[to + (i >> 1)] = (low > 15 ? 15 : low) | ((high > 15 ? 15 : high) << 4);
  }
}
