import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorCode, errorMessage, ImcotError } from '../../../../../src/common/errors';
import { CApi } from '../../../../../src/inference/onnx/runtime/cApi';
import { libraryPath } from '../../../../../src/inference/onnx/runtime/libraryPath';
import { PROVIDERS, type Provider } from '../../../../../src/inference/onnx/runtime/providers';
import { Runtime, type RuntimeSession } from '../../../../../src/inference/onnx/runtime/runtime';

type Call = readonly unknown[];

/** ONNX Runtime as far as sessions and memory go: does nothing, writes down what it is asked for. */
class FakeApi {
  readonly calls: Call[] = [];
  private made = 0;
  /** Names of functions that fail. */
  constructor(private readonly failing: readonly string[] = []) {}

  private note(name: string, args: Call): void {
    this.calls.push([name, ...args]);
    if (this.failing.includes(name)) throw new ImcotError('internal', `ONNX Runtime: ${name} failed`);
  }

  call(name: string, ...args: Call): void {
    this.note(name, args);
  }

  make(name: string, ...args: Call): string {
    this.note(name, args);
    return `${name}#${String(++this.made)}`;
  }

  callAsync(name: string, ...args: Call): Promise<void> {
    this.note(`async ${name}`, args);
    return Promise.resolve();
  }

  makeAsync(name: string, ...args: Call): Promise<string> {
    this.note(`async ${name}`, args);
    return Promise.resolve(`${name}#${String(++this.made)}`);
  }

  release(name: string, pointer: unknown): void {
    this.note(name, [pointer]);
  }

  appendCuda(options: unknown, device: number): void {
    this.note('appendCuda', [options, device]);
  }

  /** What was called, without arguments. */
  get names(): string[] {
    return this.calls.map(([name]) => String(name));
  }

  of(name: string): Call[] {
    return this.calls.filter(([called]) => called === name).map(([, ...args]) => args);
  }
}

function asApi(fake: FakeApi): CApi {
  return fake as unknown as CApi;
}

function fakeRuntime(fake: FakeApi): Runtime {
  // The constructor is private: only `load` makes one, from a library.
  return Reflect.construct(Runtime, [fake]) as Runtime;
}

const GPUS: readonly Provider[] = ['webgpu', 'cuda', 'directml'];

