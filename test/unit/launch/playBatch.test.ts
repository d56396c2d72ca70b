import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ImcotError } from '../../../src/common/errors';
import type { Sequence } from '../../../src/inference/backend';
import type { BatchProgress } from '../../../src/launch/batch';
import { readLoggedRollouts } from '../../../src/launch/batchLog';
import { playBatch } from '../../../src/launch/playBatch';
import { ScriptedBackend } from '../../support/scriptedBackend';
import { qwenTemplate, realCutter } from '../rollout/support/rolloutLog';
import type { LogLine } from './support/batches';
import {
  ANSWER,
  answering,
  endings,
  manyQuestions,
  NO_ROLLOUTS,
  lostLog,
  playInto,
  wholeBatch,
  writePicture,
} from './support/batches';

/** A model whose process ends while it takes in its n-th prompt; from then on it begins nothing. */
class DyingBackend extends ScriptedBackend {
  gone: ImcotError | undefined;

  override start(): Promise<Sequence> {
    return this.gone ? Promise.reject(this.gone) : super.start();
  }
}

describe('playBatch', () => {
  let folder = '';
  let image = '';
  let file = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'imcot-batch-'));
    image = writePicture(folder, 'a.png');
    file = path.join(folder, 'run.imcot.jsonl');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const logLines = (): LogLine[] =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine);
  const starts = (): LogLine[] => logLines().filter(({ event }) => event === 'start');

  it('plays question by question, in groups, each sample with a seed of its own, and counts', async () => {
    const told: BatchProgress[] = [];
    const batch = { questions: manyQuestions(4, image), perQuestion: 3, concurrency: 1 };
    const result = await playInto(
      file,
      batch,
      { backend: await answering() },
      { onProgress: (progress) => told.push(progress) },
    );
    const { tokensPerSecond, ...counts } = result;
    assert.ok(tokensPerSecond === undefined || tokensPerSecond > 0);
    const tokens = counts.tokens;
    assert.deepEqual(counts, {
      total: 12,
      done: 12,
      resumed: 0,
      running: 0,
      judged: 12,
      correct: 6,
      failed: 0,
      tokens,
      end: 'done',
    });
    const texts = logLines().filter(({ event }) => event === 'text');
    assert.equal(tokens, texts.length);
    const order = starts().map((line) => line['id']);
    assert.deepEqual(order.slice(0, 4), ['q0.0', 'q0.1', 'q0.2', 'q1.0']);
    assert.deepEqual(starts()[4]?.['group'], { key: 'q1', provenance: 'uid' });
    const settings = starts().map((line) => line['settings'] as { seed: number; temperature: number });
    assert.deepEqual(new Set(settings.map(({ temperature }) => temperature)), new Set([1]));
    assert.deepEqual(
      settings.slice(0, 4).map(({ seed }) => seed),
      [7, 1007, 2007, 7],
    );
    const none = { done: 0, resumed: 0, running: 0, judged: 0, correct: 0, failed: 0, tokens: 0 };
    assert.deepEqual(told[0], { total: 12, ...none });
    assert.ok(told.every((progress, index) => progress.done >= (told[index - 1]?.done ?? 0)));
  });

  it('is greedy and without groups for one rollout of a question', async () => {
    await playInto(file, { questions: manyQuestions(2, image) }, { backend: await answering() });
    const [first] = starts();
    assert.equal(first?.['group'], undefined);
    assert.equal((first?.['settings'] as { temperature: number }).temperature, 0);
  });

  it('never runs more at a time than it may, and as many where there are enough', async () => {
    let [running, most] = [0, 0];
    const backend = await answering({ onAppend: () => sleep(2) });
    await playInto(
      file,
      { questions: manyQuestions(10, image), perQuestion: 2, concurrency: 3 },
      { backend },
      {
        onEvent: (_, { type }) => {
          if (type === 'start') most = Math.max(most, ++running);
          if (type === 'end') running--;
        },
      },
    );
    assert.equal(most, 3);
    assert.equal(backend.sequences.length, 20);
  });

  it('plays nothing twice: neither what has ended nor the same question under one name', async () => {
    const [question] = manyQuestions(1, image);
    assert.ok(question);
    const { id: _id, ...unnamed } = question;
    const questions = [unnamed, unnamed, { ...unnamed, image: writePicture(folder, 'b.png', 10) }];
    const first = await playInto(file, { questions }, { backend: await answering() });
    assert.equal(first.done, 3);
    const ids = starts().map((line) => String(line['id']));
    assert.equal(new Set(ids).size, 3);
    assert.equal(ids[1], `${ids[0]?.slice(0, -2)}-1.0`);
    const backend = await answering();
    const second = await playInto(file, { questions, perQuestion: 2 }, { backend });
    assert.deepEqual([second.total, second.done, second.resumed, second.judged], [6, 6, 3, 6]);
    assert.equal(backend.sequences.length, 3);
  });

  it('stops all that run within half a second, says so in the log, and goes on later', async () => {
    const controller = new AbortController();
    const backend = await answering({
      onAppend: async (_, index) => {
        if (index === 1 && backend.sequences.length >= 4) controller.abort();
        await sleep(5);
      },
    });
    let aborted = 0;
    controller.signal.addEventListener('abort', () => (aborted = performance.now()));
    const batch = { questions: manyQuestions(8, image), concurrency: 4 };
    const result = await playInto(file, batch, { backend, signal: controller.signal });
    assert.ok(performance.now() - aborted < 500);
    assert.deepEqual([result.end, result.running, result.done], ['cancelled', 0, 0]);
    const ends = endings(logLines());
    assert.ok(ends.length > 0 && ends.length <= 4);
    assert.ok(ends.every(({ end }) => end === 'cancelled'));
    const later = await playInto(file, batch, { backend: await answering() });
    assert.deepEqual([later.end, later.done, later.resumed], ['done', 8, 0]);
  });

  it('stopped before it begins plays nothing', async () => {
    const result = await playInto(
      file,
      { questions: manyQuestions(2, image) },
      { backend: await answering(), signal: AbortSignal.abort(), logged: NO_ROLLOUTS },
    );
    assert.deepEqual([result.end, result.done], ['cancelled', 0]);
    assert.deepEqual(endings(logLines()), []);
  });

  it('records what a picture that is none costs, and goes on', async () => {
    const broken = path.join(folder, 'broken.png');
    writeFileSync(broken, 'no picture');
    const [good, bad] = [manyQuestions(3, image), manyQuestions(2, broken)];
    const questions = [...bad.map((each, index) => ({ ...each, id: `bad${index}` })), ...good];
    const batch = { questions, perQuestion: 2, concurrency: 3 };
    const result = await playInto(file, batch, { backend: await answering() });
    assert.deepEqual([result.end, result.done, result.failed], ['done', 10, 4]);
    const errors = logLines().filter(({ event }) => event === 'error');
    assert.equal(errors.length, 4);
    assert.ok(errors.every((line) => String(line['message']).includes('broken.png')));
    const again = await playInto(file, batch, { backend: await answering() });
    assert.deepEqual([again.resumed, again.failed], [10, 4]);
    writePicture(folder, 'broken.png');
    const retried = await playInto(file, { ...batch, retryErrors: true }, { backend: await answering() });
    assert.deepEqual([retried.resumed, retried.done, retried.failed], [6, 10, 0]);
  });

  it('ends when the model is gone, with its reason, and loses nothing of it', async () => {
    const gone = new ImcotError('internal', 'The process ended: it was killed.');
    let prompts = 0;
    const backend: DyingBackend = new DyingBackend(await qwenTemplate(), [{ says: ANSWER }], {
      onAppend: (_, index) => {
        if (index === 1 && ++prompts === 6) backend.gone = gone;
        if (backend.gone) throw backend.gone;
      },
    });
    const batch = { questions: manyQuestions(10, image), concurrency: 3 };
    const result = await playInto(file, batch, { backend });
    assert.deepEqual([result.end, result.reason, result.failed], ['fault', gone.message, 0]);
    assert.ok(result.done >= 3 && result.done <= 5);
    const cancelled = logLines().filter(({ event }) => event === 'cancelled');
    assert.ok(cancelled.some((line) => line['reason'] === gone.message));
    const { ended } = await readLoggedRollouts(file);
    assert.ok([...ended.values()].every((status) => status === 'finished' || status === 'cancelled'));
    const later = await playInto(file, batch, { backend: await answering() });
    assert.deepEqual([later.end, later.done, later.resumed], ['done', 10, result.done]);
  });

  it('goes on after a fault in one rollout, and gives up where each one fails', async () => {
    let prompts = 0;
    const once = await answering({
      onAppend: () => {
        if (++prompts === 3) throw new ImcotError('internal', 'A hiccup.');
      },
    });
    const batch = { questions: manyQuestions(20, image), concurrency: 1 };
    const first = await playInto(file, batch, { backend: once });
    assert.deepEqual([first.end, first.done, first.failed], ['done', 20, 1]);
    rmSync(file);
    const never = await answering({
      onAppend: () => {
        throw new ImcotError('missing', 'The server does not answer.');
      },
    });
    const second = await playInto(file, batch, { backend: never });
    assert.deepEqual([second.end, second.failed], ['fault', 8]);
    assert.equal(second.reason, '8 rollouts in a row failed. The last one: The server does not answer.');
    const third = await playInto(file, { ...batch, retryErrors: true }, { backend: await answering() });
    assert.deepEqual([third.end, third.done, third.failed], ['done', 20, 0]);
  });

  it('ends when the log can no longer be written', async () => {
    const log = lostLog(folder);
    let lines = 0;
    const failing = new Proxy(log.recorder, {
      get: (recorder, name, receiver) =>
        name === 'start' && ++lines > 3
          ? () => {
              throw new ImcotError('denied', 'The disk is full.');
            }
          : (Reflect.get(recorder, name, receiver) as unknown),
    });
    const player = { backend: await answering(), cutter: realCutter, log: { ...log, recorder: failing } };
    const batch = wholeBatch({ questions: manyQuestions(9, image), concurrency: 1 });
    const result = await playBatch(batch, { ...player, logged: NO_ROLLOUTS });
    assert.deepEqual([result.end, result.reason, result.done], ['fault', 'The disk is full.', 3]);
  });

  it('closes what an earlier run left open, and scores what it left without a score', async () => {
    const questions = manyQuestions(2, image);
    await playInto(file, { questions }, { backend: await answering() });
    const lines = readFileSync(file, 'utf8').split('\n');
    const cut = lines.filter((line) => !/"event":"(?:verdict|reward)"/.test(line));
    const open = cut.filter((line) => !(line.startsWith('{"t":1,') && line.includes('"outcome"')));
    writeFileSync(file, open.join('\n'));
    const backend = await answering();
    const result = await playInto(file, { questions }, { backend });
    assert.deepEqual([result.done, result.resumed, result.judged, result.correct], [2, 1, 2, 1]);
    assert.equal(backend.sequences.length, 1);
    const after = logLines().slice(open.length - 1);
    assert.deepEqual(
      after.slice(0, 3).map(({ t, event }) => [t, event]),
      [
        [1, 'cancelled'],
        [0, 'verdict'],
        [0, 'reward'],
      ],
    );
    assert.equal(after[0]?.['reason'], 'Interrupted; played again.');
    const third = await playInto(file, { questions }, { backend: await answering() });
    assert.deepEqual([third.resumed, third.judged, third.correct], [2, 2, 1]);
  });

  it('refuses counts and protocols that do not exist before anything is played', async () => {
    const questions = manyQuestions(1, image);
    const backend = await answering();
    const usage = { code: 'usage' };
    await assert.rejects(playInto(file, { questions, concurrency: 0 }, { backend }), usage);
    await assert.rejects(playInto(file, { questions, perQuestion: 1.5 }, { backend }), usage);
    const choices = { protocol: 'none such' };
    await assert.rejects(playInto(file, { questions, choices }, { backend }), usage);
    await assert.rejects(playInto(file, { questions, choices: { maxTurns: 0 } }, { backend }), usage);
    assert.deepEqual(endings(logLines()), []);
  });

  it('keeps nothing of what has happened: the events of two thousand questions go', async function () {
    this.timeout(180_000);
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const log = lostLog(folder);
    const seen: WeakRef<object>[] = [];
    let alive = Infinity;
    const backend = await answering({
      onAppend: async (_, index) => {
        if (index !== 1 || backend.sequences.length < 1990 || alive < Infinity) return;
        alive = 0;
        await sleep(1);
        collect();
        alive = seen.filter((reference) => reference.deref() !== undefined).length;
      },
    });
    const result = await playBatch(
      wholeBatch({ questions: manyQuestions(2000, image), concurrency: 4 }),
      { backend, cutter: realCutter, log, logged: NO_ROLLOUTS },
      {
        onEvent: (_, event) => {
          if (event.type === 'turn') seen.push(new WeakRef(event));
        },
      },
    );
    assert.equal(result.done, 2000);
    assert.ok(seen.length === 2000 && alive < 50, `${alive} turns are still held`);
  });
});
