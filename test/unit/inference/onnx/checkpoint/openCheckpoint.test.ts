import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import { neededTensors } from '../../../../../src/inference/onnx/checkpoint/neededTensors';
import { readTensor } from '../../../../../src/inference/onnx/checkpoint/readTensor';
import type { Json, TinyTensor } from './support/tinyCheckpoint';
import {
  editJson,
  GOLDEN,
  safetensors,
  tinyConfig,
  tinyTensors,
  useFolder,
  writeCheckpoint,
  writeFolder,
  writeSharded,
} from './support/tinyCheckpoint';

const VISION = {
  depth: 4,
  hiddenSize: 64,
  intermediateSize: 172,
  heads: 4,
  outHiddenSize: 128,
  patchSize: 14,
  mergeSize: 2,
  temporalPatchSize: 2,
  channels: 3,
  windowSize: 112,
  fullAttentionBlocks: [1, 3],
};
const TEXT = {
  hiddenSize: 128,
  intermediateSize: 256,
  layers: 3,
  heads: 4,
  keyValueHeads: 2,
  headDim: 32,
  vocabularySize: 2048,
  rmsNormEpsilon: 1e-6,
  ropeTheta: 1e6,
  mropeSection: [4, 6, 6],
  maxPositions: 128000,
};
const CLIP = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
};
const TOKENS = {
  image: 2012,
  visionStart: 2009,
  visionEnd: 2010,
  placeholders: [2009, 2010, 2011, 2013, 2012],
  endOfTurn: [2002, 2000],
};

describe('a reference checkpoint', () => {
  it('is read in the released layout', async () => {
    const checkpoint = await openCheckpoint(path.join(GOLDEN, 'checkpoint'));
    assert.equal(checkpoint.name, 'checkpoint');
    assert.deepEqual(checkpoint.config, {
      text: { ...TEXT, tiedEmbeddings: false },
      vision: VISION,
      specialTokens: TOKENS,
      generation: { doSample: true, temperature: 1e-6, repetitionPenalty: 1.05 },
      imageProcessor: { minPixels: 3136, maxPixels: 12845056, ...CLIP },
    });
    // What numpy reads of the same file.
    assert.equal(checkpoint.parameters, 1343136);
    const norm = checkpoint.tensors.get('model.norm.weight');
    assert.deepEqual([norm?.type, norm?.shape, norm?.byteLength], ['F32', [128], 512]);
  });

  it('is read in the newer layout, with newer names, shards, and the limits of processor_config.json', async () => {
    const checkpoint = await openCheckpoint(path.join(GOLDEN, 'checkpoint-bf16-sharded'));
    assert.deepEqual(checkpoint.config, {
      text: { ...TEXT, tiedEmbeddings: true },
      vision: VISION,
      specialTokens: TOKENS,
      generation: { doSample: false, repetitionPenalty: 1.05 },
      imageProcessor: { minPixels: 4704, maxPixels: 15680, ...CLIP },
    });
    assert.equal(checkpoint.parameters, 1080992);
    assert.equal(new Set([...checkpoint.tensors.values()].map(({ file }) => file)).size, 4);
    assert.ok([...checkpoint.tensors.values()].every(({ type }) => type === 'BF16'));
  });

  for (const name of ['checkpoint', 'checkpoint-bf16-sharded']) {
    it(`${name} holds exactly the tensors that the architecture needs`, async () => {
      const { config, tensors } = await openCheckpoint(path.join(GOLDEN, name));
      const needed = neededTensors(config);
      assert.deepEqual([...tensors.keys()].sort(), [...needed.keys()].sort());
      for (const [key, tensor] of tensors) {
        assert.equal(tensor.name, key);
        assert.deepEqual(tensor.shape, needed.get(key));
      }
    });
  }
});

