import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { appendFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { readTensor } from '../../../../../src/inference/onnx/checkpoint/readTensor';
import { quantiseBlocks } from '../../../../../src/inference/onnx/quantise/blocks';
import { expectedBytes } from '../../../../../src/inference/onnx/quantise/layout';
import { openQuantised } from '../../../../../src/inference/onnx/quantise/quantisedWeights';
import { CacheFixture } from './support/cacheFixture';

describe('quantised weights', () => {
  let fixture: CacheFixture;
  beforeEach(() => {
    fixture = new CacheFixture();
  });
  afterEach(() => fixture.remove());

  it('hold every linear at its place, lm_head with 8 bits, in a file of the expected size', async () => {
    for (const [bits, tied, type] of [
      [4, false, 'BF16'],
      [8, true, 'F32'],
    ] as const) {
      // The tied head is large enough to be done in several pieces.
      const checkpoint = fixture.checkpoint({ tied, type, ...(tied && { vocabulary: 8000 }) });
      const identity = async (): Promise<string> => type;
      const made = await openQuantised(checkpoint, fixture.options({ bits, identity }));
      const head = tied ? 'model.embed_tokens.weight' : 'lm_head.weight';
      assert.equal(made.fresh, true);
      assert.equal(made.tensors.size, 2 * 7 + 1);
      const file = readFileSync(path.join(made.folder, made.file));
      assert.equal(file.length, expectedBytes(checkpoint, bits));
      for (const [name, tensor] of made.tensors) {
        const weights = await readTensor(checkpoint.tensors.get(name)!);
        assert.equal(tensor.bits, name === head ? 8 : bits);
        assert.equal(tensor.n * tensor.k, weights.length);
        const { packed, scales } = quantiseBlocks(weights, tensor.k, tensor.bits, tensor.blockSize);
        const part = ({ offset, length }: { offset: number; length: number }): Buffer => {
          assert.equal(offset % 4096, 0);
          return file.subarray(offset, offset + length);
        };
        assert.ok(part(tensor.packed).equals(packed), name);
        assert.ok(part(tensor.scales).equals(new Uint8Array(scales.buffer)), name);
      }
    }
  });

  it('are made once for a content, precision and cache, with progress up to the last byte', async () => {
    const checkpoint = fixture.checkpoint();
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number): number => seen.push([done, total]);
    assert.equal((await openQuantised(checkpoint, fixture.options({ onProgress }))).fresh, true);
    const total = expectedBytes(checkpoint, 4);
    assert.deepEqual(seen.at(-1), [total, total]);
    assert.ok(seen.every(([done], i) => i === 0 || done >= seen[i - 1]![0]));
    seen.length = 0;
    assert.equal((await openQuantised(checkpoint, fixture.options({ onProgress }))).fresh, false);
    assert.deepEqual(seen, []);
    const other = async (): Promise<string> => 'two';
    assert.equal((await openQuantised(checkpoint, fixture.options({ identity: other }))).fresh, true);
    assert.equal((await openQuantised(checkpoint, fixture.options({ bits: 8 }))).fresh, true);
    assert.equal(fixture.names.length, 3);
  });

  describe('that are damaged are made anew', () => {
    const damages: Record<string, (folder: string) => void> = {
      'weights cut short': (folder) => truncateSync(path.join(folder, 'weights.bin'), 5000),
      'weights grown': (folder) => appendFileSync(path.join(folder, 'weights.bin'), 'x'),
      'one bit of the weights': (folder) => flip(path.join(folder, 'weights.bin'), 40_000),
      'one bit of the manifest': (folder) => flip(path.join(folder, 'manifest.json'), 150),
      'no manifest': (folder) => truncateSync(path.join(folder, 'manifest.json'), 0),
      'manifest of another checkpoint': (folder) => {
        const file = path.join(folder, 'manifest.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace('"one"', '"two"'));
      },
    };
    for (const [name, damage] of Object.entries(damages)) {
      it(name, async () => {
        const checkpoint = fixture.checkpoint();
        const { folder, file, release } = await openQuantised(checkpoint, fixture.options());
        const whole = read(path.join(folder, file));
        await release();
        damage(folder);
        const again = await openQuantised(checkpoint, fixture.options());
        assert.equal(again.fresh, true);
        assert.ok(read(path.join(again.folder, again.file)).equals(whole));
        assert.equal(fixture.names.length, 1);
        assert.equal((await openQuantised(checkpoint, fixture.options())).fresh, false);
      });
    }

    it('a bit that changed although the time did not, in a file of so few chunks that all are looked at', async () => {
      const checkpoint = fixture.checkpoint();
      for (const verify of [false, true]) {
        const { folder, file } = await openQuantised(checkpoint, fixture.options());
        const place = path.join(folder, file);
        const { mtimeMs, atimeMs, size } = statSync(place);
        flip(place, size >> 1);
        utimesSync(place, atimeMs / 1000, mtimeMs / 1000);
        assert.equal((await openQuantised(checkpoint, fixture.options({ verify }))).fresh, true);
      }
    });
  });

  it('that were copied, so that only their time differs, are used', async () => {
    const checkpoint = fixture.checkpoint();
    const { folder, file } = await openQuantised(checkpoint, fixture.options());
    utimesSync(path.join(folder, file), 1000, 1000);
    assert.equal((await openQuantised(checkpoint, fixture.options())).fresh, false);
  });

  it('refuse a weight that is not a number, and name its tensor', async () => {
    const checkpoint = fixture.checkpoint();
    const { file, offset } = checkpoint.tensors.get('model.layers.1.mlp.up_proj.weight')!;
    const bytes = read(file);
    bytes.writeUInt16LE(0x7fc0, offset + 202);
    writeFileSync(file, bytes);
    await assert.rejects(openQuantised(checkpoint, fixture.options()), {
      code: 'input',
      message: /layers\.1\.mlp\.up_proj\.weight in .* not a finite number/,
    });
    assert.deepEqual(fixture.names, []);
  });

  it('refuse a checkpoint that is cut, gone or changes meanwhile', async () => {
    const checkpoint = fixture.checkpoint();
    const { file } = checkpoint.tensors.get('lm_head.weight')!;
    let touched = false;
    const onProgress = (): void => {
      if (!touched) appendFileSync(file, 'more');
      touched = true;
    };
    const options = fixture.options({ onProgress });
    await assert.rejects(openQuantised(checkpoint, options), { code: 'input', message: /changed while/ });
    truncateSync(file, statSync(file).size - 100);
    await assert.rejects(openQuantised(checkpoint, options), { code: 'input', message: /lm_head\.weight/ });
    assert.deepEqual(fixture.names, []);
    const gone = { ...checkpoint, tensors: new Map([...checkpoint.tensors].slice(0, 5)) };
    await assert.rejects(openQuantised(gone, options), { code: 'input', message: /no matrix/ });
  });

  it('stop within 100 ms and leave nothing behind', async () => {
    const checkpoint = fixture.checkpoint({ hidden: 1024, intermediate: 4096, vocabulary: 30_000 });
    const stop = new AbortController();
    let stopped = 0;
    const onProgress = (done: number): void => {
      if (done < 1e6 || stopped > 0) return;
      stopped = performance.now();
      stop.abort();
    };
    const opening = openQuantised(checkpoint, fixture.options({ onProgress, signal: stop.signal }));
    await assert.rejects(opening, { code: 'cancelled' });
    // 100 ms is what a stop may take; twice that where the machine is busy.
    assert.ok(performance.now() - stopped < 200, `${String(performance.now() - stopped)} ms`);
    assert.deepEqual(fixture.names, []);
    await assert.rejects(openQuantised(checkpoint, fixture.options({ signal: AbortSignal.abort() })), {
      code: 'cancelled',
    });
  });

  it('let the event loop turn while they are made', async () => {
    const checkpoint = fixture.checkpoint({ hidden: 1024, intermediate: 4096, vocabulary: 10_000 });
    let last = performance.now();
    const gaps: number[] = [];
    const timer = setInterval(() => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
    }, 1);
    await openQuantised(checkpoint, fixture.options());
    clearInterval(timer);
    const sorted = gaps.sort((a, b) => a - b);
    const most = sorted[Math.floor(sorted.length * 0.95)]!;
    // The goal is 50 ms on a machine with nothing else to do.
    assert.ok(sorted.length > 10 && most < 500, `${String(most)} ms`);
  });

  describe('say in a sentence', () => {
    it('that the disk is too full, with the figures', async () => {
      const checkpoint = fixture.checkpoint();
      const freeBytes = async (): Promise<number> => 12_300_000;
      const big = fixture.checkpoint({ hidden: 2048, intermediate: 4096 });
      await assert.rejects(openQuantised(big, fixture.options({ freeBytes })), {
        code: 'limit',
        message: /need 48 MB, and the disk of .*cache has 12 MB free/,
      });
      assert.deepEqual(fixture.names, []);
      assert.equal((await openQuantised(checkpoint, fixture.options({ freeBytes }))).fresh, true);
    });

    it('that the cache may not grow so large', async () => {
      const maxCacheBytes = 100_000;
      await assert.rejects(openQuantised(fixture.checkpoint(), fixture.options({ maxCacheBytes })), {
        code: 'limit',
        message: /may hold 0\.1 MB\. Raise the limit/,
      });
    });

    it('that the cache folder is a file', async () => {
      writeFileSync(fixture.cache, 'mine');
      await assert.rejects(openQuantised(fixture.checkpoint(), fixture.options()), {
        code: 'usage',
        message: /is a file/,
      });
      assert.equal(readFileSync(fixture.cache, 'utf8'), 'mine');
    });

    it('that something else has the place of the entry', async () => {
      const { folder, release } = await openQuantised(fixture.checkpoint(), fixture.options());
      await release();
      const key = path.basename(folder);
      const cacheFolder = path.join(fixture.root, 'other');
      mkdirSync(cacheFolder);
      writeFileSync(path.join(cacheFolder, key), 'mine');
      await assert.rejects(openQuantised(fixture.checkpoint(), fixture.options({ cacheFolder })), {
        code: 'usage',
      });
      assert.equal(readFileSync(path.join(cacheFolder, key), 'utf8'), 'mine');
      assert.ok(existsSync(folder));
    });
  });
});

/** A file's bytes; the declared type of a plain `Buffer` is not accepted where bytes are asked for. */
function read(file: string): Buffer & Uint8Array {
  return readFileSync(file) as Buffer & Uint8Array;
}

function flip(file: string, at: number): void {
  const bytes = read(file);
  bytes[at]! ^= 4;
  writeFileSync(file, bytes);
}
