import assert from 'node:assert/strict';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { ImcotError } from '../../../../../src/common/errors';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import type { Json, TinyTensor } from './support/tinyCheckpoint';
import {
  editJson,
  safetensors,
  tinyConfig,
  tinyTensors,
  useFolder,
  withHeader,
  writeCheckpoint,
  writeFolder,
  writeSharded,
} from './support/tinyCheckpoint';

describe('a folder that is no whole checkpoint is refused', () => {
  const inFolder = useFolder();

  async function refused(code: string, message: RegExp, folder = inFolder('m')): Promise<void> {
    await assert.rejects(openCheckpoint(folder), (thrown) => {
      assert.ok(thrown instanceof ImcotError, String(thrown));
      assert.match(thrown.message, message);
      assert.equal(thrown.code, code);
      return true;
    });
  }

  it('when it is not there, or is a file', async () => {
    await refused('missing', /no folder/);
    writeFileSync(inFolder('file.gguf'), '');
    await refused('usage', /is a file/, inFolder('file.gguf'));
  });

  const missing: [string, RegExp][] = [
    ['config.json', /no config\.json/],
    ['tokenizer.json', /no tokenizer\.json/],
    ['preprocessor_config.json', /no preprocessor_config\.json/],
    ['model.safetensors', /holds no weights/],
  ];
  for (const [name, message] of missing) {
    it(`when ${name} is missing`, async () => {
      writeCheckpoint(inFolder('m'));
      rmSync(inFolder('m', name));
      await refused('missing', message);
    });
  }

  const others: [string, RegExp][] = [
    ['pytorch_model.bin', /PyTorch weights \(pytorch_model\.bin\).*Needed is model\.safetensors/],
    ['qwen-q4_k_m.gguf', /GGUF weights/],
    ['adapter_model.safetensors', /LoRA adapter/],
    ['model_world_size_8_rank_0.pt', /trainer's own shards/],
    ['model-00001-of-00002.safetensors', /but not the index/],
    ['model.safetensors.incomplete', /has not finished/],
  ];
  for (const [name, message] of others) {
    it(`when its weights are ${name}`, async () => {
      writeFolder(inFolder('m'));
      writeFileSync(inFolder('m', name), 'x');
      await refused('missing', message);
    });
  }

  it('when config.json is no JSON, no object, or no file', async () => {
    for (const text of ['{"model_type": ', '[]', '"x"', '', '\0\0']) {
      writeCheckpoint(inFolder('m'));
      writeFileSync(inFolder('m', 'config.json'), text);
      await refused('input', /config\.json (?:is not JSON|does not hold)/);
    }
  });

  it('when config.json is larger than any can be', async () => {
    writeCheckpoint(inFolder('m'));
    truncateSync(inFolder('m', 'config.json'), 5 * 2 ** 20);
    await refused('limit', /config\.json has 5242880 bytes/);
  });
});

describe('a configuration that cannot be run is refused by name', () => {
  const inFolder = useFolder();
  const vision = (fields: Json): Json => ({
    vision_config: { ...(tinyConfig()['vision_config'] as Json), ...fields },
  });
  const cases: [string, Json, RegExp][] = [
    [
      'another architecture',
      { architectures: ['LlamaForCausalLM'], model_type: 'llama' },
      /LlamaForCausalLM.*Qwen2_5_VL/,
    ],
    [
      'the generation before',
      { architectures: ['Qwen2VLForConditionalGeneration'] },
      /Qwen2VLForConditionalGeneration/,
    ],
    ['another model type', { architectures: null, model_type: 'qwen2_vl' }, /qwen2_vl/],
    ['no architecture at all', { architectures: null, model_type: null }, /not named/],
    ['stored quantisation', { quantization_config: { quant_method: 'awq', bits: 4 } }, /quantised \(awq\)/],
    ['quantisation without a name', { quantization_config: {} }, /quantised \(an unnamed/],
    ['a sliding window', { use_sliding_window: true }, /sliding/],
    ['windowed layers', { layer_types: ['full_attention', 'sliding_attention'] }, /sliding/],
    ['another activation', { hidden_act: 'gelu' }, /hidden_act is "gelu"/],
    ['another vision activation', vision({ hidden_act: 'quick_gelu' }), /vision_config\.hidden_act/],
    [
      'stretched positions',
      { rope_scaling: { rope_type: 'yarn', factor: 4 } },
      /rope_scaling\.rope_type is "yarn"/,
    ],
    ['no vision tower', { vision_config: null }, /no vision_config/],
    ['heads that do not share the width', { num_attention_heads: 3 }, /hidden_size 8 .* 3 heads/],
    [
      'heads that do not share keys',
      { num_attention_heads: 4, num_key_value_heads: 3 },
      /4 heads cannot share 3/,
    ],
    ['another head width', { head_dim: 8 }, /head_dim is 8; needed is 4/],
    ['sections of another sum', { rope_scaling: { mrope_section: [1, 1, 1] } }, /mrope_section.*sum 2/],
    ['sections of another count', { rope_scaling: { mrope_section: [1, 1] } }, /mrope_section/],
    ['another width of visual tokens', vision({ out_hidden_size: 16 }), /out_hidden_size is 16; needed is 8/],
    ['vision heads of no quarters', vision({ num_heads: 8 }), /vision width of 16/],
    ['windows of part of a token', vision({ window_size: 6 }), /window_size is 6/],
    ['four channels', vision({ in_channels: 4 }), /in_channels is 4/],
    ['no width', { hidden_size: null }, /does not say hidden_size/],
    ['a width in words', { hidden_size: '8' }, /hidden_size is "8"/],
    ['a broken width', { hidden_size: 8.5 }, /hidden_size is 8\.5; needed is a whole number/],
    ['absurdly many layers', { num_hidden_layers: 1e12 }, /num_hidden_layers is 1000000000000/],
    ['an absurd vocabulary', { vocab_size: 1e9 }, /vocab_size/],
    ['negative layers', { num_hidden_layers: -1 }, /num_hidden_layers is -1/],
    ['an image token outside the vocabulary', { image_token_id: 20 }, /image_token_id is 20/],
    ['an end token outside the vocabulary', { eos_token_id: [3, 20] }, /eos_token_id is \[3,20\]/],
    ['no end token', { eos_token_id: [] }, /eos_token_id is \[\]/],
  ];
  for (const [what, fields, message] of cases) {
    it(what, async () => {
      writeCheckpoint(inFolder('m'), { config: { ...tinyConfig(), ...fields } });
      await assert.rejects(openCheckpoint(inFolder('m')), (thrown) => {
        assert.ok(thrown instanceof ImcotError, String(thrown));
        assert.match(thrown.message, message);
        assert.match(thrown.message, /config\.json/);
        assert.equal(thrown.code, 'input');
        return true;
      });
    });
  }

  it('NaN, which Python writes and JSON lacks', async () => {
    writeCheckpoint(inFolder('m'));
    const text = readFileSync(inFolder('m', 'config.json'), 'utf8');
    writeFileSync(inFolder('m', 'config.json'), text.replace('"rope_theta":10000', '"rope_theta":NaN'));
    await assert.rejects(openCheckpoint(inFolder('m')), { code: 'input', message: /rope_theta is NaN/ });
  });

  const processor: [string, Json, RegExp][] = [
    ['other patches', { patch_size: 14 }, /patch_size is 14; needed is 2/],
    ['another filter', { resample: 2 }, /resample is 2/],
    ['no rescaling', { do_rescale: false }, /do_rescale is false/],
    ['another scale', { rescale_factor: 0.01 }, /rescale_factor/],
    ['limits the wrong way round', { min_pixels: 2000 }, /smallest area, 2000/],
    ['a deviation of zero', { image_std: [1, 0, 1] }, /image_std/],
    ['one channel', { image_mean: [0.5] }, /image_mean/],
  ];
  for (const [what, fields, message] of processor) {
    it(`an image processor with ${what}`, async () => {
      writeCheckpoint(inFolder('m'));
      editJson(inFolder('m'), 'preprocessor_config.json', (value) => Object.assign(value, fields));
      await assert.rejects(openCheckpoint(inFolder('m')), { code: 'input', message });
    });
  }

  for (const fields of [
    { temperature: -1 },
    { top_p: 0 },
    { top_p: 1.5 },
    { top_k: 0.5 },
    { repetition_penalty: 0 },
  ]) {
    it(`sampling with ${JSON.stringify(fields)}`, async () => {
      writeCheckpoint(inFolder('m'));
      writeFileSync(inFolder('m', 'generation_config.json'), JSON.stringify(fields));
      const message = new RegExp(`generation_config\\.json: ${Object.keys(fields)[0]}`);
      await assert.rejects(openCheckpoint(inFolder('m')), { code: 'input', message });
    });
  }
});

describe('weights that do not fit are refused', () => {
  const inFolder = useFolder();

  async function refused(code: string, message: RegExp): Promise<void> {
    await assert.rejects(openCheckpoint(inFolder('m')), { name: 'ImcotError', code, message });
  }

  function changed(name: string, tensor: TinyTensor | undefined): Map<string, TinyTensor> {
    const tensors = tinyTensors();
    if (tensor) tensors.set(name, tensor);
    else tensors.delete(name);
    return tensors;
  }

  it('for every needed tensor that is missing', async () => {
    for (const name of tinyTensors().keys()) {
      if (name === 'lm_head.weight') continue;
      writeCheckpoint(inFolder('m'), { tensors: changed(name, undefined) });
      await refused('missing', new RegExp(`lack ${name.replaceAll('.', '\\.')},`));
    }
  });

  it('for every tensor of another shape', async () => {
    for (const [name, { shape }] of tinyTensors()) {
      writeCheckpoint(inFolder('m'), { tensors: changed(name, { type: 'F32', shape: [...shape, 1] }) });
      await refused(
        'input',
        new RegExp(`${name.replaceAll('.', '\\.')} has the shape \\[${shape.join(', ')}, 1\\]`),
      );
    }
  });

  it('of another type', async () => {
    writeCheckpoint(inFolder('m'), { tensors: changed('model.norm.weight', { type: 'F64', shape: [8] }) });
    await refused('input', /model\.norm\.weight is stored as F64/);
  });

  it('stored twice', async () => {
    writeCheckpoint(inFolder('m'), {
      tensors: changed('model.language_model.norm.weight', { type: 'F32', shape: [8] }),
    });
    await refused('input', /model\.norm\.weight is stored twice/);
  });

  it('with a missing shard', async () => {
    const { shards } = writeSharded(inFolder('m'));
    rmSync(inFolder('m', shards[1]!));
    await refused('missing', /model-00002-of-00002\.safetensors is missing/);
    writeFileSync(inFolder('m', `${shards[1]}.incomplete`), '');
    await refused('missing', /has not finished/);
  });

  it('torn at any place', async () => {
    writeCheckpoint(inFolder('m'));
    const whole = safetensors(tinyTensors());
    for (const length of [whole.length - 1, Math.floor(whole.length / 2), 300, 9, 8, 7, 1, 0]) {
      writeFileSync(inFolder('m', 'model.safetensors'), whole.subarray(0, length));
      await refused('input', new RegExp(`model\\.safetensors is no whole safetensors file.*\\b${length}\\b`));
    }
  });

  it('that are something else, saying what', async () => {
    const things: [string, RegExp][] = [
      ['version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n', /Git LFS/],
      ['GGUF\x03\0\0\0\0\0\0\0', /GGUF/],
      ['PK\x03\x04\0\0\0\0\0\0', /PyTorch or ZIP/],
      ['<!DOCTYPE html><html>', /web page/],
    ];
    for (const [start, message] of things) {
      writeCheckpoint(inFolder('m'));
      writeFileSync(inFolder('m', 'model.safetensors'), start);
      await refused('input', message);
    }
  });

  const maps: [string, unknown, RegExp][] = [
    ['leads out of the folder', '../x.safetensors', /"\.\.\/x\.safetensors"/],
    ['is absolute', '/etc/x.safetensors', /plain name/],
    ["is Windows' own", 'c:x.safetensors', /plain name/],
    ['has a backslash', '..\\x.safetensors', /plain name/],
    ['is no safetensors file', 'x.bin', /plain name/],
    ['is no text', 5, /plain name/],
  ];
  for (const [what, name, message] of maps) {
    it(`by an index whose file name ${what}`, async () => {
      writeSharded(inFolder('m'));
      editJson(inFolder('m'), 'model.safetensors.index.json', (value) => {
        (value['weight_map'] as Json)['lm_head.weight'] = name;
      });
      await refused('input', message);
    });
  }

  it('by an index without a map', async () => {
    writeSharded(inFolder('m'));
    writeFileSync(inFolder('m', 'model.safetensors.index.json'), '{"weight_map": []}');
    await refused('input', /has no weight_map/);
  });

  const entry = (fields: Json): string =>
    JSON.stringify({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } });
  const headers: [string, string, RegExp][] = [
    ['no JSON', '{"a": ', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['an entry that is none', '{"a": 5}', /entry a is not an object/],
    ['no type', entry({ dtype: undefined }), /no dtype/],
    ['no shape', entry({ shape: undefined }), /no shape/],
    ['a negative side', entry({ shape: [-2] }), /no shape/],
    ['no offsets', entry({ data_offsets: null }), /no data_offsets/],
    ['offsets the wrong way round', entry({ data_offsets: [8, 0] }), /no range/],
    ['three offsets', entry({ data_offsets: [0, 8, 8] }), /no range/],
    ['a size that is not the shape', entry({ shape: [3] }), /takes 8 bytes where its shape and type need 12/],
    ['a shape beyond all numbers', entry({ shape: [2 ** 52, 2 ** 52, 2 ** 52] }), /takes 8 bytes/],
    ['a gap before the first', entry({ data_offsets: [4, 12] }), /does not begin/],
    [
      'overlapping tensors',
      JSON.stringify({
        a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
        b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] },
      }),
      /b does not begin/,
    ],
    ['fewer bytes than there are', entry({ shape: [1], data_offsets: [0, 4] }), /4 bytes follow/],
    ['no tensors', '{}', /8 bytes follow/],
    [
      'type and shape only by inheritance',
      '{"a": {"__proto__": {"dtype": "F32", "shape": [2]}}}',
      /no dtype/,
    ],
  ];
  for (const [what, header, message] of headers) {
    it(`by a header with ${what}`, async () => {
      writeCheckpoint(inFolder('m'));
      writeFileSync(inFolder('m', 'model.safetensors'), withHeader(header, new Uint8Array(8)));
      await refused('input', message);
    });
  }

  it('without taking memory for what a header claims', async () => {
    writeCheckpoint(inFolder('m'));
    const file = inFolder('m', 'model.safetensors');
    const start = new Uint8Array(16);
    new DataView(start.buffer).setBigUint64(0, BigInt(2 ** 30), true);
    writeFileSync(file, start);
    truncateSync(file, 2 ** 30 + 100);
    const before = process.memoryUsage().rss;
    await refused('input', /ask for a header of 1073741824 bytes/);
    assert.ok(process.memoryUsage().rss - before < 100e6);
  });
});
