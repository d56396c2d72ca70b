import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildWorker } from '../../../../scripts/torture/buildWorker';
import { torture } from '../../../../scripts/torture/torture';
import type { Round } from '../../../../scripts/torture/torture';
import { writeRandomCheckpoint } from '../../../support/randomCheckpoint';

const ROUNDS: readonly Round[] = [
  { activity: 'quantise', blow: 'SIGKILL' },
  { activity: 'prefill', blow: 'SIGKILL' },
  { activity: 'load', blow: 'SIGKILL' },
  { activity: 'decode', blow: 'SIGKILL' },
  { activity: 'quantise', blow: 'SIGKILL' },
  { activity: 'decode', blow: 'SIGSEGV' },
  { activity: 'prefill', blow: 'SIGSTOP' },
];

describe('a model whose process is killed at random moments', () => {
  let bundle = '';
  let workFolder = '';
  before(() => {
    // Inside the project, where the bundle finds its modules.
    const bundles = path.join(__dirname, '../../../../out/torture');
    mkdirSync(bundles, { recursive: true });
    bundle = mkdtempSync(path.join(bundles, 'worker-'));
    workFolder = mkdtempSync(path.join(tmpdir(), 'imcot-torture-'));
  });
  after(() => {
    rmSync(bundle, { recursive: true, force: true });
    rmSync(workFolder, { recursive: true, force: true });
  });

  it('is told of, starts again with the same words, and leaves nothing behind', async function () {
    this.timeout(180_000);
    // Windows has no signals that crash or freeze another process.
    const rounds = process.platform === 'win32' ? ROUNDS.filter(({ blow }) => blow === 'SIGKILL') : ROUNDS;
    const folder = path.join(workFolder, 'checkpoint');
    const text = { hiddenSize: 256, layers: 6, heads: 4, intermediateSize: 1024, vocabularySize: 4096 };
    await writeRandomCheckpoint(folder, { text });
    const seed = Math.floor(Math.random() * 2 ** 32);
    const workerPath = await buildWorker(bundle);
    const { hits, problems } = await torture({ workerPath, folder, workFolder, rounds, seed });
    assert.deepEqual(problems, [], `seed ${seed}`);
    assert.equal(
      [...hits.values()].reduce((sum, count) => sum + count, 0),
      rounds.length,
    );
  });
});
