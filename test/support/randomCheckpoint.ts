import { readFileSync } from 'node:fs';
import { copyFile, mkdir, open, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { EMBEDDING, LM_HEAD, neededTensors } from '../../src/inference/onnx/checkpoint/neededTensors';
import { readModelConfig } from '../../src/inference/onnx/checkpoint/readModelConfig';
import { qwenPath } from './goldenQwen';

/** Sizes of the language model; what is left out is that of the small reference checkpoint. */
export interface RandomText {
  readonly hiddenSize?: number;
  readonly layers?: number;
  readonly heads?: number;
  readonly keyValueHeads?: number;
  readonly intermediateSize?: number;
  /** Rows of the embedding; may exceed the tokenizer's ids (2,014), not fall below them. */
  readonly vocabularySize?: number;
  readonly tiedEmbeddings?: boolean;
}

/** Sizes of the vision tower; what is left out is that of the small reference checkpoint. */
export interface RandomVision {
  readonly depth?: number;
  readonly hiddenSize?: number;
  readonly heads?: number;
  readonly intermediateSize?: number;
  readonly fullAttentionBlocks?: readonly number[];
}

/** What to write. */
export interface RandomCheckpointOptions {
  readonly text?: RandomText;
  readonly vision?: RandomVision;
  readonly type?: 'BF16' | 'F32';
  /** Files that the tensors are spread over, at least 1. */
  readonly shards?: number;
  readonly seed?: number;
}

/** The language model of Qwen2-0.5B: 494 million parameters with its tied embedding, 988 MB in bfloat16. */
export const HALF_BILLION: RandomText = {
  hiddenSize: 896,
  layers: 24,
  heads: 14,
  keyValueHeads: 2,
  intermediateSize: 4864,
  vocabularySize: 151_936,
  tiedEmbeddings: true,
};

/**
 * Writes a checkpoint of the true architecture with random weights, in the released layout, with the tokenizer, chat
 * template and processor of the small reference checkpoint. The same options give the same bytes. A matrix spreads by
 * 1 / sqrt(inputs) and norms lie around 1, so that numbers keep their size through the layers; logits spread by about 3.
 * @param folder made when it is not there
 * @returns parameters and bytes of all weights
 */
export async function writeRandomCheckpoint(
  folder: string,
  options: RandomCheckpointOptions = {},
): Promise<{ readonly parameters: number; readonly bytes: number }> {
  const { type = 'BF16', shards = 1, seed = 1 } = options;
  await mkdir(folder, { recursive: true });
  const small = qwenPath('checkpoint');
  const files = ['chat_template.json', 'generation_config.json', 'preprocessor_config.json'];
  for (const name of [...files, 'tokenizer.json', 'tokenizer_config.json'])
    await copyFile(path.join(small, name), path.join(folder, name));
  await writeFile(path.join(folder, 'config.json'), `${JSON.stringify(configOf(options, type), null, 2)}\n`);
  const config = await readModelConfig(folder);
  const tensors = [...neededTensors(config)].map(([name, shape]) => ({ name, shape, count: countOf(shape) }));
  const noise = new Noise(seed, type);
  const parameters = tensors.reduce((sum, { count }) => sum + count, 0);
  const perShard = Math.ceil(parameters / shards);
  const groups: Tensor[][] = [];
  let before = 0;
  for (const tensor of tensors) {
    const at = Math.min(shards - 1, Math.floor(before / perShard));
    (groups[at] ??= []).push(tensor);
    before += tensor.count;
  }
  const filled = groups.filter((group) => group.length > 0);
  const map: Record<string, string> = {};
  for (const [index, group] of filled.entries()) {
    const file = filled.length === 1 ? 'model.safetensors' : shardName(index + 1, filled.length);
    for (const { name } of group) map[name] = file;
    await writeShard(path.join(folder, file), group, type, noise);
  }
  const bytes = parameters * noise.width;
  if (filled.length > 1) {
    const index = { metadata: { total_size: bytes }, weight_map: map };
    await writeFile(path.join(folder, 'model.safetensors.index.json'), JSON.stringify(index));
  }
  return { parameters, bytes };
}

interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

function shardName(number: number, of: number): string {
  return `model-${String(number).padStart(5, '0')}-of-${String(of).padStart(5, '0')}.safetensors`;
}

function configOf(
  { text = {}, vision = {} }: RandomCheckpointOptions,
  type: string,
): Record<string, unknown> {
  const base = JSON.parse(readFileSync(qwenPath('checkpoint/config.json'), 'utf8')) as {
    readonly hidden_size: number;
    readonly num_attention_heads: number;
    readonly vision_config: Record<string, unknown>;
  };
  const hiddenSize = text.hiddenSize ?? base.hidden_size;
  const heads = text.heads ?? base.num_attention_heads;
  const half = hiddenSize / heads / 2;
  // A quarter of the frequencies turns by time, the rest by height and width alike, as in the released models.
  const side = Math.floor((half * 3) / 8);
  return {
    ...base,
    ...given({
      hidden_size: hiddenSize,
      num_hidden_layers: text.layers,
      num_attention_heads: heads,
      num_key_value_heads: text.keyValueHeads,
      intermediate_size: text.intermediateSize,
      vocab_size: text.vocabularySize,
      tie_word_embeddings: text.tiedEmbeddings,
    }),
    rope_scaling: { type: 'mrope', mrope_section: [half - 2 * side, side, side] },
    torch_dtype: type === 'BF16' ? 'bfloat16' : 'float32',
    vision_config: {
      ...base.vision_config,
      ...given({
        out_hidden_size: hiddenSize,
        depth: vision.depth,
        hidden_size: vision.hiddenSize,
        num_heads: vision.heads,
        intermediate_size: vision.intermediateSize,
        fullatt_block_indexes: vision.fullAttentionBlocks,
      }),
    },
  };
}

function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** A safetensors file: length of the header, header, tensors one after the other. */
async function writeShard(
  file: string,
  tensors: readonly Tensor[],
  type: string,
  noise: Noise,
): Promise<void> {
  let end = 0;
  const entries = tensors.map(({ name, shape, count }) => {
    const start = end;
    end += count * noise.width;
    return [name, { dtype: type, shape, data_offsets: [start, end] }] as const;
  });
  const text = JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) });
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(header.length), true);
  const handle = await open(file, 'w');
  try {
    await handle.writeFile(length);
    await handle.writeFile(header);
    for (const tensor of tensors) await noise.write(handle, tensor);
  } finally {
    await handle.close();
  }
}

