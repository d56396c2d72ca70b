import assert from 'node:assert/strict';
import type { GenerationEvent, Sequence } from '../../../../src/inference/backend';
import type { LoadProgress } from '../../../../src/inference/localModelOptions';
import { RUN_AHEAD } from '../../../../src/inference/onnx/process/generationSender';
import type { RemoteModel } from '../../../../src/inference/onnx/process/remoteModel';
import { TOKEN_MS } from './support/fakeModel';
import { endAll, openFake, optionsFor, startFake } from './support/processes';

const GREEDY = { temperature: 0 };

async function texts(events: AsyncIterable<GenerationEvent>): Promise<string[]> {
  const all: string[] = [];
  for await (const event of events) all.push(event.type === 'token' ? event.text : `<${event.reason}>`);
  return all;
}

describe('a model in another process', () => {
  let model: RemoteModel;
  let sequence: Sequence;

  before(async () => {
    ({ model } = await openFake('plain'));
  });
  beforeEach(async () => {
    sequence = await model.start();
  });
  after(endAll);

  it('says what it is, and how loading went', async () => {
    assert.equal(model.capabilities.model, 'plain');
    assert.deepEqual(model.defaults, { temperature: 0.5, repetitionPenalty: 1.05 });
    const stages: LoadProgress[] = [];
    const signal = new AbortController().signal;
    await startFake().open(optionsFor('other'), { onProgress: (progress) => stages.push(progress), signal });
    assert.deepEqual(stages, [{ stage: 'testing', message: 'Testing' }]);
  });

  it('takes text, tokens, pictures and messages, and knows its length', async () => {
    assert.equal(await sequence.appendText('four'), 4);
    assert.equal(sequence.length, 4);
    await sequence.appendTokens([1, 2]);
    assert.equal(sequence.length, 6);
    // A view into a larger buffer, as decoders return.
    const bytes = new Uint8Array(40).fill(9);
    const data = bytes.subarray(8, 20).fill(2);
    const image = { pixels: { width: 2, height: 2, data } };
    assert.deepEqual(await sequence.appendImage(image), { tokens: 24, seen: { width: 2, height: 2 } });
    assert.equal(sequence.length, 30);
    const message = await sequence.appendMessage({
      role: 'user',
      parts: [
        { type: 'image', image },
        { type: 'text', text: 'what' },
      ],
    });
    assert.deepEqual(message, { tokens: 28, images: [{ tokens: 24, seen: { width: 2, height: 2 } }] });
    assert.equal(sequence.length, 58);
    assert.deepEqual(await sequence.score(3), Float32Array.of(-0, -0.5, -1));
  });

  it('takes a large picture without holding this thread, and calls made meanwhile keep their order', async () => {
    const [width, height] = [4000, 3000];
    const data = new Uint8Array(width * height * 3);
    // A byte at each end, and at borders of the pieces in which it is sent: the model counts their sum.
    for (const at of [0, 2 ** 20 - 1, 2 ** 20, 5_000_000, data.length - 1]) data[at] = 1;
    const message = {
      role: 'user' as const,
      parts: [{ type: 'image' as const, image: { pixels: { width, height, data } } }],
    };
    let longest = 0;
    let last = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const appended = sequence.appendMessage(message);
    const text = sequence.appendText('after');
    const scores = sequence.score(1);
    assert.deepEqual(await appended, { tokens: 5, images: [{ tokens: 5, seen: { width, height } }] });
    clearInterval(watch);
    assert.equal(await text, 5);
    assert.equal(sequence.length, 10);
    assert.equal((await scores).length, 1);
    assert.ok(longest < 500, `this thread was held for ${longest.toFixed(0)} ms`);
    assert.deepEqual(await sequence.appendImage(message.parts[0]!.image), {
      tokens: 5,
      seen: { width, height },
    });
  });

  it('stops sending a large picture, and goes on with what comes next', async () => {
    const pixels = { width: 4000, height: 3000, data: new Uint8Array(36_000_000) };
    const stopper = new AbortController();
    const appended = sequence.appendImage({ pixels }, stopper.signal);
    const text = sequence.appendText('next');
    stopper.abort();
    await assert.rejects(appended, { code: 'cancelled' });
    assert.equal(await text, 4);
    assert.equal(sequence.length, 4);
  });

  it('generates to the end, and the length grows with each token that was read', async () => {
    const lengths: number[] = [];
    const events: GenerationEvent[] = [];
    for await (const event of sequence.generate({ sampling: GREEDY, maxTokens: 3 })) {
      events.push(event);
      lengths.push(sequence.length);
    }
    assert.deepEqual(events, [
      { type: 'token', id: 0, text: 'tok0 ', top: [] },
      { type: 'token', id: 1, text: 'tok1 ', top: [] },
      { type: 'token', id: 2, text: 'tok2 ', top: [] },
      { type: 'end', reason: 'length', text: '' },
    ]);
    assert.deepEqual(lengths, [1, 2, 3, 3]);
  });

  it('brings each token as it comes, not all at the end', async () => {
    const times: number[] = [];
    for await (const event of sequence.generate({ sampling: GREEDY, maxTokens: 40 })) {
      if (event.type === 'token') times.push(performance.now());
    }
    const spread = times.at(-1)! - times[0]!;
    assert.ok(spread > 30 * TOKEN_MS, `40 tokens came within ${spread} ms`);
  });

  it('drops what a reader that left early has not seen', async () => {
    await sequence.appendText('ab');
    for await (const event of sequence.generate({ sampling: GREEDY, maxTokens: 500 })) {
      if (event.type === 'token' && event.id === 4) {
        // Gives the model time to run ahead.
        await new Promise((resolve) => setTimeout(resolve, 20 * TOKEN_MS));
        break;
      }
    }
    assert.equal(sequence.length, 7);
    const copy = await sequence.fork();
    assert.equal(copy.length, 7, 'the process thinks so, too');
    assert.equal(await sequence.appendText('c'), 1);
    assert.equal(sequence.length, 8);
  });

  it('waits for a reader that is far behind', async () => {
    const fast = (await openFake('fast')).model;
    const other = await fast.start();
    const events = other.generate({ sampling: GREEDY, maxTokens: 400 })[Symbol.asyncIterator]();
    await events.next();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const queued = other.fork();
    // The fork waits for its turn; leaving gives it, and finds what was read.
    await events.return?.();
    assert.equal((await queued).length, 1);
    // All 400 would have been there if nothing had held the model.
    assert.ok(RUN_AHEAD < 400);
    const all = await texts(other.generate({ sampling: GREEDY, maxTokens: 400 }));
    assert.equal(all.length, 401);
    assert.equal(all.at(-2), 'tok399 ');
  });

  it('stops at once by signal, with what was generated kept', async () => {
    const stopping = new AbortController();
    const options = { sampling: GREEDY, maxTokens: 100_000, signal: stopping.signal };
    let seen = 0;
    let asked = 0;
    let last: GenerationEvent | undefined;
    for await (const event of sequence.generate(options)) {
      last = event;
      if (event.type === 'token') seen++;
      if (seen === 5 && !stopping.signal.aborted) {
        asked = performance.now();
        stopping.abort();
      }
    }
    const latency = performance.now() - asked;
    assert.deepEqual(last, { type: 'end', reason: 'cancelled', text: '' });
    assert.ok(latency < 250, `stopping took ${latency} ms`);
    assert.equal(sequence.length, seen);
    assert.ok(seen <= 7, `${seen} tokens`);
  });

  it('ends a generation at once when its signal was there before', async () => {
    const signal = AbortSignal.abort();
    assert.deepEqual(await texts(sequence.generate({ sampling: GREEDY, maxTokens: 9, signal })), [
      '<cancelled>',
    ]);
  });

  it('stops an append by signal and knows the length that it left', async () => {
    const stopping = new AbortController();
    setTimeout(() => stopping.abort(), 30);
    await assert.rejects(sequence.appendText('slow', stopping.signal), { code: 'cancelled' });
    assert.equal(sequence.length, 1);
  });

  it('stops all that runs when told to', async () => {
    const other = await model.start();
    const both = [sequence, other].map((one) =>
      texts(one.generate({ sampling: GREEDY, maxTokens: 100_000 })),
    );
    setTimeout(() => model.stop(), 50);
    for (const all of await Promise.all(both)) assert.equal(all.at(-1), '<cancelled>');
  });

  it('returns to a mark, and forks go on by themselves', async () => {
    await sequence.appendText('abc');
    const mark = sequence.mark();
    await sequence.appendText('defg');
    const fork = await sequence.fork();
    await sequence.rewind(mark);
    assert.equal(sequence.length, 3);
    assert.equal(fork.length, 7);
    await fork.appendText('h');
    assert.deepEqual([sequence.length, fork.length], [3, 8]);
  });

  it('passes errors on with their code', async () => {
    await assert.rejects(sequence.appendText('refuse'), {
      code: 'usage',
      message: 'This text is not liked.',
    });
    await sequence.close();
    await assert.rejects(sequence.appendText('x'), { code: 'usage', message: /closed/ });
  });

  it('runs calls on one sequence one after the other, whatever is awaited', async () => {
    const all = texts(sequence.generate({ sampling: GREEDY, maxTokens: 10 }));
    const appended = sequence.appendText('abc').then(() => sequence.length);
    assert.equal((await all).length, 11);
    assert.equal(await appended, 13);
  });

  it('serves many sequences at a time', async () => {
    const many = await Promise.all(Array.from({ length: 20 }, () => model.start()));
    const results = await Promise.all(
      many.map(async (one, index) => {
        await one.appendText('x'.repeat(index));
        const all = await texts(one.generate({ sampling: GREEDY, maxTokens: 20 }));
        return [all.length, one.length];
      }),
    );
    assert.deepEqual(
      results,
      many.map((_, index) => [21, 20 + index]),
    );
  });

  it('is shared: one user leaving stops and closes its own and leaves the rest', async () => {
    let released = 0;
    const share = model.share(() => released++);
    assert.equal(share.capabilities, model.capabilities);
    const theirs = await share.start();
    const copy = await theirs.fork();
    const all = texts(theirs.generate({ sampling: GREEDY, maxTokens: 100_000 }));
    setTimeout(() => share.dispose(), 30);
    assert.equal((await all).at(-1), '<cancelled>');
    share.dispose();
    assert.equal(released, 1);
    for (const one of [theirs, copy]) {
      await assert.rejects(one.appendText('x'), { code: 'usage', message: /closed/ });
    }
    await assert.rejects(share.start(), { code: 'cancelled' });
    assert.equal(await sequence.appendText('ab'), 2);
  });

  it('tells of what goes on', async () => {
    const activity: string[] = [];
    const subscription = model.onActivity((what) => activity.push(what));
    await texts(sequence.generate({ sampling: GREEDY, maxTokens: 2 }));
    subscription.dispose();
    assert.deepEqual(activity, ['started', 'token', 'token', 'ended']);
  });
});
