import assert from 'node:assert/strict';
import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { MemorySource } from '../../../../../src/inference/onnx/checkpoint/availableMemory';
import { availableMemory } from '../../../../../src/inference/onnx/checkpoint/availableMemory';
import type { Checkpoint } from '../../../../../src/inference/onnx/checkpoint/checkpoint';
import { checkpointIdentity } from '../../../../../src/inference/onnx/checkpoint/checkpointIdentity';
import { checkMemory, memoryNeeded } from '../../../../../src/inference/onnx/checkpoint/memory';
import { openCheckpoint } from '../../../../../src/inference/onnx/checkpoint/openCheckpoint';
import {
  editJson,
  GOLDEN,
  tinyTensors,
  useFolder,
  writeCheckpoint,
  writeSharded,
} from './support/tinyCheckpoint';

describe('checkpointIdentity', () => {
  const inFolder = useFolder();
  const identityOf = async (folder: string): Promise<string> =>
    checkpointIdentity(await openCheckpoint(folder));

  it('stays when the folder is moved, copied, or sharded in another way', async () => {
    writeCheckpoint(inFolder('a'));
    const first = await identityOf(inFolder('a'));
    assert.match(first, /^[0-9a-f]{64}$/);
    cpSync(inFolder('a'), inFolder('b'), { recursive: true });
    assert.equal(await identityOf(inFolder('b')), first);
    renameSync(inFolder('a'), inFolder('c'));
    assert.equal(await identityOf(inFolder('c')), first);
    writeSharded(inFolder('d'));
    assert.equal(await identityOf(inFolder('d')), first);
  });

  it('changes with any tensor', async () => {
    const known = new Map<string, string>();
    for (const name of ['', ...tinyTensors().keys()]) {
      const tensors = tinyTensors();
      const tensor = tensors.get(name);
      if (tensor) {
        const bytes = new Uint8Array(4 * tensor.shape.reduce((a, b) => a * b, 1));
        tensors.set(name, { ...tensor, bytes });
      }
      writeCheckpoint(inFolder('m'), { tensors });
      const identity = await identityOf(inFolder('m'));
      assert.equal(known.get(identity), undefined, `${name} and ${known.get(identity)}`);
      known.set(identity, name);
    }
  });

  it('changes at the beginning, the middle and the end of a large tensor', async () => {
    cpSync(path.join(GOLDEN, 'checkpoint'), inFolder('m'), { recursive: true });
    const { tensors } = await openCheckpoint(inFolder('m'));
    const table = tensors.get('model.embed_tokens.weight') ?? assert.fail();
    const original = readFileSync(table.file);
    const seen = new Set([await identityOf(inFolder('m'))]);
    for (const at of [0, table.byteLength / 2, table.byteLength - 1]) {
      const changed = new Uint8Array(original);
      changed[table.offset + at]! ^= 1;
      writeFileSync(table.file, changed);
      seen.add(await identityOf(inFolder('m')));
    }
    assert.equal(seen.size, 4);
  });

  it("changes with the model's shape in the configuration, not with sampling defaults", async () => {
    writeCheckpoint(inFolder('m'));
    const first = await identityOf(inFolder('m'));
    writeFileSync(inFolder('m', 'generation_config.json'), '{"temperature": 0.5}');
    assert.equal(await identityOf(inFolder('m')), first);
    editJson(inFolder('m'), 'config.json', (value) => (value['rope_theta'] = 9999));
    assert.notEqual(await identityOf(inFolder('m')), first);
  });

  it('can be cancelled', async () => {
    writeCheckpoint(inFolder('m'));
    const checkpoint = await openCheckpoint(inFolder('m'));
    await assert.rejects(checkpointIdentity(checkpoint, { signal: AbortSignal.abort() }), {
      code: 'cancelled',
    });
  });
});

