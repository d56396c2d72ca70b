import assert from 'node:assert/strict';
import { Fields } from '../../../../../src/inference/onnx/checkpoint/fields';
import { neededTensors } from '../../../../../src/inference/onnx/checkpoint/neededTensors';
import { readTextConfig } from '../../../../../src/inference/onnx/checkpoint/readTextConfig';
import { readVisionConfig } from '../../../../../src/inference/onnx/checkpoint/readVisionConfig';

const VISION = {
  depth: 32,
  hidden_act: 'silu',
  hidden_size: 1280,
  intermediate_size: 3420,
  num_heads: 16,
  in_chans: 3,
};

/** The released models: their sizes, and the parameters that their safetensors indexes add up to. */
const RELEASED = [
  {
    model: '3B',
    config: { hidden_size: 2048, intermediate_size: 11008, num_hidden_layers: 36, vocab_size: 151936 },
    heads: { num_attention_heads: 16, num_key_value_heads: 2, tie_word_embeddings: true },
    tensors: 824,
    parameters: 3_754_622_976,
  },
  {
    model: '7B',
    config: { hidden_size: 3584, intermediate_size: 18944, num_hidden_layers: 28, vocab_size: 152064 },
    heads: { num_attention_heads: 28, num_key_value_heads: 4, tie_word_embeddings: false },
    tensors: 729,
    parameters: 8_292_166_656,
  },
];

describe('neededTensors', () => {
  for (const { model, config, heads, tensors, parameters } of RELEASED) {
    it(`adds up to the released ${model} model`, () => {
      const vision_config = { ...VISION, out_hidden_size: config.hidden_size };
      const fields = new Fields({ ...config, ...heads, vision_config }, 'config.json');
      const text = readTextConfig(fields, fields);
      const needed = neededTensors({ text, vision: readVisionConfig(fields, text) });
      assert.equal(needed.size, tensors);
      let sum = 0;
      for (const shape of needed.values()) sum += shape.reduce((product, side) => product * side, 1);
      assert.equal(sum, parameters);
    });
  }
});
