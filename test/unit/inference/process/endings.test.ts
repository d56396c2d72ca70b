import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ImcotError } from '../../../../src/common/errors';
import { startInferenceProcess } from '../../../../src/inference/onnx/process/inferenceProcess';
import {
  endAll,
  hooks,
  isAlive,
  keepingLogger,
  openFake,
  optionsFor,
  startFake,
  untilDead,
} from './support/processes';

const FOREVER = { sampling: { temperature: 0 }, maxTokens: 1e6 };
const posix = process.platform !== 'win32';

async function failure(promise: Promise<unknown>): Promise<ImcotError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    return thrown;
  }
  return assert.fail('nothing was thrown');
}

describe('the end of a model process', () => {
  afterEach(endAll);

  for (const afterMs of [5, 40, 150]) {
    it(`kill -9 ${afterMs} ms into a generation: reader, later calls and onEnd say so; the next start works`, async () => {
      const { process, model } = await openFake('plain');
      const [sequence, waiting] = [await model.start(), await model.start()];
      const ends: ImcotError[] = [];
      model.onEnd((reason) => ends.push(reason));
      setTimeout(() => globalThis.process.kill(process.pid!, 'SIGKILL'), afterMs);
      const pending = failure(waiting.appendText('slow'));
      const error = await failure(
        (async () => {
          for await (const event of sequence.generate(FOREVER)) assert.equal(event.type, 'token');
        })(),
      );
      assert.match(
        error.message,
        /^The process of plain ended while running: it was killed \(SIGKILL\), often for lack of memory\./,
      );
      assert.equal(await pending, error);
      assert.equal(await failure(sequence.appendText('x')), error);
      assert.equal(await failure(sequence.fork()), error);
      assert.equal(await failure(model.start()), error);
      assert.deepEqual(ends, [error]);
      const next = await openFake('plain');
      assert.equal(await (await next.model.start()).appendText('ab'), 2);
    });
  }

  for (const afterMs of [0, 300, 900]) {
    it(`kill -9 ${afterMs} ms after the start, while loading`, async () => {
      const process = startFake();
      setTimeout(() => globalThis.process.kill(process.pid!, 'SIGKILL'), afterMs);
      const error = await failure(process.open(optionsFor('long-load'), hooks()));
      assert.match(error.message, /long-load ended while (starting|loading): it was killed \(SIGKILL\)/);
      await process.gone;
    });
  }

  const faults = [
    ['crash', posix ? /it crashed \(SIGSEGV\)/ : /it (crashed|ended)/, 'internal'],
    ['exit', /it ended with exit code 7/, 'internal'],
    ['throw', /exit code 1; it said "Error: a bug in the runtime"/, 'internal'],
    ['heap', /JavaScript heap was full/, 'limit'],
  ] as const;
  for (const [word, sentence, code] of faults) {
    it(`tells "${word}" from the others`, async () => {
      const { model } = await openFake('plain', {
        execArgv: ['--max-old-space-size=60', '--import', 'tsx'],
      });
      const error = await failure((await model.start()).appendText(word));
      assert.match(error.message, sentence);
      assert.equal(error.code, code);
    });
  }

  it('ends a process that hangs while it runs', async () => {
    const { process, model } = await openFake('plain', { limits: { silentRun: 800 } });
    const sequence = await model.start();
    const begin = performance.now();
    const error = await failure(sequence.appendText('block'));
    assert.match(error.message, /plain gave no sign of life for 1 s while running, so it was ended/);
    assert.ok(performance.now() - begin < 3000);
    await process.gone;
    assert.equal(isAlive(process.pid!), false);
  });

  it('ends a process that hangs while it loads', async () => {
    const process = startFake({ limits: { silentLoad: 800 } });
    const error = await failure(process.open(optionsFor('block-load'), hooks()));
    assert.match(error.message, /block-load gave no sign of life .* while loading/);
  });

  it('lets a run hold the thread for less than the limit', async () => {
    const { model } = await openFake('plain', { limits: { silentRun: 3000 } });
    const sequence = await model.start();
    assert.equal(await sequence.appendText('block 1200'), 10);
  });

  it('stops a load by signal at once, and the process ends, even one that does not listen', async () => {
    for (const name of ['long-load', 'deaf-load']) {
      const process = startFake({ limits: { grace: 500 } });
      const stopping = new AbortController();
      let asked = 0;
      const error = await failure(
        process.open(optionsFor(name), {
          signal: stopping.signal,
          onProgress: ({ fraction }) => {
            if (fraction === undefined || fraction < 0.01 || asked > 0) return;
            asked = performance.now();
            stopping.abort();
          },
        }),
      );
      assert.equal(error.code, 'cancelled');
      assert.ok(performance.now() - asked < 100);
      await process.gone;
    }
  });

  it('ends when the model is disposed: gently, or by force when it does not answer', async () => {
    for (const text of [undefined, 'block']) {
      const { process, model } = await openFake('plain', { limits: { grace: 300 } });
      const sequence = await model.start();
      const pending = text === undefined ? undefined : failure(sequence.appendText(text));
      await delay(30);
      model.dispose();
      assert.equal((await failure(sequence.appendText('x'))).code, 'cancelled');
      if (pending) assert.match((await pending).message, /plain was unloaded/);
      await process.gone;
      assert.equal(isAlive(process.pid!), false);
    }
  });

  it('passes on what loading throws, and the process ends', async () => {
    const process = startFake();
    const error = await failure(process.open(optionsFor('missing'), hooks()));
    assert.deepEqual([error.code, /There is no checkpoint/.test(error.message)], ['missing', true]);
    await process.gone;
  });

  it('names a program that can not be started, and one that never says a word', async () => {
    const missing = startFake({ nodeExecutable: path.join(__dirname, 'no-such-node') });
    const error = await failure(missing.open(optionsFor('plain'), hooks()));
    assert.match(error.message, /no-such-node \(.*ENOENT.*imcot\.inference\.nodeExecutable/);
    assert.equal(error.code, 'missing');
    await missing.gone;
    const workerPath = path.join(__dirname, 'support/silentWorker.ts');
    const silent = startFake({ workerPath, limits: { start: 800 } });
    const silence = await failure(silent.open(optionsFor('plain'), hooks()));
    assert.match(silence.message, /plain gave no sign of life for 1 s while starting/);
    await silent.gone;
  });

  it('says when its own program is not built', () => {
    const workerPath = path.join(__dirname, 'nothing.js');
    assert.throws(() => startInferenceProcess({ workerPath, logger: keepingLogger() }), /is missing/);
  });

  it('bounds what a noisy process writes to the log', async () => {
    const logger = keepingLogger();
    await openFake('noisy', { logger });
    await endAll();
    const lines = logger.lines.filter((line) => line.includes('line '));
    assert.ok(lines.length > 10 && lines.length < 100, `${lines.length} lines`);
    assert.ok(lines.every((line) => !line.includes('\u001b')));
    assert.ok(
      logger.lines.some((line) => /\d{3} more lines/.test(line)),
      logger.lines.slice(-3).join('|'),
    );
  });

  for (const state of ['generate', 'block']) {
    it(`does not outlive its parent while it is at "${state}"`, async function () {
      this.timeout(30_000);
      const parent = spawn(
        process.execPath,
        ['--import', 'tsx', path.join(__dirname, 'support/orphanParent.ts'), state],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(printed.toString());
      assert.equal(isAlive(pid), true);
      await delay(50);
      parent.kill('SIGKILL');
      assert.equal(await untilDead(pid, 6000), true, `process ${pid} is still there`);
    });
  }
});
