import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Checkpoint } from '../../src/inference/onnx/checkpoint/checkpoint';
import { EMBEDDING } from '../../src/inference/onnx/checkpoint/neededTensors';
import { GraphBuilder, type Value } from '../../src/inference/onnx/graph/builder';
import { ElementType } from '../../src/inference/onnx/runtime/elementType';
import type { PeerWeights } from './peerWeights';

/*
 * The language model of a checkpoint in the form that is published for transformers.js: `onnx/model.onnx` with its
 * weights beside it, `input_ids` in, `logits` and the grown cache out. The graph is the one that onnxruntime-genai's
 * builder makes for the CPU and the newer onnx-community models have: one matrix for queries, keys and values,
 * GroupQueryAttention that rotates them itself, logits of the last position.
 */

const MAX_POSITIONS = 8192;

/** Writes the model. @param file `model` or `model_q4` */
export async function writePeer(
  folder: string,
  file: string,
  checkpoint: Checkpoint,
  weights: PeerWeights,
): Promise<void> {
  const graph = new GraphBuilder();
  const { text } = checkpoint.config;
  const cache = (past: string) => ['batch_size', text.keyValueHeads, past, text.headDim] as const;
  const ids = graph.input('input_ids', ElementType.int64, ['batch_size', 'sequence_length']);
  const mask = graph.input('attention_mask', ElementType.int64, ['batch_size', 'total_sequence_length']);
  const one = graph.tensor('one', BigInt64Array.of(1n), []);
  const lengths = graph.op('Sub', [graph.op('ReduceSum', [mask, graph.integers(1)], { keepdims: 0 }), one]);
  const total = graph.op('Gather', [graph.op('Shape', [mask]), one]);
  const lastIndex = graph.op('Cast', [lengths], { to: ElementType.int32 });
  const totalLength = graph.op('Cast', [total], { to: ElementType.int32 });
  const [cos, sin] = rotaryTables(graph, text.headDim, text.ropeTheta);
  const norm = { epsilon: { float: text.rmsNormEpsilon } };
  let residual = graph.op('Gather', [await weights.embedding(graph), ids]);
  let normed = graph.op(
    'SimplifiedLayerNormalization',
    [residual, await weights.vector(graph, 'model.layers.0.input_layernorm.weight')],
    { axis: -1, stash_type: 1, ...norm },
  );
  const addAndNorm = async (x: Value, name: string): Promise<void> => {
    const outputs = [graph.name('normed'), undefined, undefined, graph.name('residual')];
    const made = graph.contrib(
      'SkipSimplifiedLayerNormalization',
      [x, residual, await weights.vector(graph, name)],
      norm,
      outputs,
    );
    [normed, residual] = [made[0] as Value, made[3] as Value];
  };
  for (let layer = 0; layer < text.layers; layer++) {
    const module = `model.layers.${String(layer)}`;
    const past = ['key', 'value'].map((kind) =>
      graph.input(
        `past_key_values.${String(layer)}.${kind}`,
        ElementType.float32,
        cache('past_sequence_length'),
      ),
    );
    const present = ['key', 'value'].map((kind) => `present.${String(layer)}.${kind}`);
    const projections = ['q_proj', 'k_proj', 'v_proj'].map((name) => `${module}.self_attn.${name}`);
    const packed = await weights.linear(graph, normed, projections);
    const [attended, ...kept] = graph.contrib(
      'GroupQueryAttention',
      [packed, undefined, undefined, ...past, lastIndex, totalLength, cos, sin],
      {
        num_heads: text.heads,
        kv_num_heads: text.keyValueHeads,
        scale: { float: 1 / Math.sqrt(text.headDim) },
        do_rotary: 1,
      },
      [graph.name('attended'), ...present],
    );
    kept.forEach((value, at) =>
      graph.output(present[at] ?? '', ElementType.float32, cache('total_sequence_length'), value),
    );
    await addAndNorm(
      await weights.linear(graph, attended as Value, [`${module}.self_attn.o_proj`]),
      `${module}.post_attention_layernorm.weight`,
    );
    const gate = await weights.linear(graph, normed, [`${module}.mlp.gate_proj`]);
    const up = await weights.linear(graph, normed, [`${module}.mlp.up_proj`]);
    const silu = graph.op('Mul', [gate, graph.op('Sigmoid', [gate])]);
    const down = await weights.linear(graph, graph.op('Mul', [silu, up]), [`${module}.mlp.down_proj`]);
    const next = `model.layers.${String(layer + 1)}.input_layernorm.weight`;
    await addAndNorm(down, layer + 1 < text.layers ? next : 'model.norm.weight');
  }
  const last = graph.op('Gather', [normed, graph.integers(-1)], { axis: 1 });
  const logits = await weights.linear(graph, last, [EMBEDDING.replace('.weight', '')]);
  graph.output('logits', ElementType.float32, ['batch_size', 1, text.vocabularySize], logits);
  weights.close();
  mkdirSync(path.join(folder, 'onnx'), { recursive: true });
  writeFileSync(path.join(folder, 'onnx', `${file}.onnx`), graph.finish());
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(peerConfig(checkpoint)));
}

function rotaryTables(graph: GraphBuilder, headDim: number, theta: number): [cos: Value, sin: Value] {
  const half = headDim / 2;
  const cos = new Float32Array(MAX_POSITIONS * half);
  const sin = new Float32Array(MAX_POSITIONS * half);
  for (let at = 0; at < cos.length; at++) {
    const angle = Math.fround(Math.floor(at / half) * Math.fround(theta ** (-(at % half) / half)));
    cos[at] = Math.cos(angle);
    sin[at] = Math.sin(angle);
  }
  const shape = [MAX_POSITIONS, half];
  return [graph.tensor('cos_cache', cos, shape), graph.tensor('sin_cache', sin, shape)];
}

function peerConfig({ config: { text } }: Checkpoint): Record<string, unknown> {
  return {
    architectures: ['Qwen2ForCausalLM'],
    model_type: 'qwen2',
    hidden_size: text.hiddenSize,
    intermediate_size: text.intermediateSize,
    num_attention_heads: text.heads,
    num_hidden_layers: text.layers,
    num_key_value_heads: text.keyValueHeads,
    vocab_size: text.vocabularySize,
    'transformers.js_config': { use_external_data_format: true },
  };
}
