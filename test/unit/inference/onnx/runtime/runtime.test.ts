import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { errorCode, ImcotError } from '../../../../../src/common/errors';
import { libraryPath } from '../../../../../src/inference/onnx/runtime/libraryPath';
import { Runtime } from '../../../../../src/inference/onnx/runtime/runtime';
import { doubled, openDoubling, openSlow } from './support/doubling';

const runtime = Runtime.load(libraryPath());

function isRefusal(code: string, ...words: RegExp[]): (thrown: unknown) => boolean {
  return (thrown) => {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    for (const word of words) assert.match(thrown.message, word);
    return true;
  };
}

describe('libraryPath', () => {
  it('is a file of onnxruntime-node on this machine', () => {
    assert.match(libraryPath(), /onnxruntime-node/);
  });

  it('says so where there is no library', () => {
    for (const [platform, arch] of [
      ['freebsd', 'x64'],
      ['linux', 'riscv64'],
      ['darwin', 'x64'],
    ] as const) {
      const words = new RegExp(`no local inference on ${platform}-${arch}`);
      assert.throws(() => libraryPath(platform, arch), isRefusal('missing', words));
    }
  });
});

describe('Runtime.load', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'imcot-runtime-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('names the file that is not there, or is no library', () => {
    const none = path.join(folder, 'none.so');
    assert.throws(() => Runtime.load(none), isRefusal('missing', /could not be loaded/, /none\.so/));
    for (const content of ['', 'not a library', '\x7fELF']) {
      const file = path.join(folder, 'text.so');
      writeFileSync(file, content);
      assert.throws(() => Runtime.load(file), isRefusal('missing', /could not be loaded/, /text\.so/));
    }
    assert.throws(() => Runtime.load(folder), isRefusal('missing', /could not be loaded/));
  });

  it('names a library that is not ONNX Runtime', () => {
    // What is loaded into this process already; the type that node's declarations give is wrong.
    const report = process.report?.getReport() as unknown as { sharedObjects: string[] };
    const other = report.sharedObjects.find((file) => path.basename(file) === 'koffi.node');
    assert.ok(other !== undefined);
    assert.throws(() => Runtime.load(other), isRefusal('missing', /could not be loaded/, /koffi\.node/));
  });

  it('tells its version and what it was built with', () => {
    assert.match(runtime.version, /^\d+\.\d+\.\d+$/);
    for (let time = 0; time < 3; time++) {
      assert.ok(runtime.api.availableProviders().includes('CPUExecutionProvider'));
    }
  });
});

describe('a session', () => {
  it('refuses a provider that is not there, in the words of the library', async () => {
    await assert.rejects(openDoubling(runtime, 'cuda'), (thrown: unknown) => thrown instanceof ImcotError);
    if (process.platform === 'linux') {
      await assert.rejects(openDoubling(runtime, 'directml'), isRefusal('internal', /^ONNX Runtime: /));
      await assert.rejects(openDoubling(runtime, 'coreml'), isRefusal('internal', /^ONNX Runtime: /));
    }
  });

  it('refuses a wrong name, a wrong type and a wrong shape, and goes on', async () => {
    const session = await openDoubling(runtime);
    const numbers = runtime.tensor(Int32Array.of(1, 2), [2]);
    const floats = runtime.tensor(Float32Array.of(1, 2), [2]);
    const result = runtime.tensor(new Int32Array(3), [3]);
    const wrong = session.bind();
    await assert.rejects(session.run(wrong), isRefusal('internal', /^ONNX Runtime: /));
    assert.throws(() => session.bind().input('other', numbers), isRefusal('internal', /other/));
    wrong.input('x', floats);
    wrong.output('y', result);
    await assert.rejects(session.run(wrong), isRefusal('internal', /^ONNX Runtime: /));
    wrong.input('x', numbers);
    await assert.rejects(session.run(wrong), isRefusal('internal', /^ONNX Runtime: /));
    assert.throws(() => runtime.tensor(Int32Array.of(1), [5]), isRefusal('internal', /^ONNX Runtime: /));
    assert.throws(() => runtime.tensor(Int32Array.of(1), [-1]), isRefusal('internal', /^ONNX Runtime: /));
    assert.deepEqual([...(await doubled(session, Int32Array.of(4, 5)))], [8, 10]);
    session.dispose();
  });

  it('takes empty tensors', async () => {
    const session = await openDoubling(runtime);
    assert.deepEqual([...(await doubled(session, new Int32Array(0)))], []);
    session.dispose();
  });

  it('may be disposed of twice, before its bindings and tensors, and runs no more', async () => {
    const session = await openDoubling(runtime);
    const binding = session.bind();
    const tensor = session.allocate([2, 2]);
    session.dispose();
    session.dispose();
    binding.dispose();
    tensor.dispose();
    tensor.dispose();
    await assert.rejects(session.run(binding), isRefusal('cancelled', /unloaded/));
  });

  it('leaves the event loop alone while it runs', async () => {
    const session = await openSlow(runtime, 256, 40);
    const x = runtime.tensor(new Float32Array(256 * 256), [256, 256]);
    const y = runtime.tensor(new Float32Array(256 * 256), [256, 256]);
    const binding = session.bind();
    binding.input('x', x);
    binding.output('y', y);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await session.run(binding);
    clearInterval(timer);
    assert.ok(turns > 2, `${String(turns)} turns`);
    session.dispose();
  });
});

