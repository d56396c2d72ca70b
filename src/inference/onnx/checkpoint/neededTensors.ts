import type { ModelConfig, TextConfig, VisionConfig } from './modelConfig';

/** Name of the output layer's weights, which a tied checkpoint lacks. */
export const LM_HEAD = 'lm_head.weight';
/** Name of the token embedding, a row per token id. */
export const EMBEDDING = 'model.embed_tokens.weight';

/** A tensor's name in the released key generation, and its shape. */
export type TensorShapes = ReadonlyMap<string, readonly number[]>;

/**
 * Every tensor of the architecture by its released name, with the shape that the configuration implies, in the order in
 * which a forward pass uses them. A weight of a linear layer is [outputs, inputs]. `lm_head.weight` is absent when
 * `config.text.tiedEmbeddings`. Source: the modules of transformers' `modeling_qwen2_5_vl.py`.
 */
export function neededTensors(config: Pick<ModelConfig, 'text' | 'vision'>): TensorShapes {
  const { text, vision } = config;
  return new Map([...visionTensors(vision), ...textTensors(text)]);
}

type Entry = readonly [name: string, shape: readonly number[]];

function linear(name: string, outputs: number, inputs: number, bias: boolean): Entry[] {
  const weight: Entry = [`${name}.weight`, [outputs, inputs]];
  return bias ? [weight, [`${name}.bias`, [outputs]]] : [weight];
}

function gatedMlp(name: string, width: number, inner: number, bias: boolean): Entry[] {
  return [
    ...linear(`${name}.gate_proj`, inner, width, bias),
    ...linear(`${name}.up_proj`, inner, width, bias),
    ...linear(`${name}.down_proj`, width, inner, bias),
  ];
}

function visionTensors(vision: VisionConfig): Entry[] {
  const { hiddenSize: width, patchSize, temporalPatchSize, channels } = vision;
  const merged = width * vision.mergeSize ** 2;
  const blocks = Array.from({ length: vision.depth }, (_, index): Entry[] => {
    const block = `visual.blocks.${index}`;
    return [
      [`${block}.norm1.weight`, [width]],
      ...linear(`${block}.attn.qkv`, 3 * width, width, true),
      ...linear(`${block}.attn.proj`, width, width, true),
      [`${block}.norm2.weight`, [width]],
      ...gatedMlp(`${block}.mlp`, width, vision.intermediateSize, true),
    ];
  });
  return [
    ['visual.patch_embed.proj.weight', [width, channels, temporalPatchSize, patchSize, patchSize]],
    ...blocks.flat(),
    ['visual.merger.ln_q.weight', [width]],
    ...linear('visual.merger.mlp.0', merged, merged, true),
    ...linear('visual.merger.mlp.2', vision.outHiddenSize, merged, true),
  ];
}

function textTensors(text: TextConfig): Entry[] {
  const width = text.hiddenSize;
  const keyValueWidth = text.keyValueHeads * text.headDim;
  const layers = Array.from({ length: text.layers }, (_, index): Entry[] => {
    const layer = `model.layers.${index}`;
    return [
      [`${layer}.input_layernorm.weight`, [width]],
      ...linear(`${layer}.self_attn.q_proj`, width, width, true),
      ...linear(`${layer}.self_attn.k_proj`, keyValueWidth, width, true),
      ...linear(`${layer}.self_attn.v_proj`, keyValueWidth, width, true),
      ...linear(`${layer}.self_attn.o_proj`, width, width, false),
      [`${layer}.post_attention_layernorm.weight`, [width]],
      ...gatedMlp(`${layer}.mlp`, width, text.intermediateSize, false),
    ];
  });
  const table = [text.vocabularySize, width];
  return [
    [EMBEDDING, table],
    ...layers.flat(),
    ['model.norm.weight', [width]],
    ...(text.tiedEmbeddings ? [] : [[LM_HEAD, table] as const]),
  ];
}
