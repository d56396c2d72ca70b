import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { ImcotError } from '../../../src/common/errors';
import { silentLogger } from '../../../src/common/logger';
import { startDynamics, type DynamicsClient } from '../../../src/dynamics/dynamicsClient';
import type { DynamicsView } from '../../../src/protocol/dynamicsView';
import { curveEvents } from '../../support/curveFiles';
import { ScratchFolder } from '../../support/scratchFolder';
import { PROJECT_ROOT } from '../../support/sources';

const line = (step: number): string => `step:${step} - score:${step / 7}\n`;

describe('the thread that holds the curves', () => {
  const scratch = new ScratchFolder();
  const workerPath = path.join(scratch.path, 'dynamicsWorker.js');
  let client: DynamicsClient | undefined;
  const start = (program = workerPath): DynamicsClient =>
    (client = startDynamics({ workerPath: program, logger: silentLogger }));

  before(async () => {
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/dynamics/dynamicsWorker.ts')],
      bundle: true,
      platform: 'node',
      outfile: workerPath,
      external: ['@sqlite.org/sqlite-wasm'],
      logLevel: 'error',
    });
  });
  afterEach(() => client?.dispose());
  after(() => scratch.remove());

  it('opens, draws, and tells of growth', async () => {
    const file = scratch.write('train.log', line(1) + line(2));
    const { remote, onDidChange } = start();
    const grown = new Promise<DynamicsView>((resolve) => {
      onDidChange((view) => {
        if (view.status === 'ready' && view.runs[0]?.steps?.count === 3) resolve(view);
      });
    });
    const view = await remote.open({ paths: [file], links: {}, follow: true });
    assert.equal(view.status, 'ready');
    const run = (view as Extract<DynamicsView, { status: 'ready' }>).runs[0]?.id ?? '';
    appendFileSync(file, line(3));
    await grown;
    const members = [{ run, key: 'score' }];
    const { curves } = await remote.curves({
      curves: [{ id: 'a', members }],
      x: 'step',
      columns: 9,
      smoothing: 0,
    });
    assert.deepEqual(curves[0]?.raw.y, Float64Array.of(1 / 7, 2 / 7, 3 / 7));
    await assert.rejects(
      remote.sourcePath('nobody'),
      (error) => error instanceof ImcotError && error.code === 'missing',
    );
  });

  it('is ended while it reads', async () => {
    const values = Array.from({ length: 60_000 }, (_, at) => at);
    const file = scratch.write('events.out.tfevents.1.n', curveEvents([{ key: 'score', values }]));
    const { remote, dispose } = start();
    const opening = remote.open({ paths: [file], links: {}, follow: false });
    const rejected = assert.rejects(
      opening,
      (error) => error instanceof ImcotError && error.code === 'cancelled',
    );
    dispose.call(client);
    await rejected;
  });

  it('says in a sentence that it crashed, or is not there', async () => {
    const crashing = path.join(scratch.path, 'crash.js');
    writeFileSync(
      crashing,
      "require('node:worker_threads').parentPort.on('message', () => { throw new Error('out of luck'); });",
    );
    for (const [program, words] of [
      [crashing, /crashed \(out of luck\)/],
      [path.join(scratch.path, 'none.js'), /is missing: .*none\.js/],
    ] as const) {
      const started = start(program);
      const told: string[] = [];
      started.onDidFail((sentence) => told.push(sentence));
      await assert.rejects(started.remote.sourcePath('x'), words);
      await assert.rejects(started.remote.sourcePath('x'), words);
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', words);
    }
  });
});
