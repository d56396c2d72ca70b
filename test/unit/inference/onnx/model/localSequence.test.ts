import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, ImcotError } from '../../../../../src/common/errors';
import type { Message } from '../../../../../src/inference/backend';
import type { LocalSequence } from '../../../../../src/inference/onnx/model/localSequence';
import { largestDifference } from '../../../../support/goldenQwen';
import { generated, openGoldenModel, type GoldenModel } from './support/goldenModel';

const say = (text: string, role: Message['role'] = 'user'): Message => ({
  role,
  parts: [{ type: 'text', text }],
});
const picture = (shade: number) => ({
  pixels: { width: 112, height: 84, data: new Uint8Array(112 * 84 * 3).map((_, at) => (at * shade) % 256) },
  key: `shade ${String(shade)}`,
});
const fails =
  (code: string, words = /./) =>
  (thrown: unknown) => {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    assert.equal(thrown.code, code, thrown.message);
    assert.match(thrown.message, words);
    return true;
  };
/** Ids that no special token has. */
const ids = (count: number, seed = 1): number[] =>
  Array.from({ length: count }, (_, at) => (at * 7 + seed * 13) % 1900);
const LAST = 1e-4;

/** Logits after the last token. */
const lastLogits = (sequence: LocalSequence): Promise<Float32Array> =>
  sequence.logitsAfter([sequence.length - 1]);

