import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode, ImcotError } from '../../../../src/common/errors';
import type { GenerateOptions } from '../../../../src/inference/backend';
import type { LoadProgress, LocalModelOptions } from '../../../../src/inference/localModelOptions';
import { openLocalModel, type LocalModel, type Machine } from '../../../../src/inference/onnx/localModel';
import { rankProviders } from '../../../../src/inference/onnx/model/chooseProvider';
import type { SelfTestResult, testProvider } from '../../../../src/inference/onnx/model/selfTest';
import type { Provider } from '../../../../src/inference/onnx/runtime/providers';
import type { Runtime } from '../../../../src/inference/onnx/runtime/runtime';
import { qwenPath } from '../../../support/goldenQwen';
import { editJson } from './checkpoint/support/tinyCheckpoint';
import { generated } from './model/support/goldenModel';

const CPU: SelfTestResult = { provider: 'cpu', decodeMs: 10, largestChunk: Infinity, vision: true };
const ROOMY: Machine = {
  availableMemory: () => Promise.resolve(64e9),
  testProvider: () => Promise.resolve(CPU),
};
const withMemory = (bytes: number): Machine => ({ ...ROOMY, availableMemory: () => Promise.resolve(bytes) });

describe('openLocalModel', () => {
  let folder = '';
  let opened: LocalModel[] = [];
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-model-'))));
  afterEach(() => {
    for (const model of opened) model.dispose();
    opened = [];
    rmSync(folder, { recursive: true, force: true });
  });

  const optionsOf = (changes: Partial<LocalModelOptions> = {}): LocalModelOptions => ({
    folder: qwenPath('checkpoint'),
    provider: 'cpu',
    precision: 'auto',
    contextLength: 2048,
    threads: 1,
    cacheFolder: path.join(folder, 'cache'),
    maxCacheBytes: 1e9,
    sequenceMemoryBytes: 1e9,
    ...changes,
  });

  async function open(
    changes: Partial<LocalModelOptions> = {},
    machine: Machine = ROOMY,
    onProgress: (progress: LoadProgress) => void = () => undefined,
    signal = new AbortController().signal,
  ): Promise<LocalModel> {
    const model = await openLocalModel(optionsOf(changes), { onProgress, signal }, machine);
    opened.push(model);
    return model;
  }

  const isError = (code: string, words: RegExp) => (thrown: unknown) => {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, words);
    return true;
  };

  it('says what it opened, and where', async () => {
    const { capabilities } = await open();
    assert.deepEqual(capabilities, {
      model: 'checkpoint',
      device: 'CPU, 1 thread',
      contextLength: 2048,
      wireText: true,
      branches: true,
      scores: true,
      maxTopCount: 100,
    });
    assert.equal((await open({ threads: 2, precision: 'int8' })).capabilities.device, 'CPU, 2 threads, int8');
    assert.equal((await open({ threads: 0, precision: 'int4' })).capabilities.device, 'CPU, int4');
  });

  it('answers, in each precision', async () => {
    for (const precision of ['full', 'int8', 'int4'] as const) {
      const sequence = await (await open({ precision })).start();
      await sequence.appendMessage({ role: 'user', parts: [{ type: 'text', text: 'Hello' }] });
      assert.equal((await generated(sequence, { maxTokens: 4 })).ids.length, 4, precision);
    }
  });

  it('holds no more than the checkpoint can', async () => {
    const own = path.join(folder, 'own');
    cpSync(qwenPath('checkpoint'), own, { recursive: true });
    editJson(own, 'config.json', (config) => (config['max_position_embeddings'] = 700));
    assert.equal((await open({ folder: own })).capabilities.contextLength, 700);
  });

  it("takes the checkpoint's own sampling, greedy where it says so", async () => {
    assert.deepEqual((await open()).defaults, { temperature: 1e-6, repetitionPenalty: 1.05 });
    const own = path.join(folder, 'own');
    cpSync(qwenPath('checkpoint'), own, { recursive: true });
    editJson(own, 'generation_config.json', (config) => {
      config['do_sample'] = false;
      config['top_k'] = 5;
    });
    assert.deepEqual((await open({ folder: own })).defaults, {
      temperature: 0,
      topK: 5,
      repetitionPenalty: 1.05,
    });
  });

  it('says no placeholder where none is wanted, even if it is the most likely token', async () => {
    const ask = async (model: LocalModel, options: Partial<GenerateOptions> = {}) => {
      const sequence = await model.start();
      await sequence.appendMessage({ role: 'user', parts: [{ type: 'text', text: 'Hello' }] });
      return generated(sequence, { maxTokens: 4, topCount: 2, ...options });
    };
    const plain = await ask(await open());
    const likeliest = plain.ids[0]!;
    const own = path.join(folder, 'own');
    cpSync(qwenPath('checkpoint'), own, { recursive: true });
    editJson(own, 'config.json', (config) => (config['video_token_id'] = likeliest));
    const model = await open({ folder: own });
    assert.deepEqual((await ask(model)).ids, plain.ids, 'the model as it is');
    for (const temperature of [0, 1]) {
      const sampling = { temperature, ...(temperature > 0 && { seed: 5 }) };
      const without = await ask(model, { sampling, excludePlaceholders: true });
      assert.ok(!without.ids.includes(likeliest), `temperature ${temperature}`);
      const [first] = without.tokens;
      assert.deepEqual(first!.top, plain.tokens[0]!.top, 'the plain distribution');
      if (temperature > 0) continue;
      assert.equal(first!.id, plain.tokens[0]!.top[1]!.id);
      assert.equal(first!.logProbability, plain.tokens[0]!.top[1]!.logProbability);
    }
  });

  it('takes the finest precision that leaves half of the memory free', async () => {
    // 5.4 MB of weights in float32; a cache of 2,048 tokens takes 3.1 MB more.
    const seen: string[] = [];
    for (const bytes of [64e9, 14e6, 11e6])
      seen.push((await open({}, withMemory(bytes))).capabilities.device);
    assert.equal(seen[0], 'CPU, 1 thread');
    assert.ok(
      seen.slice(1).every((device) => /, int[48]$/.test(device)),
      seen.join('; '),
    );
  });

  it('refuses what has no room, before it tests or writes anything', async () => {
    let tests = 0;
    const machine: Machine = {
      availableMemory: () => Promise.resolve(1e6),
      testProvider: () => (tests++, Promise.resolve(CPU)),
    };
    for (const precision of ['auto', 'full', 'int8', 'int4'] as const) {
      await assert.rejects(
        open({ precision }, machine),
        isError('limit', /checkpoint needs .* GB of memory/),
      );
    }
    assert.equal(tests, 0);
  });

  it('passes on what is wrong with the folder', async () => {
    await assert.rejects(open({ folder: path.join(folder, 'none') }), isError('missing', /none/));
    const torn = path.join(folder, 'torn');
    cpSync(qwenPath('checkpoint'), torn, { recursive: true });
    truncateSync(path.join(torn, 'model.safetensors'), 100_000);
    await assert.rejects(open({ folder: torn }), isError('input', /model\.safetensors/));
    const other = path.join(folder, 'other');
    cpSync(qwenPath('checkpoint'), other, { recursive: true });
    editJson(other, 'config.json', (config) => (config['model_type'] = 'llama'));
    await assert.rejects(open({ folder: other }), isError('input', /llama/));
    rmSync(path.join(other, 'tokenizer.json'));
    await assert.rejects(open({ folder: other }), (thrown) => thrown instanceof ImcotError);
  });

  it('names a runtime that is not there', async () => {
    const runtimeLibrary = path.join(folder, 'libonnxruntime.so.1');
    await assert.rejects(
      open({ runtimeLibrary }),
      isError('missing', /could not be loaded from .*libonnxruntime/),
    );
  });

  it('can be stopped at each of its stages, and opened again afterwards', async () => {
    for (const stage of ['reading', 'testing', 'quantising', 'opening'] as const) {
      const controller = new AbortController();
      const stages: string[] = [];
      const opening = open(
        { precision: 'int8' },
        ROOMY,
        (progress) => {
          stages.push(progress.stage);
          if (progress.stage === stage) controller.abort();
        },
        controller.signal,
      );
      await assert.rejects(opening, isError('cancelled', /stopped/i), stage);
      assert.equal(stages.at(-1), stage, 'nothing more is told afterwards');
    }
    await open({ precision: 'int8' });
  });

  it('can be stopped while providers are tested', async () => {
    const controller = new AbortController();
    const tested: string[] = [];
    const machine: Machine = {
      ...ROOMY,
      testProvider: (_runtime, provider) => {
        tested.push(provider);
        controller.abort();
        return Promise.resolve({ ...CPU, provider });
      },
    };
    await assert.rejects(
      open({ provider: 'auto' }, machine, undefined, controller.signal),
      isError('cancelled', /Stopped/),
    );
    assert.deepEqual(tested, ['cpu']);
  });

  it('goes on with the next provider when one can not open the model, and says so', async function () {
    if (process.platform !== 'linux') this.skip();
    const told: string[] = [];
    const machine: Machine = {
      ...ROOMY,
      // As if it had passed the test: DirectML is not in this library.
      testProvider: (_runtime, provider) =>
        Promise.resolve(provider === 'cpu' ? CPU : { ...CPU, provider: 'directml', decodeMs: 1 }),
    };
    const { capabilities } = await open({ provider: 'auto' }, machine, ({ message }) => told.push(message));
    assert.equal(capabilities.device, 'CPU, 1 thread');
    assert.ok(
      told.some((message) => message.startsWith('DirectML could not open the model: ONNX Runtime: ')),
      told.join('\n'),
    );
    const failing: Machine = {
      ...ROOMY,
      testProvider: () => Promise.resolve({ ...CPU, provider: 'directml' }),
    };
    await assert.rejects(
      open({ provider: 'directml' }, failing),
      isError('internal', /DirectML could not open/),
    );
  });

  it('gives back its memory each time that it goes', async () => {
    const round = async (): Promise<void> => {
      const model = await openLocalModel(
        optionsOf(),
        { onProgress: () => undefined, signal: new AbortController().signal },
        ROOMY,
      );
      const sequence = await model.start();
      await sequence.appendTokens([1, 2, 3]);
      await generated(sequence, { maxTokens: 3 });
      model.dispose();
      await assert.rejects(sequence.appendTokens([1]), (thrown) => errorCode(thrown) === 'cancelled');
    };
    for (let time = 0; time < 4; time++) await round();
    const before = process.memoryUsage().rss;
    for (let time = 0; time < 8; time++) await round();
    const grown = (process.memoryUsage().rss - before) / 2 ** 20;
    // Eight models hold 8 x (weights 5.4 MB, packed for the processor once more, and tokenizers).
    assert.ok(grown < 80, `${grown.toFixed(0)} MiB more`);
  });
});