describe('stopping a run', () => {
  it('takes effect within half a second, and the session stays usable', async () => {
    const side = 384;
    const session = await openSlow(runtime, side, 2000);
    const x = runtime.tensor(new Float32Array(side * side), [side, side]);
    const y = runtime.tensor(new Float32Array(side * side), [side, side]);
    const binding = session.bind();
    binding.input('x', x);
    binding.output('y', y);
    for (const wait of [0, 20, 60]) {
      const controller = new AbortController();
      const run = session.run(binding, controller.signal);
      await delay(wait);
      const began = performance.now();
      controller.abort();
      await assert.rejects(run, isRefusal('cancelled', /Stopped/));
      const took = performance.now() - began;
      assert.ok(took < 500, `${took.toFixed(0)} ms`);
    }
    const other = session.bind();
    other.input('x', x);
    other.output('y', y);
    await assert.rejects(session.run(other, AbortSignal.abort()), isRefusal('cancelled'));
    session.dispose();
  });

  it('does not touch the runs after it', async () => {
    const session = await openSlow(runtime, 64, 200);
    const x = runtime.tensor(new Float32Array(64 * 64), [64, 64]);
    const y = runtime.tensor(new Float32Array(64 * 64), [64, 64]);
    const binding = session.bind();
    binding.input('x', x);
    binding.output('y', y);
    for (let time = 0; time < 30; time++) {
      const controller = new AbortController();
      const run = session.run(binding, controller.signal);
      if (time % 2 === 0) setImmediate(() => controller.abort());
      const code = await run.then(() => 'done', errorCode);
      assert.ok(time % 2 === 0 ? ['done', 'cancelled'].includes(code) : code === 'done', code);
      // A signal that fires when all is over stops nothing.
      controller.abort();
    }
    await session.run(binding, new AbortController().signal);
    session.dispose();
  });

  it('leaves no listener behind', async () => {
    const session = await openDoubling(runtime);
    const binding = session.bind();
    const x = runtime.tensor(Int32Array.of(1), [1]);
    const y = runtime.tensor(new Int32Array(1), [1]);
    binding.input('x', x);
    binding.output('y', y);
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args));
    for (let time = 0; time < 5; time++) await session.run(binding, signal);
    assert.equal(listeners, 0);
    session.dispose();
  });
});

describe('memory that is shared with the runtime', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

  it('stays in its place, small arrays too, while others are collected', async () => {
    const session = await openDoubling(runtime);
    for (let round = 0; round < 150; round++) {
      const numbers = Int32Array.from({ length: 1 + (round % 20) }, (_, index) => 1000 * round + index);
      const expected = numbers.map((value) => 2 * value);
      const junk = Array.from({ length: 100 }, () => new Int32Array(4));
      if (round % 5 === 0) collect();
      else collect({ type: 'minor' });
      const found = await doubled(session, numbers, () => collect({ type: 'minor' }));
      assert.deepEqual(found, expected);
      assert.equal(junk.length, 100);
    }
    session.dispose();
  });

  it('is held by what is bound, when nobody else holds it', async () => {
    const session = await openDoubling(runtime);
    const binding = session.bind();
    const result = new Int32Array(4);
    (() => {
      binding.input('x', runtime.tensor(Int32Array.of(1, 2, 3, 4), [4]));
      binding.output('y', runtime.tensor(result, [4]));
    })();
    for (let round = 0; round < 5; round++) {
      collect();
      await delay(1);
      // New arrays take the place of whatever was let go.
      for (let index = 0; index < 1000; index++) new Int32Array(4).fill(-1);
      await session.run(binding);
      assert.deepEqual([...result], [2, 4, 6, 8]);
    }
    session.dispose();
  });

  it('holds a model while another thread reads it', async () => {
    const opened = Array.from({ length: 20 }, () => openDoubling(runtime));
    collect();
    for (const session of await Promise.all(opened)) {
      assert.deepEqual([...(await doubled(session, Int32Array.of(3)))], [6]);
      session.dispose();
    }
  });

  it('does not grow with tensors, bindings and sessions that come and go', async () => {
    const session = await openDoubling(runtime);
    const round = async (): Promise<number> => {
      collect();
      const before = process.memoryUsage().rss;
      const big = new Int32Array(1e6).fill(1);
      for (let time = 0; time < 50; time++) await doubled(session, big);
      for (let time = 0; time < 80; time++) (await openDoubling(runtime)).dispose();
      collect();
      return (process.memoryUsage().rss - before) / 2 ** 20;
    };
    await round();
    const grown: number[] = [];
    for (let time = 0; time < 5; time++) grown.push(await round());
    // A leak shows in each round (50 results of 4 MB, 80 sessions), an allocator that keeps pages for later does not.
    const least = Math.min(...grown);
    assert.ok(least < 8, `${grown.map((each) => each.toFixed(1)).join(', ')} MiB more`);
    session.dispose();
  });
});