describe('a checkpoint folder', () => {
  const inFolder = useFolder();
  const newer = (name: string): string =>
    name.startsWith('visual.')
      ? `model.${name}`
      : name.startsWith('model.')
        ? name.replace('model.', 'model.language_model.')
        : name;

  it('gives the same numbers whichever generation of names it has', async () => {
    writeCheckpoint(inFolder('released'));
    const bytesOf = await readAll(inFolder('released'));
    const renamed = new Map(
      [...tinyTensors()].map(([name, tensor]) => [newer(name), { ...tensor, bytes: bytesOf(name) }]),
    );
    writeCheckpoint(inFolder('newer'), { tensors: renamed });
    const again = await readAll(inFolder('newer'));
    for (const name of tinyTensors().keys()) assert.deepEqual(again(name), bytesOf(name), name);
  });

  async function readAll(folder: string): Promise<(name: string) => Uint8Array> {
    const { tensors } = await openCheckpoint(folder);
    const all = new Map<string, Uint8Array>();
    for (const [name, tensor] of tensors) all.set(name, new Uint8Array((await readTensor(tensor)).buffer));
    return (name) => all.get(name) ?? assert.fail(`${name} is missing`);
  }

  it('may be sharded, and hold tensors that nobody needs', async () => {
    const more = new Map<string, TinyTensor>([
      ...tinyTensors('BF16'),
      ['value_head.weight', { type: 'I8', shape: [3] }],
      ['strange', { type: 'F4', shape: [3], bytes: new Uint8Array(2) }],
      ['empty', { type: 'F32', shape: [0] }],
    ]);
    writeSharded(inFolder('m'), more);
    const { tensors } = await openCheckpoint(inFolder('m'));
    assert.equal(tensors.size, tinyTensors().size);
    assert.equal(tensors.get('lm_head.weight')?.type, 'BF16');
  });

  it('is tied when it has no lm_head, whatever its configuration says', async () => {
    const tensors = tinyTensors();
    tensors.delete('lm_head.weight');
    writeCheckpoint(inFolder('m'), { tensors });
    const checkpoint = await openCheckpoint(inFolder('m'));
    assert.equal(checkpoint.config.text.tiedEmbeddings, true);
    assert.equal(checkpoint.tensors.has('lm_head.weight'), false);
  });

  for (const same of [true, false]) {
    it(`is ${same ? '' : 'not '}tied by its configuration when the stored lm_head is ${same ? 'the same' : 'another'}`, async () => {
      const tensors = tinyTensors();
      const bytes = new Uint8Array(20 * 8 * 4).fill(1);
      tensors.set('model.embed_tokens.weight', { type: 'F32', shape: [20, 8], bytes });
      const head = bytes.slice();
      if (!same) head[639] = 2;
      tensors.set('lm_head.weight', { type: 'F32', shape: [20, 8], bytes: head });
      writeCheckpoint(inFolder('m'), { tensors, config: { ...tinyConfig(), tie_word_embeddings: true } });
      const checkpoint = await openCheckpoint(inFolder('m'));
      assert.equal(checkpoint.config.text.tiedEmbeddings, same);
      assert.equal(checkpoint.tensors.has('lm_head.weight'), !same);
    });
  }

  it('takes what transformers takes where the files are silent', async () => {
    const silent = [
      'rope_theta',
      'rms_norm_eps',
      'max_position_embeddings',
      'use_sliding_window',
      'hidden_act',
    ];
    const config = { ...tinyConfig(), ...Object.fromEntries(silent.map((name) => [name, undefined])) };
    writeCheckpoint(inFolder('m'), { config });
    editJson(inFolder('m'), 'preprocessor_config.json', (value) => {
      delete value['min_pixels'];
      delete value['max_pixels'];
    });
    const { text, imageProcessor, generation, specialTokens } = (await openCheckpoint(inFolder('m'))).config;
    assert.deepEqual([text.ropeTheta, text.rmsNormEpsilon, text.maxPositions], [1e6, 1e-5, 32768]);
    assert.deepEqual(imageProcessor, { minPixels: 3136, maxPixels: 1003520, ...CLIP });
    assert.deepEqual(generation, {});
    assert.deepEqual(specialTokens.endOfTurn, [3]);
  });

  it('leaves a placeholder aside that nothing depends on and that the vocabulary does not have', async () => {
    const config = { ...tinyConfig(), vision_token_id: 11, video_token_id: 151656 };
    writeCheckpoint(inFolder('m'), { config });
    const { placeholders } = (await openCheckpoint(inFolder('m'))).config.specialTokens;
    assert.deepEqual(placeholders, [9, 10, 11, 12]);
  });

  it('reads sampling defaults, and null as not said', async () => {
    writeCheckpoint(inFolder('m'));
    writeFileSync(
      inFolder('m', 'generation_config.json'),
      JSON.stringify({ top_k: 20, top_p: 0.8, min_p: null, temperature: 0.7, eos_token_id: 5 }),
    );
    const { generation, specialTokens } = (await openCheckpoint(inFolder('m'))).config;
    assert.deepEqual(generation, { temperature: 0.7, topK: 20, topP: 0.8 });
    assert.deepEqual(specialTokens.endOfTurn, [5]);
  });

  it('may have its rope settings in any of the known places', async () => {
    const rope: [Json, number][] = [
      [
        { rope_theta: 5, rope_scaling: { rope_type: 'default', type: 'default', mrope_section: [1, 0, 1] } },
        5,
      ],
      [
        {
          rope_theta: undefined,
          rope_scaling: null,
          rope_parameters: { rope_theta: 6, mrope_section: [1, 0, 1] },
        },
        6,
      ],
    ];
    for (const [fields, theta] of rope) {
      writeCheckpoint(inFolder('m'), { config: { ...tinyConfig(), ...fields } });
      const { text } = (await openCheckpoint(inFolder('m'))).config;
      assert.deepEqual([text.ropeTheta, text.mropeSection], [theta, [1, 0, 1]]);
    }
  });
});

