import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buildSync } from 'esbuild';
import { PROJECT_ROOT } from '../../../../support/sources';
import { InProcessQuantiser } from '../../../../../src/inference/onnx/quantise/blockQuantiser';
import { openQuantised } from '../../../../../src/inference/onnx/quantise/quantisedWeights';
import {
  makeQuantiser,
  ThreadedQuantiser,
} from '../../../../../src/inference/onnx/quantise/threadedQuantiser';
import { CacheFixture } from './support/cacheFixture';

describe('quantising on threads', () => {
  let fixture: CacheFixture;
  let worker: string;
  before(() => {
    fixture = new CacheFixture();
    worker = path.join(fixture.root, 'quantiseWorker.js');
    const entryPoints = [path.join(PROJECT_ROOT, 'src/inference/onnx/quantise/quantiseWorker.ts')];
    buildSync({
      entryPoints,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node20',
      outfile: worker,
    });
  });
  after(() => fixture.remove());

  it('gives the file that one thread gives', async () => {
    // The matrices of two million weights are done in several jobs, which must come back in their order.
    const checkpoint = fixture.checkpoint({ hidden: 1024, intermediate: 2048, layers: 1, vocabulary: 3000 });
    const digests: string[] = [];
    const threads = new ThreadedQuantiser(worker, 3);
    for (const quantiser of [new InProcessQuantiser(), threads]) {
      const cacheFolder = path.join(fixture.root, `cache-${String(quantiser.width)}`);
      const { folder } = await openQuantised(
        checkpoint,
        fixture.options({ quantiser: () => quantiser, cacheFolder }),
      );
      const { manifest } = JSON.parse(readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as {
        manifest: { chunks: string[] };
      };
      digests.push(manifest.chunks.join());
    }
    threads.dispose();
    assert.ok(digests[0]!.length > 64);
    assert.equal(digests[1], digests[0]);
  });

  it('says what is wrong with the weights, and goes on', async () => {
    const threads = new ThreadedQuantiser(worker, 2);
    const job = (weights: Float32Array) =>
      threads.quantise({ bytes: new Uint8Array(weights.buffer), type: 'F32', k: 32, bits: 4, blockSize: 32 });
    await assert.rejects(job(new Float32Array(32).fill(NaN)), { code: 'input', message: /not a finite/ });
    for (let i = 0; i < 4; i++) assert.equal((await job(new Float32Array(64).fill(1))).scales.length, 2);
    threads.dispose();
  });

  it('fails when a thread dies, and leaves nothing behind', async () => {
    const script = path.join(fixture.root, 'dies.js');
    writeFileSync(
      script,
      "require('node:worker_threads').parentPort.on('message', () => { throw new Error('out of luck'); });",
    );
    const quantiser = new ThreadedQuantiser(script, 2);
    const opening = openQuantised(fixture.checkpoint(), fixture.options({ quantiser: () => quantiser }));
    await assert.rejects(opening, { code: 'internal', message: /thread that quantises ended: out of luck/ });
    assert.deepEqual(fixture.names, []);
    quantiser.dispose();
  });

  it('is chosen where there are processors and the script', () => {
    const chosen = makeQuantiser(worker, 4);
    assert.ok(chosen instanceof ThreadedQuantiser && chosen.width === 8);
    chosen.dispose();
    assert.ok(makeQuantiser(worker, 1) instanceof InProcessQuantiser);
    assert.ok(makeQuantiser(path.join(fixture.root, 'none.js'), 4) instanceof InProcessQuantiser);
  });
});