describe('the memory that a model needs', () => {
  const golden = (name: string): Promise<Checkpoint> => openCheckpoint(path.join(GOLDEN, name));
  const options = { precision: 'full', contextLength: 1000, device: 'cpu' } as const;
  const TABLE = 2048 * 128;

  it('is four bytes per parameter and the cache; an untied embedding stays in its file', async () => {
    const need = memoryNeeded(await golden('checkpoint'), options);
    assert.deepEqual(need, {
      weights: 4 * (1343136 - TABLE),
      cache: 2 * 3 * 2 * 32 * 4 * 1000,
      peakAtOpen: 4 * (1343136 - TABLE) + 2 * 3 * 2 * 32 * 4 * 1000 + 4 * TABLE,
    });
    assert.equal(memoryNeeded(await golden('checkpoint-bf16-sharded'), options).weights, 4 * 1080992);
  });

  it("is a byte, or half of one, per number of the language model's layers, and a scale per 32", async () => {
    const checkpoint = await golden('checkpoint');
    const text = 3 * (128 * 128 * 2 + 64 * 128 * 2 + 3 * 128 * 256);
    const rest = 1343136 - TABLE * 2 - text;
    const int8 = (TABLE + text) * (1 + 4 / 32) + 4 * rest;
    assert.equal(memoryNeeded(checkpoint, { ...options, precision: 'int8' }).weights, int8);
    assert.equal(memoryNeeded(checkpoint, { ...options, precision: 'int4' }).weights, int8 - text / 2);
    const tied = memoryNeeded(await golden('checkpoint-bf16-sharded'), { ...options, precision: 'int8' });
    assert.equal(tied.weights, int8);
  });

  it('pads a row to whole blocks', async () => {
    const checkpoint = await golden('checkpoint');
    const odd = { ...(checkpoint.tensors.get('lm_head.weight') ?? assert.fail()), shape: [10, 33] };
    const one = { ...checkpoint, tensors: new Map([['lm_head.weight', odd]]) };
    assert.equal(memoryNeeded(one, { ...options, precision: 'int8' }).weights, 10 * 2 * 36);
  });

  it("leaves the cache out of this computer's share when it lies on a GPU", async () => {
    const checkpoint = await golden('checkpoint');
    const cpu = memoryNeeded(checkpoint, options);
    assert.equal(
      memoryNeeded(checkpoint, { ...options, device: 'gpu' }).peakAtOpen,
      cpu.peakAtOpen - cpu.cache,
    );
  });

  it('is refused where it is not there, with figures and advice', async () => {
    const checkpoint = await golden('checkpoint');
    const { peakAtOpen } = checkMemory(checkpoint, options, 10e9);
    assert.equal(checkMemory(checkpoint, options, peakAtOpen).peakAtOpen, peakAtOpen);
    assert.throws(() => checkMemory(checkpoint, { ...options, contextLength: 1e6 }, 1.25e9), {
      code: 'limit',
      message:
        'checkpoint needs 1.5 GB of memory (weights 0.0043 GB, cache 1.5 GB), but 1.3 GB are free: ' +
        'choose the precision int8 or int4, or choose a context shorter than 1000000 tokens, or close other programs.',
    });
    assert.throws(() => checkMemory(checkpoint, { ...options, precision: 'int4' }, 5), {
      message: /are free: choose a context shorter than 1000 tokens, or close/,
    });
  });
});

describe('availableMemory', () => {
  function source(platform: string, files: Readonly<Record<string, string>>): MemorySource {
    return {
      platform,
      read: (file) => Promise.resolve(files[file]),
      run: (program) => Promise.resolve(files[program]),
      free: () => 77,
    };
  }
  const MEMORY = { '/proc/meminfo': 'MemTotal:  9000 kB\nMemAvailable:   4000 kB\n' };

  it('is what Linux calls available', async () => {
    assert.equal(await availableMemory(source('linux', MEMORY)), 4000 * 1024);
    assert.equal(await availableMemory(source('linux', {})), 77);
  });

  it('is what the control groups leave, of either version and at any level', async () => {
    const second = { ...MEMORY, '/proc/self/cgroup': '0::/a/b\n' };
    const group = (folder: string, limit: string): Record<string, string> => ({
      [`${folder}/memory.max`]: limit,
      [`${folder}/memory.current`]: '500000\n',
      [`${folder}/memory.stat`]: 'anon 3\ninactive_file 1000\n',
    });
    const parent = group('/sys/fs/cgroup/a', '900000\n');
    assert.equal(await availableMemory(source('linux', { ...second, ...parent })), 401000);
    const both = { ...second, ...parent, ...group('/sys/fs/cgroup/a/b', 'max\n') };
    assert.equal(await availableMemory(source('linux', both)), 401000);
    assert.equal(await availableMemory(source('linux', { ...second, ...group('/sys/fs/cgroup', '1') })), 0);
    const first = {
      ...MEMORY,
      '/proc/self/cgroup': '5:cpu,cpuacct:/x\n4:memory:/docker/1\n',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '2000000\n',
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': '1500000\n',
      '/sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 20\n',
    };
    assert.equal(await availableMemory(source('linux', first)), 500020);
    const unlimited = { ...first, '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n' };
    assert.equal(await availableMemory(source('linux', unlimited)), 4000 * 1024);
  });

  it('counts on macOS what is only cached as free', async () => {
    const printed =
      'Mach Virtual Memory Statistics: (page size of 16384 bytes)\nPages free:      10.\nPages active:   99.\n' +
      'Pages inactive:  20.\nPages speculative: 3.\nPages purgeable: 4.\n';
    assert.equal(await availableMemory(source('darwin', { vm_stat: printed })), 37 * 16384);
    assert.equal(await availableMemory(source('darwin', {})), 77);
    assert.equal(await availableMemory(source('win32', MEMORY)), 77);
  });

  it('is a plausible figure on this computer', async () => {
    const bytes = await availableMemory();
    assert.ok(bytes > 50e6 && bytes < 1e14, String(bytes));
  });
});
