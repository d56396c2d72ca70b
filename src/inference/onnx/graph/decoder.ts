import type { TextConfig } from '../checkpoint/modelConfig';
import { ElementType } from '../runtime/elementType';
import { GraphBuilder, type Value } from './builder';
import type { GraphWeights } from './weights';

/** Names of the decoder's inputs and outputs. Sides: S new tokens, C the cache's capacity, P positions asked for. */
export const DECODER = {
  /** float32 [S, hidden]: rows of the embedding, visual tokens in their places. */
  embeddings: 'embeddings',
  /** float32 [S, headDim / 2] each: see `ropeRows`. */
  cos: 'cos',
  sin: 'sin',
  /** int32 [1]: the length of the sequence with the new tokens, less one. */
  lastIndex: 'last_index',
  /** int32 []: the length of the sequence with the new tokens. */
  totalLength: 'total_length',
  /** int64 [P]: which of the new tokens want logits. */
  wanted: 'wanted',
  /** float32 [P, vocabulary]. */
  logits: 'logits',
  /** float32 [1, kvHeads, C, headDim]: read, and written in place when the same tensor is bound to both. */
  pastKey: (layer: number) => `past_key.${String(layer)}`,
  pastValue: (layer: number) => `past_value.${String(layer)}`,
  presentKey: (layer: number) => `present_key.${String(layer)}`,
  presentValue: (layer: number) => `present_value.${String(layer)}`,
  /** float32 [S, hidden], with `probe`: what enters layer `index`; the last one is what left the final norm. */
  hidden: (index: number) => `hidden.${String(index)}`,
} as const;

interface Context {
  readonly graph: GraphBuilder;
  readonly text: TextConfig;
  readonly weights: GraphWeights;
  readonly inputs: Readonly<Record<'cos' | 'sin' | 'lastIndex' | 'totalLength', Value>>;
  /** Offset 0: RotaryEmbedding counts rows of cos and sin from there. */
  readonly firstRow: Value;
}

/**
 * The language model as an ONNX graph: Qwen2.5's decoder (transformers, modeling_qwen2_5_vl.py) with keys rotated by
 * the rows that are fed, so that m-rope needs nothing special, and a cache of fixed capacity written in place.
 * @param head the module that makes logits: `lm_head`, or `model.embed_tokens` when it is tied
 */
export function buildDecoder(
  text: TextConfig,
  weights: GraphWeights,
  head: string,
  options: { readonly probe?: boolean } = {},
): Uint8Array {
  const graph = new GraphBuilder();
  const { hiddenSize, headDim, vocabularySize } = text;
  let residual = graph.input(DECODER.embeddings, ElementType.float32, ['S', hiddenSize]);
  const context: Context = {
    graph,
    text,
    weights,
    inputs: {
      cos: graph.input(DECODER.cos, ElementType.float32, ['S', headDim / 2]),
      sin: graph.input(DECODER.sin, ElementType.float32, ['S', headDim / 2]),
      lastIndex: graph.input(DECODER.lastIndex, ElementType.int32, [1]),
      totalLength: graph.input(DECODER.totalLength, ElementType.int32, []),
    },
    firstRow: graph.integers(0),
  };
  const wanted = graph.input(DECODER.wanted, ElementType.int64, ['P']);
  const probe = (index: number, value: Value): void => {
    if (options.probe) graph.output(DECODER.hidden(index), ElementType.float32, ['S', hiddenSize], value);
  };
  let normed = rmsNorm(context, residual, 'model.layers.0.input_layernorm.weight');
  for (let layer = 0; layer < text.layers; layer++) {
    probe(layer, residual);
    const attended = attention(context, normed, layer);
    const middle = addAndNorm(
      context,
      attended,
      residual,
      `model.layers.${String(layer)}.post_attention_layernorm.weight`,
    );
    const fed = feedForward(context, middle.normed, layer);
    const next =
      layer + 1 < text.layers
        ? `model.layers.${String(layer + 1)}.input_layernorm.weight`
        : 'model.norm.weight';
    ({ normed, residual } = addAndNorm(context, fed, middle.residual, next));
  }
  probe(text.layers, normed);
  // Logits of the positions that are wanted only: those of a whole prefill would take gigabytes.
  const rows = graph.op('Gather', [normed, wanted], { axis: 0 });
  const logits = weights.linear(graph, rows, head, hiddenSize, vocabularySize);
  graph.output(DECODER.logits, ElementType.float32, ['P', vocabularySize], logits);
  return graph.finish();
}