/** A prime, so that no row width divides it: equal rows would come only after as many rows. */
const BLOCK = 1_048_573;

/**
 * One block of numbers of a standard normal distribution, scaled for each tensor and repeated from a place of its own:
 * drawing each weight anew would take minutes for a gigabyte.
 */
class Noise {
  readonly width: number;
  private readonly normal = new Float32Array(BLOCK);
  private readonly scaled = new Map<string, Uint8Array>();
  private place = 0;

  constructor(
    seed: number,
    private readonly type: 'BF16' | 'F32',
  ) {
    this.width = type === 'BF16' ? 2 : 4;
    const uniform = mulberry32(seed);
    for (let at = 0; at < BLOCK; at++) {
      // Box and Muller's transform; 1 - u is never 0.
      this.normal[at] = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    }
  }

  async write(handle: FileHandle, { name, shape, count }: Tensor): Promise<void> {
    const block = this.blockOf(...spreadOf(name, shape));
    // A step of its own per tensor, so that two of one shape differ.
    this.place = (this.place + 404_713) % BLOCK;
    let from = this.place;
    for (let left = count; left > 0;) {
      const taken = Math.min(left, BLOCK - from);
      await handle.writeFile(block.subarray(from * this.width, (from + taken) * this.width));
      left -= taken;
      from = 0;
    }
  }

  private blockOf(mean: number, deviation: number): Uint8Array {
    const key = `${mean} ${deviation}`;
    const kept = this.scaled.get(key);
    if (kept) return kept;
    const floats = this.normal.map((value) => mean + deviation * value);
    const block =
      this.type === 'F32' ? new Uint8Array(floats.buffer) : new Uint8Array(upperHalves(floats).buffer);
    this.scaled.set(key, block);
    return block;
  }
}

/** Mean and standard deviation of a tensor's numbers. */
function spreadOf(name: string, shape: readonly number[]): [mean: number, deviation: number] {
  if (name.endsWith('.bias')) return [0, 0.1];
  const inputs = countOf(shape.slice(1));
  if (shape.length === 1) return [1, 0.1];
  if (name === EMBEDDING || name === LM_HEAD) return [0, 3 / Math.sqrt(inputs)];
  return [0, 1 / Math.sqrt(inputs)];
}

/** bfloat16 is the upper half of a float32; what is cut off need not be rounded where numbers are random anyway. */
function upperHalves(floats: Float32Array): Uint16Array {
  const halves = new Uint16Array(floats.buffer, floats.byteOffset, floats.length * 2);
  return Uint16Array.from({ length: floats.length }, (_, at) => halves[at * 2 + 1] ?? 0);
}

/** Tommy Ettinger's public domain generator: 32 bits of state, enough for weights that mean nothing. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
