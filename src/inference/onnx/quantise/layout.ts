import { createHash } from 'node:crypto';
import { ImcotError } from '../../../common/errors';
import type { Checkpoint, StoredTensor } from '../checkpoint/checkpoint';
import { EMBEDDING, LM_HEAD } from '../checkpoint/neededTensors';
import { blocksPerRow, type WeightBits } from './blocks';

/** Neighbours of a row that share a scale: what the runtime's fastest CPU kernels take. */
export const BLOCK_SIZE = 32;

/** Parts start at multiples of this, so that a runtime can map them. */
const ALIGNMENT = 4096;

/** lm_head decides between tokens by small differences: it keeps 8 bits where the rest has 4. */
const HEAD_BITS = 8;

/** Bytes in the file of quantised weights. */
export interface Part {
  readonly offset: number;
  readonly length: number;
}

/** A quantised matrix y = x W^T, where its parts lie, and their form: see `QuantisedBlocks`. */
export interface QuantisedTensor {
  readonly bits: WeightBits;
  readonly blockSize: number;
  /** Outputs: rows. */
  readonly n: number;
  /** Inputs: row length. */
  readonly k: number;
  readonly packed: Part;
  readonly scales: Part;
}

/** What a file of quantised weights holds, and where. */
export interface QuantisedLayout {
  /** By the released name of the matrix that it was made of, in the file's order. */
  readonly tensors: ReadonlyMap<string, QuantisedTensor>;
  /** Where each comes from, in the same order. */
  readonly sources: readonly StoredTensor[];
  /** Size of the file. */
  readonly bytes: number;
  /** Hex SHA-256 of all of the above but `sources`. */
  readonly digest: string;
}

/**
 * Names of the matrices that are quantised: the language model's linears and what makes the logits, which is
 * `model.embed_tokens.weight` where that is tied. Norms, biases and the vision tower keep their precision.
 */
function quantisedNames({ config }: Checkpoint): readonly string[] {
  const { layers, tiedEmbeddings } = config.text;
  const attention = ['q_proj', 'k_proj', 'v_proj', 'o_proj'].map((name) => `self_attn.${name}`);
  const modules = [...attention, 'mlp.gate_proj', 'mlp.up_proj', 'mlp.down_proj'];
  const names = Array.from({ length: layers }, (_, layer) =>
    modules.map((module) => `model.layers.${String(layer)}.${module}.weight`),
  ).flat();
  return [...names, headName(tiedEmbeddings)];
}

function headName(tied: boolean): string {
  return tied ? EMBEDDING : LM_HEAD;
}

/**
 * Where everything will lie, known before any weight is read.
 * @throws ImcotError `input` when a matrix is missing or is none
 */
export function planLayout(checkpoint: Checkpoint, bits: WeightBits): QuantisedLayout {
  const head = headName(checkpoint.config.text.tiedEmbeddings);
  const tensors = new Map<string, QuantisedTensor>();
  const sources: StoredTensor[] = [];
  let end = 0;
  const part = (length: number): Part => {
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    end = offset + length;
    return { offset, length };
  };
  for (const name of quantisedNames(checkpoint)) {
    const source = checkpoint.tensors.get(name);
    const [n, k] = source?.shape ?? [];
    if (!source || n === undefined || k === undefined || source.shape.length !== 2 || n * k === 0)
      throw new ImcotError('input', `${checkpoint.folder} can't be quantised: it has no matrix ${name}.`);
    const its: WeightBits = name === head ? HEAD_BITS : bits;
    const blocks = n * blocksPerRow(k, BLOCK_SIZE);
    const packed = part((blocks * BLOCK_SIZE * its) / 8);
    const scales = part(blocks * Float32Array.BYTES_PER_ELEMENT);
    tensors.set(name, { bits: its, blockSize: BLOCK_SIZE, n, k, packed, scales });
    sources.push(source);
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([end, ...tensors]))
    .digest('hex');
  return { tensors, sources, bytes: end, digest };
}

/** Size of the file that quantising makes: to the byte. */
export function expectedBytes(checkpoint: Checkpoint, bits: WeightBits): number {
  return planLayout(checkpoint, bits).bytes;
}