function rmsNorm({ graph, text, weights }: Context, x: Value, name: string): Value {
  return graph.op('SimplifiedLayerNormalization', [x, weights.vector(graph, name, text.hiddenSize)], {
    axis: -1,
    epsilon: { float: text.rmsNormEpsilon },
    stash_type: 1,
  });
}

/** The sum goes on as the residual, its norm into the next block: one kernel for both. */
function addAndNorm(
  { graph, text, weights }: Context,
  x: Value,
  residual: Value,
  name: string,
): { normed: Value; residual: Value } {
  const outputs = [graph.name('normed'), undefined, undefined, graph.name('residual')];
  const made = graph.contrib(
    'SkipSimplifiedLayerNormalization',
    [x, residual, weights.vector(graph, name, text.hiddenSize)],
    { epsilon: { float: text.rmsNormEpsilon } },
    outputs,
  );
  return { normed: made[0] as Value, residual: made[3] as Value };
}

function attention({ graph, text, weights, inputs, firstRow }: Context, x: Value, layer: number): Value {
  const { hiddenSize, heads, keyValueHeads, headDim } = text;
  const module = `model.layers.${String(layer)}.self_attn`;
  const project = (name: string, count: number): Value =>
    graph.op('Unsqueeze', [
      weights.linear(graph, x, `${module}.${name}`, hiddenSize, count * headDim),
      graph.integers(0),
    ]);
  const rotate = (value: Value, count: number): Value =>
    graph.contrib('RotaryEmbedding', [value, firstRow, inputs.cos, inputs.sin], {
      num_heads: count,
      rotary_embedding_dim: headDim,
    })[0] as Value;
  const cache = [1, keyValueHeads, 'C', headDim] as const;
  const past = [DECODER.pastKey(layer), DECODER.pastValue(layer)].map((name) =>
    graph.input(name, ElementType.float32, cache),
  );
  const present = [DECODER.presentKey(layer), DECODER.presentValue(layer)];
  const [attended, ...kept] = graph.contrib(
    'GroupQueryAttention',
    [
      rotate(project('q_proj', heads), heads),
      rotate(project('k_proj', keyValueHeads), keyValueHeads),
      project('v_proj', keyValueHeads),
      ...past,
      inputs.lastIndex,
      inputs.totalLength,
    ],
    { num_heads: heads, kv_num_heads: keyValueHeads, scale: { float: 1 / Math.sqrt(headDim) }, do_rotary: 0 },
    [graph.name('attended'), ...present],
  );
  kept.forEach((value, index) => graph.output(present[index] ?? value, ElementType.float32, cache, value));
  const flat = graph.op('Squeeze', [attended, graph.integers(0)]);
  return weights.linear(graph, flat, `${module}.o_proj`, heads * headDim, hiddenSize);
}

/** SwiGLU. */
function feedForward({ graph, text, weights }: Context, x: Value, layer: number): Value {
  const { hiddenSize, intermediateSize } = text;
  return swiGlu(graph, weights, x, `model.layers.${String(layer)}.mlp`, hiddenSize, intermediateSize);
}

/** down(silu(gate(x)) * up(x)), as both the decoder and the vision tower have it. */
export function swiGlu(
  graph: GraphBuilder,
  weights: GraphWeights,
  x: Value,
  module: string,
  outer: number,
  inner: number,
): Value {
  const gate = weights.linear(graph, x, `${module}.gate_proj`, outer, inner);
  const up = weights.linear(graph, x, `${module}.up_proj`, outer, inner);
  const silu = graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]);
  return weights.linear(graph, graph.op('Mul', [silu, up]), `${module}.down_proj`, inner, outer);
}
