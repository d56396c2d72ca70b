import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildWorker } from '../../../scripts/torture/buildWorker';
import { tortureCommand } from '../../../scripts/torture/command';
import { drawMoment } from '../../../scripts/torture/moments';
import { tortureRollouts } from '../../../scripts/torture/rollouts';
import { PROJECT_ROOT } from '../../support/sources';

const ROUNDS = 5;

describe('a rollout that is being recorded', function () {
  this.timeout(180_000);
  let programs = '';
  let workFolder = '';
  const seed = Math.floor(Math.random() * 2 ** 32);
  beforeEach(() => {
    // Inside the project, where the bundles find their modules.
    const bundles = path.join(PROJECT_ROOT, 'out/torture');
    mkdirSync(bundles, { recursive: true });
    programs = mkdtempSync(path.join(bundles, 'killed-'));
    workFolder = mkdtempSync(path.join(tmpdir(), 'imcot-killed-'));
  });
  afterEach(() => {
    rmSync(programs, { recursive: true, force: true });
    rmSync(workFolder, { recursive: true, force: true });
  });

  it('is in its file as far as it went when the model’s process is killed, and the next one is as ever', async () => {
    const workerPath = await buildWorker(programs);
    const blows = Array.from({ length: ROUNDS }, () => 'SIGKILL' as const);
    const { hits, texts, problems } = await tortureRollouts({ workerPath, workFolder, blows, seed });
    assert.deepEqual(problems, [], `seed ${seed}`);
    const all = [...hits.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(all, ROUNDS);
    assert.ok(texts > 0 && (hits.get('all was said') ?? 0) < ROUNDS, `seed ${seed}: nothing was struck`);
  });

  it('is in its file as far as it was printed when imcot run is killed, and is gone on with', async () => {
    const report = await tortureCommand({ programs, workFolder, rounds: 1, seed });
    assert.deepEqual(report.problems, [], `seed ${seed}`);
  });
});

describe('a random moment', () => {
  const at = (share: number): ReturnType<typeof drawMoment> =>
    drawMoment([100, 110, 500, 1000], { uniform: () => share });

  it('is counted in steps, and slow ones are hit more often', () => {
    assert.deepEqual(at(0), { after: 0, wait: 0 });
    const { after, wait } = at(0.3);
    assert.equal(after, 2);
    assert.ok(Math.abs(wait - (291 - 110)) < 1e-9);
    assert.equal(at(0.999).after, 3);
  });
});