describe('a sequence', () => {
  let model: GoldenModel;
  before(async () => (model = await openGoldenModel()));
  after(() => model.core.dispose());
  beforeEach(() => model.runs.splice(0));

  describe('of calls', () => {
    it('takes them one after the other, in the order in which they came', async () => {
      const one = model.start();
      const calls = [
        one.appendText('first '),
        one.appendImage(picture(3)),
        one.appendText(' second '),
        one.appendTokens([5, 6, 7]),
        one.appendMessage(say('third')),
      ];
      const generation = generated(one);
      const mark = one.mark();
      assert.equal(mark.length, 0, 'nothing has happened yet');
      await Promise.all(calls);
      const all = await generation;
      const other = model.start();
      await other.appendText('first ');
      await other.appendImage(picture(3));
      await other.appendText(' second ');
      await other.appendTokens([5, 6, 7]);
      await other.appendMessage(say('third'));
      assert.deepEqual((await generated(other)).ids, all.ids);
      assert.equal(one.length, other.length);
      await Promise.all([one.close(), other.close()]);
    });

    it('goes on after calls that failed', async () => {
      const sequence = model.start();
      const calls = await Promise.allSettled([
        sequence.appendText('a'),
        sequence.appendTokens([1e9]),
        sequence.rewind({ length: 400 }),
        sequence.score(100),
        generated(sequence, { sampling: { temperature: -1 } }),
        generated(sequence, { maxTokens: NaN }),
        generated(sequence, { stopStrings: [''] }),
        sequence.appendText('b'),
      ]);
      for (const call of calls) {
        if (call.status === 'rejected') assert.equal(errorCode(call.reason), 'usage', String(call.reason));
      }
      assert.deepEqual(
        calls.map((call) => call.status === 'fulfilled'),
        [true, ...new Array<boolean>(6).fill(false), true],
      );
      await sequence.close();
    });

    it('refuses what makes no sense, with a sentence', async () => {
      const sequence = model.start();
      await assert.rejects(generated(sequence), fails('usage', /Nothing stands in the sequence/));
      await assert.rejects(sequence.appendTokens([]), fails('usage'));
      await assert.rejects(sequence.appendTokens([0.5]), fails('usage', /no token id/));
      await assert.rejects(sequence.appendTokens([-1]), fails('usage', /no token id/));
      await assert.rejects(sequence.appendTokens([2048]), fails('usage', /2048 is no token id/));
      await assert.rejects(sequence.appendText('x<|image_pad|>y'), fails('usage', /image mark/));
      await assert.rejects(sequence.appendMessage(say('x<|image_pad|>y')), fails('usage', /image mark/));
      assert.equal(sequence.length, 0);
      assert.deepEqual(await sequence.score(0), new Float32Array(0));
      await sequence.appendTokens([1, 2, 3]);
      for (const count of [3, -1, NaN, 0.5]) await assert.rejects(sequence.score(count), fails('usage'));
      for (const length of [4, -1, NaN, 1.5])
        await assert.rejects(sequence.rewind({ length }), fails('usage'));
      for (const place of [3, -1, 0.5, NaN])
        await assert.rejects(sequence.logitsAfter([place]), fails('usage'));
      const zero = { pixels: { width: 0, height: 0, data: new Uint8Array(0) } };
      await assert.rejects(sequence.appendImage(zero), (thrown) => thrown instanceof ImcotError);
      assert.equal(sequence.length, 3);
      await sequence.close();
    });
  });

  describe('that fails or is stopped', () => {
    it('is left as it was, and goes on as if nothing had been', async () => {
      const touched = model.start();
      const untouched = model.start();
      for (const sequence of [touched, untouched]) await sequence.appendMessage(say('Where is the kite?'));
      const before = touched.length;
      const controller = new AbortController();
      const long = touched.appendTokens(ids(2000), controller.signal);
      setTimeout(() => controller.abort(), 20);
      await assert.rejects(long, fails('cancelled'));
      await assert.rejects(touched.appendImage(picture(5), AbortSignal.abort()), fails('cancelled'));
      const message: Message = {
        role: 'user',
        parts: [
          { type: 'image', image: picture(7) },
          { type: 'text', text: 'x' },
        ],
      };
      await assert.rejects(touched.appendMessage(message, AbortSignal.abort()), fails('cancelled'));
      await assert.rejects(
        touched.appendTokens(ids(5000)),
        fails('limit', /5\d{3} tokens; the context length is 4096/),
      );
      assert.equal(touched.length, before);
      assert.deepEqual((await generated(touched)).ids, (await generated(untouched)).ids);
      await Promise.all([touched.close(), untouched.close()]);
    });

    it('hears the stop within half a second in a long prefill, and keeps nothing of it', async () => {
      const sequence = model.start();
      const controller = new AbortController();
      const appending = sequence.appendTokens(ids(4000), controller.signal);
      await delay(30);
      const began = performance.now();
      controller.abort();
      await assert.rejects(appending, fails('cancelled'));
      const took = performance.now() - began;
      assert.ok(took < 500, `${took.toFixed(0)} ms`);
      assert.equal(sequence.length, 0);
      await sequence.close();
    });

    it('hears the stop while another sequence computes', async () => {
      const busy = model.start();
      const waiting = model.start();
      const long = busy.appendTokens(ids(3000));
      const controller = new AbortController();
      const appending = waiting.appendTokens([1, 2, 3], controller.signal);
      controller.abort();
      await assert.rejects(appending, fails('cancelled'));
      await long;
      await Promise.all([busy.close(), waiting.close()]);
    });

    it('stops generating within a token, and keeps what came', async () => {
      const sequence = model.start();
      await sequence.appendTokens(ids(30));
      const controller = new AbortController();
      const first = await generated(sequence, { maxTokens: 500, signal: controller.signal }, (count) => {
        if (count === 5) controller.abort();
      });
      assert.equal(first.end.reason, 'cancelled');
      assert.equal(first.ids.length, 5);
      assert.equal(sequence.length, 35);
      const again = await generated(sequence, { signal: controller.signal });
      assert.deepEqual([again.ids, again.end.reason], [[], 'cancelled']);
      const other = model.start();
      await other.appendTokens(ids(30));
      const whole = await generated(other, { maxTokens: 12 });
      const rest = await generated(sequence, { maxTokens: 7 });
      assert.deepEqual([...first.ids, ...rest.ids], whole.ids);
      await Promise.all([sequence.close(), other.close()]);
    });

    it('is stopped at any moment of a generation without losing its place', async () => {
      const expectation = model.start();
      await expectation.appendTokens(ids(700));
      const whole = await generated(expectation, { maxTokens: 40 });
      const sequence = model.start();
      await sequence.appendTokens(ids(700));
      const start = sequence.mark();
      const found: number[] = [];
      for (let round = 0; found.length < 40 && round < 200; round++) {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort(), round % 9);
        found.push(
          ...(await generated(sequence, { maxTokens: 40 - found.length, signal: controller.signal })).ids,
        );
        clearTimeout(timer);
      }
      assert.deepEqual(found, whole.ids);
      await sequence.rewind(start);
      assert.deepEqual((await generated(sequence, { maxTokens: 40 })).ids, whole.ids);
      await Promise.all([sequence.close(), expectation.close()]);
    });
  });

  describe('that generates', () => {
    it('goes on after its loop was left early', async () => {
      const sequence = model.start();
      const other = model.start();
      for (const each of [sequence, other]) await each.appendMessage(say('Hello'));
      const found: number[] = [];
      for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 50 })) {
        if (event.type === 'token') found.push(event.id ?? -1);
        if (found.length === 3) break;
      }
      found.push(...(await generated(sequence, { maxTokens: 6 })).ids);
      assert.deepEqual(found, (await generated(other, { maxTokens: 9 })).ids);
      assert.equal(sequence.length, other.length);
      // Its turn is one, cut short: the template closes it.
      assert.deepEqual(await sequence.appendMessage(say('On')), await other.appendMessage(say('On')));
      assert.equal(largestDifference(await lastLogits(sequence), await lastLogits(other)) < LAST, true);
      await Promise.all([sequence.close(), other.close()]);
    });

    it('ends at maxTokens, none at all included, and where the context ends', async () => {
      const sequence = model.start();
      await sequence.appendTokens(ids(4090));
      const none = await generated(sequence, { maxTokens: 0 });
      assert.deepEqual([none.ids, none.end.reason], [[], 'length']);
      const few = await generated(sequence, { maxTokens: 2 });
      assert.deepEqual([few.ids.length, few.end.reason], [2, 'length']);
      const full = await generated(sequence, { maxTokens: 100 });
      assert.deepEqual([full.ids.length, full.end.reason, sequence.length], [4, 'context', 4096]);
      await assert.rejects(sequence.appendTokens([1]), fails('limit', /4097 tokens/));
      await sequence.close();
    });

    it('ends at a stop string, within a token and across tokens', async () => {
      const sequence = model.start();
      await sequence.appendTokens(ids(40, 3));
      const start = sequence.mark();
      const whole = await generated(sequence, { maxTokens: 40 });
      assert.equal(whole.end.stopString, undefined);
      for (let from = 2; from + 4 < whole.text.length; from += 9) {
        const stop = whole.text.slice(from, from + 4);
        await sequence.rewind(start);
        const cut = await generated(sequence, { maxTokens: 40, stopStrings: ['never ever', stop] });
        assert.equal(cut.end.reason, 'stopString', JSON.stringify(stop));
        assert.equal(cut.end.stopString, stop);
        assert.ok(cut.text.includes(stop) && whole.text.startsWith(cut.text), JSON.stringify(cut.text));
        assert.equal(cut.text.indexOf(stop), whole.text.indexOf(stop));
        // Not a token more than it takes.
        const allButLast = cut.tokens
          .slice(0, -1)
          .map((token) => token.text)
          .join('');
        assert.ok(!allButLast.includes(stop));
      }
      await sequence.close();
    });

    it('gives the same tokens for the same seed, and with another sequence in between', async () => {
      const sampling = { temperature: 1.3, topP: 0.95, seed: 42 };
      const one = model.start();
      await one.appendMessage(say('Tell me'));
      const start = one.mark();
      const alone = await generated(one, { sampling, maxTokens: 30 });
      assert.equal(alone.end.seed, 42);
      await one.rewind(start);
      const two = model.start();
      await two.appendTokens(ids(300));
      const [again] = await Promise.all([
        generated(one, { sampling, maxTokens: 30 }),
        generated(two, { sampling: { temperature: 1, seed: 1 }, maxTokens: 30 }),
        (async () => {
          await delay(5);
          const three = model.start();
          await three.appendTokens(ids(900));
          await three.close();
        })(),
      ]);
      assert.deepEqual(again.ids, alone.ids);
      await one.rewind(start);
      const fresh = await generated(one, { sampling: { temperature: 1.3 }, maxTokens: 30 });
      assert.ok(fresh.end.seed !== undefined);
      await one.rewind(start);
      const repeated = await generated(one, {
        sampling: { temperature: 1.3, seed: fresh.end.seed },
        maxTokens: 30,
      });
      assert.deepEqual(repeated.ids, fresh.ids);
      await Promise.all([one.close(), two.close()]);
    });

    it('takes turns with another that generates at the same time, each as if alone', async () => {
      const start = async (seed: number): Promise<LocalSequence> => {
        const sequence = model.start();
        await sequence.appendTokens(ids(50, seed));
        return sequence;
      };
      const alone = await Promise.all(
        [1, 2].map(async (seed) => (await generated(await start(seed), { maxTokens: 30 })).ids),
      );
      const order: number[] = [];
      const both = await Promise.all(
        [1, 2].map(
          async (seed) =>
            (await generated(await start(seed), { maxTokens: 30 }, () => void order.push(seed))).ids,
        ),
      );
      assert.deepEqual(both, alone);
      const changes = order.filter((seed, at) => seed !== order[at - 1]).length;
      assert.ok(changes > 20, `${String(changes)} turns`);
    });

    it('reports what score() says of the same tokens', async () => {
      const sequence = model.start();
      await sequence.appendImage(picture(11));
      await sequence.appendMessage(say('What is it?'));
      const { tokens } = await generated(sequence, {
        maxTokens: 150,
        topCount: 3,
        sampling: { temperature: 1, seed: 5 },
      });
      const scores = await sequence.score(tokens.length);
      const reported = tokens.map((token) => token.logProbability ?? NaN);
      assert.ok(largestDifference(scores, reported) < LAST, String(largestDifference(scores, reported)));
      for (const { top } of tokens) {
        assert.equal(top.length, 3);
        assert.ok(top[0]!.logProbability >= top[1]!.logProbability);
      }
      await sequence.close();
    });
  });

  describe('that goes back or forks', () => {
    it('computes only the last token again after going back', async () => {
      const sequence = model.start();
      await sequence.appendTokens(ids(600));
      const mark = sequence.mark();
      const first = await generated(sequence, { maxTokens: 5 });
      model.runs.splice(0);
      await sequence.rewind(mark);
      assert.deepEqual(model.runs, []);
      assert.deepEqual((await generated(sequence, { maxTokens: 5 })).ids, first.ids);
      assert.deepEqual(model.runs, [1, 1, 1, 1, 1]);
      await sequence.close();
    });

    it('is as if the rest had never been, from every mark, pictures included', async () => {
      const parts: ((sequence: LocalSequence) => Promise<unknown>)[] = [
        (sequence) => sequence.appendMessage(say('Look', 'system')),
        (sequence) =>
          sequence.appendMessage({
            role: 'user',
            parts: [
              { type: 'image', image: picture(3) },
              { type: 'text', text: 'Where?' },
            ],
          }),
        (sequence) => generated(sequence, { maxTokens: 8 }),
        (sequence) => sequence.appendImage(picture(5)),
        (sequence) => sequence.appendMessage(say('More')),
        (sequence) => generated(sequence, { maxTokens: 8 }),
      ];
      const sequence = model.start();
      const marks = [sequence.mark()];
      const logits: (Float32Array | undefined)[] = [undefined];
      for (const part of parts) {
        await part(sequence);
        marks.push(sequence.mark());
        logits.push(await lastLogits(sequence));
      }
      for (let at = parts.length - 1; at >= 0; at--) {
        await sequence.rewind(marks[at]!);
        for (const part of parts.slice(at)) await part(sequence);
        assert.equal(sequence.length, marks.at(-1)!.length, `from ${String(at)}`);
        assert.ok(largestDifference(await lastLogits(sequence), logits.at(-1)!) < LAST, `from ${String(at)}`);
        await sequence.rewind(marks[at]!);
        if (at > 0) assert.ok(largestDifference(await lastLogits(sequence), logits[at]!) < LAST);
      }
      await sequence.close();
    });

    it('forks into two that know nothing of each other', async () => {
      const trunk = model.start();
      await trunk.appendMessage(say('Tell'));
      await generated(trunk, { maxTokens: 3 });
      model.runs.splice(0);
      const fork = await trunk.fork();
      assert.equal(fork.length, trunk.length);
      assert.deepEqual(model.runs, [], 'a fork computes nothing');
      const untouched = await trunk.fork();
      const expected = (await generated(untouched, { maxTokens: 10 })).ids;
      await fork.appendText('something else altogether');
      await generated(fork, { maxTokens: 10 });
      assert.deepEqual((await generated(trunk, { maxTokens: 10 })).ids, expected);
      await trunk.close();
      await fork.rewind({ length: 2 });
      await generated(fork, { maxTokens: 2 });
      await Promise.all([fork.close(), untouched.close()]);
    });
  });

  describe('that is closed', () => {
    it('gives back its memory, once, and says so to whom comes later', async () => {
      const before = model.core.pool.bytes;
      const sequence = model.start();
      await sequence.appendTokens([1, 2]);
      assert.ok(model.core.pool.bytes > before);
      await Promise.all([sequence.close(), sequence.close()]);
      await sequence.close();
      assert.equal(model.core.pool.bytes, before);
      await assert.rejects(sequence.appendText('x'), fails('usage', /closed/));
      await assert.rejects(generated(sequence), fails('usage', /closed/));
      await assert.rejects(sequence.fork(), fails('usage', /closed/));
    });

    it('ends what runs first; what waits behind is told', async () => {
      const sequence = model.start();
      const appending = sequence.appendTokens(ids(1500));
      const closing = sequence.close();
      const late = sequence.appendText('late');
      await appending;
      await closing;
      await assert.rejects(late, fails('usage', /closed/));
    });
  });

  it('keeps what it holds when its cache grows, and computes the same as at once', async () => {
    const whole = model.start();
    await whole.appendTokens(ids(1300));
    const grown = model.start();
    for (const [from, to] of [
      [0, 3],
      [3, 511],
      [511, 513],
      [513, 1025],
      [1025, 1300],
    ] as const) {
      await grown.appendTokens(ids(1300).slice(from, to));
    }
    assert.equal(model.runs.slice(-6).reduce((sum, count) => sum + count, 0) <= 1300, true);
    assert.ok(largestDifference(await lastLogits(grown), await lastLogits(whole)) < LAST);
    assert.deepEqual((await generated(grown)).ids, (await generated(whole)).ids);
    await Promise.all([grown.close(), whole.close()]);
  });
});