describe('rankProviders', () => {
  const runtimeWith = (...names: string[]): Runtime =>
    ({ api: { availableProviders: () => names } }) as unknown as Runtime;
  const all = runtimeWith(
    'CUDAExecutionProvider',
    'WebGpuExecutionProvider',
    'CPUExecutionProvider',
    'DmlExecutionProvider',
    'CoreMLExecutionProvider',
    'XnnpackExecutionProvider',
  );

  /** Milliseconds a step by provider; one that is not named fails. */
  const timed = (times: Partial<Record<Provider, number>>) => {
    const asked: (readonly [Provider, number | undefined])[] = [];
    const test: typeof testProvider = (_runtime, provider, _threads, slowest) => {
      asked.push([provider, slowest]);
      const decodeMs = times[provider];
      if (decodeMs === undefined) return Promise.reject(new Error('device lost'));
      return Promise.resolve({ ...CPU, provider, decodeMs });
    };
    return { asked, test };
  };

  it('puts the fastest first and tells of those that fail', async () => {
    const { asked, test } = timed({ cpu: 30, webgpu: 10, directml: 20, coreml: 40 });
    const { usable, refused } = await rankProviders(all, 'auto', 0, test);
    assert.deepEqual(
      usable.map(({ provider }) => provider),
      ['webgpu', 'directml', 'cpu', 'coreml'],
    );
    assert.deepEqual(refused, ["CUDA can't be used: device lost"]);
    // The processor goes first, and what it takes is the limit for the others.
    assert.deepEqual(asked, [
      ['cpu', undefined],
      ['cuda', 30],
      ['webgpu', 30],
      ['directml', 30],
      ['coreml', 30],
    ]);
  });

  it('tries only what the library was built with', async () => {
    const { asked, test } = timed({ cpu: 30, webgpu: 10 });
    await rankProviders(runtimeWith('CPUExecutionProvider', 'WebGpuExecutionProvider'), 'auto', 0, test);
    assert.deepEqual(
      asked.map(([provider]) => provider),
      ['cpu', 'webgpu'],
    );
  });

  it('tries the one that is asked for alone, however slow, and names the reason where it fails', async () => {
    const slow = timed({ cpu: 1, webgpu: 9999 });
    const { usable } = await rankProviders(runtimeWith(), 'webgpu', 0, slow.test);
    assert.deepEqual(
      usable.map(({ provider }) => provider),
      ['webgpu'],
    );
    assert.deepEqual(slow.asked, [['webgpu', undefined]]);
    const ranking = rankProviders(all, 'cuda', 0, timed({}).test);
    await assert.rejects(ranking, (thrown: unknown) => {
      assert.ok(thrown instanceof ImcotError && thrown.code === 'missing');
      assert.match(thrown.message, /^CUDA can't be used: device lost Choose another provider/);
      return true;
    });
  });

  it('is not a test that failed when somebody stopped it', async () => {
    const stopped: typeof testProvider = () => Promise.reject(new ImcotError('cancelled', 'Stopped.'));
    await assert.rejects(
      rankProviders(all, 'auto', 0, stopped),
      (thrown) => errorCode(thrown) === 'cancelled',
    );
  });
});
