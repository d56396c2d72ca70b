import type { ModelConfig } from './modelConfig';

/** How a stored number is spelled in a safetensors header. */
export type TensorType = 'BF16' | 'F16' | 'F32';

/** Where a tensor's bytes lie: little-endian, row-major, no gaps. */
export interface StoredTensor {
  /** Its name in the released key generation, e.g. `model.layers.0.mlp.up_proj.weight`, `visual.blocks.0.norm1.weight`. */
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  /** The real file, symbolic links followed. */
  readonly file: string;
  /** Of the first byte, from the file's start. */
  readonly offset: number;
  readonly byteLength: number;
}

/** A checkpoint folder that has been read and found whole; no weight is in memory. */
export interface Checkpoint {
  readonly folder: string;
  /** The folder's last part, or `owner/model` of a Hugging Face cache path. */
  readonly name: string;
  /** The commit whose files were taken, where they lie in a Hugging Face cache. */
  readonly revision?: string;
  readonly config: ModelConfig;
  /** Every tensor that the architecture needs, by its released name; `lm_head.weight` is absent when it is tied. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Parameters in all tensors. */
  readonly parameters: number;
}