describe('providers', () => {
  const appended = (provider: Provider): Call[] => {
    const fake = new FakeApi();
    PROVIDERS[provider].append(asApi(fake), 'options');
    return fake.calls;
  };

  it('are added to session options by the calls that each of them needs', () => {
    assert.deepEqual(appended('cpu'), []);
    assert.deepEqual(appended('webgpu'), [['appendProvider', 'options', 'WebGPU', null, null, 0]]);
    assert.deepEqual(appended('coreml'), [['appendProvider', 'options', 'CoreML', null, null, 0]]);
    assert.deepEqual(appended('cuda'), [['appendCuda', 'options', 0]]);
    assert.deepEqual(appended('directml'), [
      ['disableMemoryPattern', 'options'],
      ['appendProvider', 'options', 'DML', null, null, 0],
    ]);
  });

  it('get their options filled before the session is made, and the options go', async () => {
    for (const provider of Object.keys(PROVIDERS) as Provider[]) {
      const fake = new FakeApi();
      const session = await fakeRuntime(fake).open(Uint8Array.of(1), {
        provider,
        threads: 3,
        dataFolder: '/d',
      });
      const create = provider === 'webgpu' ? 'createSessionFromArray' : 'async createSessionFromArray';
      const filled = fake.names.indexOf(create);
      assert.ok(filled > 0, provider);
      for (const name of ['setIntraOpThreads', 'addConfigEntry', 'appendProvider', 'appendCuda']) {
        assert.ok(fake.names.lastIndexOf(name) < filled, `${provider}: ${name}`);
      }
      assert.deepEqual(fake.of('setIntraOpThreads')[0]?.slice(1), [3]);
      assert.deepEqual(
        fake.of('addConfigEntry').map(([, key, value]) => [key, value]),
        [
          ['session.intra_op.spin_duration_us', '100'],
          ['session.model_external_initializers_file_folder_path', '/d'],
        ],
      );
      const [made] = fake.of(create);
      assert.equal(made?.[2], 1);
      assert.deepEqual(fake.of('releaseSessionOptions'), [[made[3]]]);
      session.dispose();
      assert.equal(fake.of('releaseSession').length, 1);
      assert.equal(fake.of('releaseRunOptions').length, 1);
    }
  });

  it('that can not be added leave nothing behind', async () => {
    for (const failing of ['appendProvider', 'createSessionFromArray']) {
      const fake = new FakeApi([failing]);
      const opening = fakeRuntime(fake).open(Uint8Array.of(1), { provider: 'webgpu', threads: 0 });
      await assert.rejects(opening, new RegExp(`${failing} failed`));
      assert.equal(fake.of('releaseSessionOptions').length, 1);
      assert.deepEqual(fake.of('setIntraOpThreads'), []);
    }
  });

  const opened = async (provider: Provider): Promise<{ fake: FakeApi; session: RuntimeSession }> => {
    const fake = new FakeApi();
    return { fake, session: await fakeRuntime(fake).open(Uint8Array.of(1), { provider, threads: 0 }) };
  };

  it('keep what stays between runs where they compute', async () => {
    const memories = { webgpu: 'WebGPU_Buf', cuda: 'Cuda', directml: 'DML' } as const;
    for (const [provider, memory] of Object.entries(memories)) {
      const { fake, session } = await opened(provider as Provider);
      assert.equal(session.onDevice, true);
      const tensor = session.allocate([1, 2, 512, 64]);
      session.allocate([1]);
      assert.equal(tensor.data, undefined);
      // OrtDeviceAllocator, device 0, OrtMemTypeDefault.
      assert.deepEqual(fake.of('createMemoryInfo'), [[memory, 0, 0, 0]]);
      assert.equal(fake.of('createAllocator').length, 1, 'one for all tensors');
      const [allocator, sides, rank, type] = fake.of('createTensor')[0] ?? [];
      assert.match(String(allocator), /^createAllocator/);
      assert.deepEqual([sides, rank, type], [BigInt64Array.of(1n, 2n, 512n, 64n), 4, 1]);
    }
    for (const provider of ['cpu', 'coreml'] as const) {
      const { fake, session } = await opened(provider);
      assert.equal(session.onDevice, false);
      assert.equal(session.allocate([2, 3]).data?.length, 6);
      assert.deepEqual(fake.of('createAllocator'), []);
    }
  });

  it('get back their memory before their allocator goes, and each thing once', async () => {
    for (const provider of GPUS) {
      const { fake, session } = await opened(provider);
      const early = session.allocate([1]);
      const late = session.allocate([2]);
      const binding = session.bind();
      early.dispose();
      session.dispose();
      late.dispose();
      binding.dispose();
      const order = ['releaseIoBinding', 'releaseValue', 'releaseAllocator', 'releaseSession'];
      const places = order.map((name) => fake.names.lastIndexOf(name));
      assert.deepEqual(
        [...places].sort((a, b) => a - b),
        places,
      );
      assert.ok(!places.includes(-1));
      assert.deepEqual(fake.of('releaseValue'), [[early.pointer], [late.pointer]]);
      assert.equal(fake.of('releaseMemoryInfo').length, 1);
      assert.equal(fake.of('releaseIoBinding').length, 1);
    }
  });

  it('run on another thread where they can be stopped', async () => {
    for (const provider of Object.keys(PROVIDERS) as Provider[]) {
      const { fake, session } = await opened(provider);
      const binding = session.bind();
      await session.run(binding);
      assert.equal(session.stoppable, provider !== 'webgpu');
      const name = session.stoppable ? 'async runWithBinding' : 'runWithBinding';
      assert.equal(fake.of(name).length, 1, provider);
      assert.equal(fake.of(name)[0]?.[2], binding.pointer);
    }
  });
});

describe('CUDA', () => {
  it('is asked for only where its library lies beside the runtime', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'imcot-cuda-'));
    try {
      // The library itself, found in another folder.
      const copy = path.join(folder, path.basename(libraryPath()));
      symlinkSync(libraryPath(), copy);
      const api = new CApi(copy);
      assert.throws(
        () => api.appendCuda(api.make('createSessionOptions'), 0),
        (thrown) => errorCode(thrown) === 'missing' && errorMessage(thrown).includes(folder),
      );
      const cuda =
        process.platform === 'win32' ? 'onnxruntime_providers_cuda.dll' : 'libonnxruntime_providers_cuda.so';
      writeFileSync(path.join(folder, cuda), '');
      // Now it is the runtime that finds no CUDA in it.
      assert.throws(
        () => api.appendCuda(api.make('createSessionOptions'), 0),
        (thrown) => errorCode(thrown) === 'internal' && errorMessage(thrown).startsWith('ONNX Runtime: '),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