describe('sequences in too little memory', () => {
  it('take each other the cache and compute again, with the same tokens and scores', async () => {
    const roomy = await openGoldenModel();
    const tight = await openGoldenModel({ sequenceMemory: 1 });
    try {
      const play = async ({ start }: GoldenModel, atOnce: boolean): Promise<unknown[]> => {
        const all = [1, 2, 3].map(async (seed) => {
          const sequence = start();
          await sequence.appendTokens(ids(500 + 40 * seed, seed));
          await sequence.appendImage(picture(seed));
          const { ids: found } = await generated(sequence, { maxTokens: 12 });
          const scores = await sequence.score(100);
          await sequence.close();
          return { found, scores: [...scores].map((score) => score.toFixed(3)) };
        });
        if (!atOnce) for (const one of all) await one;
        return Promise.all(all);
      };
      assert.deepEqual(await play(tight, true), await play(roomy, true));
      assert.ok(tight.runs.length > roomy.runs.length, 'the tight one has had to compute again');
      assert.equal(tight.core.pool.bytes, 0);
    } finally {
      roomy.core.dispose();
      tight.core.dispose();
    }
  });

  it('fork all the same', async () => {
    const tight = await openGoldenModel({ sequenceMemory: 1 });
    const one = tight.start();
    await one.appendTokens(ids(100));
    const two = await one.fork();
    const expected = (await generated(one)).ids;
    assert.deepEqual((await generated(two)).ids, expected);
    tight.core.dispose();
  });
});

