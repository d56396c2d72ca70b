import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** JSON that a test changes at will. */
export type Json = Record<string, unknown>;

/** A tensor to be written: its numbers are `bytes`, or follow from its name. */
export interface TinyTensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly bytes?: Uint8Array;
}

const WIDTHS: Readonly<Record<string, number>> = { BF16: 2, F16: 2, F32: 4, I8: 1, F64: 8 };

/** The repository's reference checkpoints. */
export const GOLDEN = path.join(__dirname, '../../../../../golden/qwen2_5_vl');

/** config.json of a model of a few thousand parameters, released layout. */
export function tinyConfig(): Json {
  return {
    architectures: ['Qwen2_5_VLForConditionalGeneration'],
    model_type: 'qwen2_5_vl',
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    hidden_act: 'silu',
    rms_norm_eps: 1e-6,
    rope_theta: 10000,
    rope_scaling: { type: 'mrope', mrope_section: [1, 1, 0] },
    max_position_embeddings: 512,
    use_sliding_window: false,
    tie_word_embeddings: false,
    vocab_size: 20,
    eos_token_id: 3,
    image_token_id: 12,
    vision_start_token_id: 9,
    vision_end_token_id: 10,
    vision_config: {
      depth: 2,
      hidden_size: 16,
      intermediate_size: 12,
      num_heads: 2,
      in_chans: 3,
      out_hidden_size: 8,
      patch_size: 2,
      spatial_merge_size: 2,
      temporal_patch_size: 2,
      window_size: 8,
      fullatt_block_indexes: [1],
    },
  };
}

/** Each tensor of `tinyConfig`, spelled out here so that the list under test is not its own witness. */
export function tinyTensors(type = 'F32'): Map<string, TinyTensor> {
  const shapes: [string, number[]][] = [
    ['model.embed_tokens.weight', [20, 8]],
    ['lm_head.weight', [20, 8]],
    ['model.norm.weight', [8]],
    ['visual.patch_embed.proj.weight', [16, 3, 2, 2, 2]],
    ['visual.merger.ln_q.weight', [16]],
    ['visual.merger.mlp.0.weight', [64, 64]],
    ['visual.merger.mlp.0.bias', [64]],
    ['visual.merger.mlp.2.weight', [8, 64]],
    ['visual.merger.mlp.2.bias', [8]],
  ];
  for (const n of [0, 1]) {
    const layer = `model.layers.${n}`;
    const block = `visual.blocks.${n}`;
    shapes.push(
      [`${layer}.input_layernorm.weight`, [8]],
      [`${layer}.post_attention_layernorm.weight`, [8]],
      [`${layer}.self_attn.q_proj.weight`, [8, 8]],
      [`${layer}.self_attn.q_proj.bias`, [8]],
      [`${layer}.self_attn.k_proj.weight`, [4, 8]],
      [`${layer}.self_attn.k_proj.bias`, [4]],
      [`${layer}.self_attn.v_proj.weight`, [4, 8]],
      [`${layer}.self_attn.v_proj.bias`, [4]],
      [`${layer}.self_attn.o_proj.weight`, [8, 8]],
      [`${layer}.mlp.gate_proj.weight`, [12, 8]],
      [`${layer}.mlp.up_proj.weight`, [12, 8]],
      [`${layer}.mlp.down_proj.weight`, [8, 12]],
      [`${block}.norm1.weight`, [16]],
      [`${block}.norm2.weight`, [16]],
      [`${block}.attn.qkv.weight`, [48, 16]],
      [`${block}.attn.qkv.bias`, [48]],
      [`${block}.attn.proj.weight`, [16, 16]],
      [`${block}.attn.proj.bias`, [16]],
      [`${block}.mlp.gate_proj.weight`, [12, 16]],
      [`${block}.mlp.gate_proj.bias`, [12]],
      [`${block}.mlp.up_proj.weight`, [12, 16]],
      [`${block}.mlp.up_proj.bias`, [12]],
      [`${block}.mlp.down_proj.weight`, [16, 12]],
      [`${block}.mlp.down_proj.bias`, [16]],
    );
  }
  return new Map(shapes.map(([name, shape]) => [name, { type, shape }]));
}

function bytesOf(name: string, tensor: TinyTensor): Uint8Array {
  if (tensor.bytes) return tensor.bytes;
  const size = tensor.shape.reduce((product, side) => product * side, WIDTHS[tensor.type] ?? 1);
  const seed = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1009;
  // Every byte below 0x40, so that the numbers are finite in each type.
  return Uint8Array.from({ length: size }, (_, i) => (i * 7 + seed) & 0x3f);
}

/** A safetensors file of these tensors, in their order. */
export function safetensors(tensors: ReadonlyMap<string, TinyTensor>): Uint8Array {
  const header: Json = { __metadata__: { format: 'pt' } };
  const parts: Uint8Array[] = [];
  let end = 0;
  for (const [name, tensor] of tensors) {
    const bytes = bytesOf(name, tensor);
    header[name] = { dtype: tensor.type, shape: tensor.shape, data_offsets: [end, end + bytes.length] };
    parts.push(bytes);
    end += bytes.length;
  }
  return withHeader(JSON.stringify(header), joined(parts));
}

/** A safetensors file with this text as its header. */
export function withHeader(header: string, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(header);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return joined([length, text, data]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** A folder with everything but weights; `config` replaces config.json. */
export function writeFolder(folder: string, config: unknown = tinyConfig()): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, value: unknown): void =>
    writeFileSync(path.join(folder, name), JSON.stringify(value));
  write('config.json', config);
  write('tokenizer.json', {});
  write('preprocessor_config.json', {
    min_pixels: 16,
    max_pixels: 1600,
    patch_size: 2,
    merge_size: 2,
    temporal_patch_size: 2,
  });
}

/** A whole tiny checkpoint. */
export function writeCheckpoint(
  folder: string,
  options: { readonly config?: unknown; readonly tensors?: ReadonlyMap<string, TinyTensor> } = {},
): void {
  writeFolder(folder, options.config);
  writeFileSync(path.join(folder, 'model.safetensors'), safetensors(options.tensors ?? tinyTensors()));
}

/** The same in two shards with an index. */
export function writeSharded(
  folder: string,
  tensors = tinyTensors(),
): { readonly shards: readonly string[] } {
  writeFolder(folder);
  const entries = [...tensors];
  const half = Math.floor(entries.length / 2);
  const shards = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const map: Json = {};
  [entries.slice(0, half), entries.slice(half)].forEach((part, n) => {
    writeFileSync(path.join(folder, shards[n]!), safetensors(new Map(part)));
    for (const [name] of part) map[name] = shards[n];
  });
  writeFileSync(path.join(folder, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  return { shards };
}

/** A JSON file of a folder, changed in place. */
export function editJson(folder: string, name: string, change: (value: Json) => void): void {
  const file = path.join(folder, name);
  const value = JSON.parse(readFileSync(file, 'utf8')) as Json;
  change(value);
  writeFileSync(file, JSON.stringify(value));
}

/** A folder of its own for each test of a suite; call it inside `describe`. */
export function useFolder(): (...names: string[]) => string {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-checkpoint-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return (...names) => path.join(folder, ...names);
}
