import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { ImcotError } from '../../../src/common/errors';
import { FileSource } from '../../../src/files/fileSource';
import { InProcessIndexer, WorkerIndexer, type Indexer } from '../../../src/files/indexClient';
import { openTrajectorySource } from '../../../src/files/openSource';
import { PROJECT_ROOT } from '../../support/sources';
import { numbered, shortOf, tinyReader } from './support/tinyLog';

const COUNT = 150_000;
const code = (wanted: string, words: RegExp) => (error: unknown) =>
  error instanceof ImcotError && error.code === wanted && words.test(error.message);

describe('indexing in a worker', () => {
  let folder = '';
  let log = '';
  let workerPath = '';
  const signal = new AbortController().signal;

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-worker-'));
    log = path.join(folder, 'log.jsonl');
    workerPath = path.join(folder, 'indexWorker.js');
    writeFileSync(log, numbered(0, COUNT, 'x'.repeat(100)));
    await build({
      entryPoints: [path.join(PROJECT_ROOT, 'src/files/indexWorker.ts')],
      bundle: true,
      platform: 'node',
      outfile: workerPath,
      logLevel: 'error',
    });
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A worker that does as the text says. */
  function broken(name: string, text: string): WorkerIndexer {
    const file = path.join(folder, name);
    writeFileSync(file, `const { parentPort } = require('node:worker_threads');\n${text}`);
    return new WorkerIndexer(file);
  }
  async function run(indexer: Indexer, from = 0) {
    const file = await FileSource.open(log);
    const starts: number[] = [];
    try {
      const end = await indexer.index(file, from, (batch) => starts.push(...batch.starts), signal);
      return { starts, end: { end: end.end, size: end.size, openRecord: end.openRecord } };
    } finally {
      await indexer.stop();
      await file.close();
    }
  }

  it('finds what is found in process', async () => {
    const expected = await run(new InProcessIndexer());
    assert.equal(expected.starts.length, COUNT);
    assert.deepEqual(await run(new WorkerIndexer(workerPath)), expected);
    const from = expected.starts[1000] ?? 0;
    assert.deepEqual((await run(new WorkerIndexer(workerPath), from)).starts, expected.starts.slice(1000));
  });

  it('does several files with one worker', async () => {
    const indexer = new WorkerIndexer(workerPath);
    const file = await FileSource.open(log);
    const ends = await Promise.all(
      [0, 0, 0].map((from) => indexer.index(file, from, () => undefined, signal)),
    );
    assert.equal(new Set(ends.map(({ end }) => end)).size, 1);
    await indexer.stop();
    await file.close();
  });

  it('indexes the file of a source, and answers before it is done', async () => {
    const source = await openTrajectorySource(log, { index: 'worker', workerPath, readers: [tinyReader] });
    assert.equal(shortOf(await source.record(3)), '3');
    assert.equal(shortOf(await source.record(COUNT - 1)), String(COUNT - 1));
    assert.equal((await source.indexed()).records, COUNT);
    source.dispose();
  });

  it('turns a crash, an exit and a missing file into sentences', async () => {
    const throwing = broken(
      'throws.js',
      "parentPort.on('message', () => { throw new Error('out of luck'); });",
    );
    await assert.rejects(
      run(throwing),
      code('internal', /log\.jsonl failed: the index worker crashed.*out of luck/),
    );
    const exiting = broken('exits.js', "parentPort.on('message', () => process.exit(3));");
    await assert.rejects(run(exiting), code('internal', /crashed \(it ended with code 3\)/));
    const unreadable = broken('syntax.js', 'this is no program');
    await assert.rejects(run(unreadable), code('internal', /crashed/));
    await assert.rejects(
      run(new WorkerIndexer(path.join(folder, 'none.js'))),
      code('internal', /is missing/),
    );
  });

  it('keeps the first records when the worker crashes, and says so in the state', async () => {
    const file = path.join(folder, 'throws.js');
    writeFileSync(file, "require('node:worker_threads').parentPort.on('message', () => process.exit(9));");
    const source = await openTrajectorySource(log, {
      index: 'worker',
      workerPath: file,
      readers: [tinyReader],
    });
    await assert.rejects(source.indexed(), /index worker crashed/);
    assert.match(source.state.failure ?? '', /index worker crashed/);
    assert.equal(shortOf(await source.record(1000)), '1000');
    source.dispose();
  });

  it('stops when it is given up, and reports a failing descriptor', async () => {
    const file = await FileSource.open(log);
    const indexer = new WorkerIndexer(workerPath);
    const running = indexer.index(file, 0, () => undefined, signal);
    const outcome = assert.rejects(running, code('cancelled', /stopped/));
    await indexer.stop();
    await outcome;
    await assert.rejects(
      indexer.index(file, 0, () => undefined, signal),
      code('cancelled', /stopped/),
    );
    await file.close();
    const gone = { name: 'gone.jsonl', descriptor: 1_000_000 } as unknown as FileSource;
    await assert.rejects(
      new WorkerIndexer(workerPath).index(gone, 0, () => undefined, signal),
      /gone\.jsonl could not/,
    );
  });
});