describe('a model that goes while it is used', () => {
  it('ends every call with a sentence, whatever goes on', async () => {
    for (const wait of [0, 1, 3, 10, 30]) {
      const model = await openGoldenModel();
      const [a, b, c, d] = [model.start(), model.start(), model.start(), model.start()];
      await c.appendTokens([1, 2, 3]);
      const calls = [
        a.appendTokens(ids(4000)),
        generated(b),
        generated(c, { maxTokens: 4000 }),
        c.fork(),
        d.appendImage(picture(9)),
        d.appendMessage(say('x')),
        b.close(),
      ];
      const settled = Promise.allSettled(calls);
      await delay(wait);
      model.core.dispose();
      model.core.dispose();
      for (const call of await settled) {
        if (call.status === 'rejected') assert.ok(call.reason instanceof ImcotError, String(call.reason));
      }
      await assert.rejects(a.appendText('x'), fails('cancelled', /unloaded/));
      await assert.rejects(model.start().appendText('x'), fails('cancelled', /unloaded/));
      await Promise.all([a, b, c, d].map((sequence) => sequence.close()));
      assert.equal(model.core.pool.bytes, 0, `after ${String(wait)} ms`);
    }
  });

  it('leaves a loop that is half way through with a sentence', async () => {
    const model = await openGoldenModel();
    const sequence = model.start();
    await sequence.appendTokens([1, 2, 3]);
    const looping = generated(sequence, { maxTokens: 100 }, (count) => {
      if (count === 4) model.core.dispose();
    });
    await assert.rejects(looping, fails('cancelled', /unloaded/));
  });
});
