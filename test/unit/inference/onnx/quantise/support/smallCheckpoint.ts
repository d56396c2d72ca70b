import { closeSync, openSync, writeSync } from 'node:fs';
import path from 'node:path';
import type {
  Checkpoint,
  StoredTensor,
  TensorType,
} from '../../../../../../src/inference/onnx/checkpoint/checkpoint';
import { BYTES_PER_NUMBER } from '../../../../../../src/inference/onnx/checkpoint/decodeFloats';
import type { TextConfig } from '../../../../../../src/inference/onnx/checkpoint/modelConfig';

/** The language model's sides of a checkpoint for tests. */
export interface SmallShape {
  readonly hidden: number;
  readonly intermediate: number;
  readonly layers: number;
  readonly vocabulary: number;
  readonly tied: boolean;
  readonly type: TensorType;
}

/** Hidden and intermediate sizes that 32 does not divide. */
export const UNEVEN: SmallShape = {
  hidden: 80,
  intermediate: 120,
  layers: 2,
  vocabulary: 300,
  tied: false,
  type: 'BF16',
};

/** A generator of normally distributed numbers: xorshift and Box-Muller. */
export function normal(seed: number): () => number {
  let state = seed;
  const uniform = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return ((state >>> 0) + 1) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Random normally distributed weights. */
export function randomWeights(count: number, seed = 1): Float32Array {
  const next = normal(seed);
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) weights[i] = 0.02 * next();
  return weights;
}

/** Writes random weights into one file in `folder` and describes them as a checkpoint that was read. */
export function writeCheckpoint(folder: string, shape: SmallShape, seed = 1): Checkpoint {
  const { hidden, intermediate, layers, vocabulary, tied, type } = shape;
  const sides: [string, number, number][] = [['model.embed_tokens.weight', vocabulary, hidden]];
  for (let layer = 0; layer < layers; layer++) {
    const at = `model.layers.${String(layer)}`;
    for (const name of ['q_proj', 'k_proj', 'v_proj', 'o_proj'])
      sides.push([`${at}.self_attn.${name}.weight`, /[kv]_/.test(name) ? hidden / 2 : hidden, hidden]);
    for (const name of ['gate_proj', 'up_proj'])
      sides.push([`${at}.mlp.${name}.weight`, intermediate, hidden]);
    sides.push([`${at}.mlp.down_proj.weight`, hidden, intermediate]);
  }
  if (!tied) sides.push(['lm_head.weight', vocabulary, hidden]);

  const file = path.join(folder, `weights-${String(seed)}.bin`);
  const descriptor = openSync(file, 'w');
  const tensors = new Map<string, StoredTensor>();
  // A period without relation to the block size: made once, for big checkpoints.
  const period = randomWeights(200_003, seed);
  let offset = 0;
  let taken = 0;
  for (const [name, n, k] of sides) {
    const numbers = new Float32Array(n * k);
    for (let done = 0; done < numbers.length;) {
      const piece = period.subarray(taken, taken + numbers.length - done);
      numbers.set(piece, done);
      done += piece.length;
      taken = (taken + piece.length) % period.length;
    }
    const bytes = stored(numbers, type);
    writeSync(descriptor, bytes);
    const byteLength = n * k * BYTES_PER_NUMBER[type];
    tensors.set(name, { name, type, shape: [n, k], file, offset, byteLength });
    offset += byteLength;
  }
  closeSync(descriptor);
  const text = { layers, tiedEmbeddings: tied, hiddenSize: hidden, vocabularySize: vocabulary } as TextConfig;
  const config = { text } as Checkpoint['config'];
  const parameters = sides.reduce((sum, [, n, k]) => sum + n * k, 0);
  return { folder, name: 'small', config, tensors, parameters };
}

function stored(numbers: Float32Array, type: TensorType): Uint8Array {
  if (type === 'F32') return new Uint8Array(numbers.buffer);
  if (type === 'F16') throw new Error('not needed here');
  // Cut, not rounded: any bf16 numbers do.
  const words = new Uint32Array(numbers.buffer);
  const halves = new Uint16Array(words.length);
  for (let i = 0; i < words.length; i++) halves[i] = words[i]! >>> 16;
  return new Uint8Array(halves.buffer);
}
