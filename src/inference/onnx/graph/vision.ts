import type { VisionConfig } from '../checkpoint/modelConfig';
import { ElementType } from '../runtime/elementType';
import { GraphBuilder, type Value } from './builder';
import { swiGlu } from './decoder';
import type { GraphWeights } from './weights';

/** Names of the vision tower's inputs and outputs. Sides: N patches, W windows of L patches each. */
export const VISION = {
  /** float32 [N, channels * temporal * patch * patch], in window order. */
  patches: 'patches',
  /** float32 [N, headDim / 2] each, in window order. */
  cos: 'cos',
  sin: 'sin',
  /** int64 [W * L]: the patch in each place of each window; places beyond a ragged window's end name patch 0. */
  intoWindows: 'into_windows',
  /** int64 [N]: the place of each patch in `intoWindows`. */
  outOfWindows: 'out_of_windows',
  /** float32 [W, 1, L, L]: 0, or a large negative number for places beyond a window's end. */
  windowBias: 'window_bias',
  /** float32 [N / merge², outHidden], in window order. */
  features: 'features',
  /** float32 [N, hidden], with `probe`: what enters block `index`; the last one is what left the last block. */
  hidden: (index: number) => `hidden.${String(index)}`,
} as const;

/** transformers uses this whatever the config says (Qwen2RMSNorm in modeling_qwen2_5_vl.py). */
const EPSILON = 1e-6;

interface Context {
  readonly graph: GraphBuilder;
  readonly vision: VisionConfig;
  readonly weights: GraphWeights;
  readonly inputs: Readonly<Record<'cos' | 'sin' | 'intoWindows' | 'outOfWindows' | 'windowBias', Value>>;
  readonly firstRow: Value;
}

/** Patches in a full attention window. */
export function windowLength(vision: VisionConfig): number {
  const side = Math.floor(vision.windowSize / vision.patchSize / vision.mergeSize) * vision.mergeSize;
  return side * side;
}

/**
 * The vision tower as an ONNX graph (transformers, modeling_qwen2_5_vl.py): windows are a batch, so attention never
 * builds the square of all patches; the full-attention blocks take one image at a time.
 */
export function buildVision(
  vision: VisionConfig,
  weights: GraphWeights,
  options: { readonly probe?: boolean } = {},
): Uint8Array {
  const graph = new GraphBuilder();
  const { hiddenSize, heads, outHiddenSize, mergeSize } = vision;
  const length = windowLength(vision);
  const patchValues = vision.channels * vision.temporalPatchSize * vision.patchSize ** 2;
  const half = hiddenSize / heads / 2;
  const patches = graph.input(VISION.patches, ElementType.float32, ['N', patchValues]);
  const context: Context = {
    graph,
    vision,
    weights,
    inputs: {
      cos: graph.input(VISION.cos, ElementType.float32, ['N', half]),
      sin: graph.input(VISION.sin, ElementType.float32, ['N', half]),
      intoWindows: graph.input(VISION.intoWindows, ElementType.int64, ['WL']),
      outOfWindows: graph.input(VISION.outOfWindows, ElementType.int64, ['N']),
      windowBias: graph.input(VISION.windowBias, ElementType.float32, ['W', 1, length, length]),
    },
    firstRow: graph.integers(0),
  };
  const probe = (index: number, value: Value): void => {
    if (options.probe) graph.output(VISION.hidden(index), ElementType.float32, ['N', hiddenSize], value);
  };
  let hidden = weights.linear(graph, patches, 'visual.patch_embed.proj', patchValues, hiddenSize);
  for (let block = 0; block < vision.depth; block++) {
    probe(block, hidden);
    hidden = visionBlock(context, hidden, block);
  }
  probe(vision.depth, hidden);
  const merged = hiddenSize * mergeSize ** 2;
  const rows = graph.op('Reshape', [
    norm(context, hidden, 'visual.merger.ln_q.weight'),
    graph.integers(-1, merged),
  ]);
  const inner = weights.linear(graph, rows, 'visual.merger.mlp.0', merged, merged);
  const [active] = graph.contrib('Gelu', [inner]);
  const features = weights.linear(graph, active as Value, 'visual.merger.mlp.2', merged, outHiddenSize);
  graph.output(VISION.features, ElementType.float32, ['M', outHiddenSize], features);
  return graph.finish();
}

function norm({ graph, vision, weights }: Context, x: Value, name: string): Value {
  return graph.op('SimplifiedLayerNormalization', [x, weights.vector(graph, name, vision.hiddenSize)], {
    axis: -1,
    epsilon: { float: EPSILON },
    stash_type: 1,
  });
}

function visionBlock(context: Context, x: Value, block: number): Value {
  const { graph, vision, weights } = context;
  const module = `visual.blocks.${String(block)}`;
  const attended = visionAttention(context, norm(context, x, `${module}.norm1.weight`), block);
  const middle = graph.op('Add', [x, attended]);
  const normed = norm(context, middle, `${module}.norm2.weight`);
  return graph.op('Add', [
    middle,
    swiGlu(graph, weights, normed, `${module}.mlp`, vision.hiddenSize, vision.intermediateSize),
  ]);
}

function visionAttention(context: Context, x: Value, block: number): Value {
  const { graph, vision, weights, inputs, firstRow } = context;
  const { hiddenSize, heads } = vision;
  const module = `visual.blocks.${String(block)}.attn`;
  const all = weights.linear(graph, x, `${module}.qkv`, hiddenSize, 3 * hiddenSize);
  const parts = graph.ops('Split', [all, graph.integers(hiddenSize, hiddenSize, hiddenSize)], 3, { axis: 1 });
  const rotate = (value: Value): Value =>
    graph.contrib('RotaryEmbedding', [value, firstRow, inputs.cos, inputs.sin], {
      num_heads: heads,
      rotary_embedding_dim: hiddenSize / heads,
    })[0] as Value;
  const [query, key, value] = parts.map((part) => graph.op('Unsqueeze', [part, graph.integers(0)]));
  if (query === undefined || key === undefined || value === undefined) throw new Error('unreachable');
  const rotated = [rotate(query), rotate(key), value];
  const attributes = { num_heads: heads, scale: { float: 1 / Math.sqrt(hiddenSize / heads) } };
  const windowed = !vision.fullAttentionBlocks.includes(block);
  const operands = windowed ? rotated.map((part) => intoWindows(context, part)) : rotated;
  const bias = windowed ? [undefined, undefined, inputs.windowBias] : [];
  const [attended] = graph.contrib('MultiHeadAttention', [...operands, ...bias], attributes);
  const flat = graph.op('Reshape', [attended, graph.integers(-1, hiddenSize)]);
  const ordered = windowed ? graph.op('Gather', [flat, inputs.outOfWindows], { axis: 0 }) : flat;
  return weights.linear(graph, ordered, `${module}.proj`, hiddenSize, hiddenSize);
}

/** [1, N, hidden] to [W, L, hidden]. */
function intoWindows({ graph, vision, inputs }: Context, x: Value): Value {
  const gathered = graph.op('Gather', [x, inputs.intoWindows], { axis: 1 });
  return graph.op('Reshape', [gathered, graph.integers(-1, windowLength(vision), vision.hiddenSize)]);
}
