import { ImcotError } from '../../../common/errors';
import type { Checkpoint, StoredTensor } from './checkpoint';
import { EMBEDDING, LM_HEAD } from './neededTensors';
import { elementCount } from './readTensor';

/** How a model is to be held. */
export interface MemoryOptions {
  /** `full`: float32. `int8`, `int4`: the language model's matrices in blocks of 32 with a float32 scale each. */
  readonly precision: 'full' | 'int8' | 'int4';
  /** Tokens that the cache has room for. */
  readonly contextLength: number;
  /** `gpu`: weights and cache lie in the device's memory. */
  readonly device: 'cpu' | 'gpu';
}

/** Bytes that a model takes. */
export interface MemoryNeed {
  /** All weights as they are held while the model runs. */
  readonly weights: number;
  /** Keys and values of one sequence at its full length. */
  readonly cache: number;
  /** The most of this computer's own memory that opening it takes, weights and cache included where they lie there. */
  readonly peakAtOpen: number;
}

/** Numbers that share one scale in a quantised matrix; a row is padded to whole blocks. */
const BLOCK = 32;
const FLOAT_BYTES = 4;

/**
 * Estimates a model's memory, in bytes.
 *
 * - weights, `full`: 4 per parameter. Quantised: per matrix [N, K] of the language model's layers
 *   N * ceil(K / 32) * (32 b + 4), where b is 1, or 0.5 for int4; lm_head has int8 in both. The rest, the vision tower
 *   included, is float32.
 *   The embedding's rows are read from the file when they are needed and cost nothing; a tied one is lm_head's matrix.
 * - cache: 2 (keys, values) * layers * key-value heads * head width * 4 per token.
 * - peakAtOpen: on the CPU weights + cache + one matrix, the largest, as float32 while it is converted; the checkpoint's
 *   own pages are mapped and can be dropped at any time, so they do not count. On a GPU the weights pass through this
 *   computer's memory once: weights + that matrix.
 */
export function memoryNeeded(checkpoint: Checkpoint, options: MemoryOptions): MemoryNeed {
  const { layers, keyValueHeads, headDim } = checkpoint.config.text;
  const cache = 2 * layers * keyValueHeads * headDim * FLOAT_BYTES * options.contextLength;
  let weights = 0;
  let largest = 0;
  for (const tensor of checkpoint.tensors.values()) {
    if (tensor.name === EMBEDDING && checkpoint.tensors.has(LM_HEAD)) continue;
    weights += heldBytes(tensor, options.precision);
    largest = Math.max(largest, elementCount(tensor.shape) * FLOAT_BYTES);
  }
  return { weights, cache, peakAtOpen: weights + largest + (options.device === 'cpu' ? cache : 0) };
}

function heldBytes({ name, shape }: StoredTensor, precision: MemoryOptions['precision']): number {
  const [rows, columns] = shape;
  // The embedding comes here only where it is tied.
  const isHead = name === LM_HEAD || name === EMBEDDING;
  const isLinear = isHead || (name.startsWith('model.layers.') && shape.length === 2);
  if (precision === 'full' || !isLinear || rows === undefined || columns === undefined) {
    return elementCount(shape) * FLOAT_BYTES;
  }
  const perNumber = precision === 'int8' || isHead ? 1 : 0.5;
  return rows * Math.ceil(columns / BLOCK) * (BLOCK * perNumber + FLOAT_BYTES);
}

/**
 * Refuses a model that this computer has no room for. Returns what it needs.
 * `available`: bytes, see `availableMemory`. Errors: `limit`, with both figures and what to change.
 */
export function checkMemory(checkpoint: Checkpoint, options: MemoryOptions, available: number): MemoryNeed {
  const need = memoryNeeded(checkpoint, options);
  if (need.peakAtOpen <= available) return need;
  const smaller =
    options.precision === 'full' ? 'int8 or int4' : options.precision === 'int8' ? 'int4' : undefined;
  const ways = [
    ...(smaller === undefined ? [] : [`choose the precision ${smaller}`]),
    ...(options.device === 'cpu' && need.cache > need.peakAtOpen / 20
      ? [`choose a context shorter than ${options.contextLength} tokens`]
      : []),
    'close other programs',
  ];
  throw new ImcotError(
    'limit',
    `${checkpoint.name} needs ${gigabytes(need.peakAtOpen)} GB of memory ` +
      `(weights ${gigabytes(need.weights)} GB, cache ${gigabytes(need.cache)} GB), ` +
      `but ${gigabytes(available)} GB are free: ${ways.join(', or ')}.`,
  );
}

/** In units of 10^9 bytes, one decimal; small figures keep two digits. */
function gigabytes(bytes: number): string {
  const value = bytes / 1e9;
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}