describe("a Hugging Face cache's model folder", function () {
  if (process.platform === 'win32') this.pending = true;
  const inFolder = useFolder();
  const MODEL = 'models--Qwen--Qwen2.5-VL-tiny';

  /** Blobs named by what they hold, and a snapshot of links to them. */
  function cacheSnapshot(revision: string): string {
    const blobs = inFolder(MODEL, 'blobs');
    const snapshot = inFolder(MODEL, 'snapshots', revision);
    mkdirSync(blobs, { recursive: true });
    mkdirSync(snapshot, { recursive: true });
    writeFolder(inFolder('plain'));
    writeFileSync(inFolder('plain', 'model.safetensors'), safetensors(tinyTensors()));
    const names = ['config.json', 'tokenizer.json', 'preprocessor_config.json', 'model.safetensors'];
    for (const name of names) {
      renameSync(inFolder('plain', name), path.join(blobs, `${revision}-${name.length}`));
      symlinkSync(path.join('..', '..', 'blobs', `${revision}-${name.length}`), path.join(snapshot, name));
    }
    return snapshot;
  }

  function setMain(revision: string): void {
    mkdirSync(inFolder(MODEL, 'refs'), { recursive: true });
    writeFileSync(inFolder(MODEL, 'refs', 'main'), revision);
  }

  it('is read through its links, by the real files', async () => {
    const snapshot = cacheSnapshot('abc');
    const checkpoint = await openCheckpoint(snapshot);
    assert.equal(checkpoint.name, 'Qwen/Qwen2.5-VL-tiny');
    assert.equal(checkpoint.revision, 'abc');
    assert.equal(checkpoint.folder, snapshot);
    const file = checkpoint.tensors.get('lm_head.weight')?.file ?? '';
    assert.equal(path.basename(file), 'abc-17');
    assert.ok(readFileSync(file).length > 0);
  });

  it('gives the snapshot that refs/main names, and says which', async () => {
    cacheSnapshot('abc');
    cacheSnapshot('def');
    setMain('def\n');
    assert.equal((await openCheckpoint(inFolder(MODEL))).revision, 'def');
  });

  it('gives the only snapshot where refs/main names none', async () => {
    cacheSnapshot('abc');
    assert.equal((await openCheckpoint(inFolder(MODEL))).revision, 'abc');
    setMain('../../elsewhere');
    assert.equal((await openCheckpoint(inFolder(MODEL))).revision, 'abc');
  });

  it('asks where there are several and refs/main names none', async () => {
    cacheSnapshot('abc');
    cacheSnapshot('def');
    await assert.rejects(openCheckpoint(inFolder(MODEL)), { code: 'usage', message: /2 snapshots/ });
  });

  it('is refused while a download is unfinished', async () => {
    const snapshot = cacheSnapshot('abc');
    renameSync(inFolder(MODEL, 'blobs', 'abc-17'), inFolder(MODEL, 'blobs', 'abc-17.incomplete'));
    await assert.rejects(openCheckpoint(snapshot), {
      code: 'missing',
      message: /not finished.*abc-17\.incomplete/,
    });
  });
});
