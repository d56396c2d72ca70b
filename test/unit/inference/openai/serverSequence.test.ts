import assert from 'node:assert/strict';
import { ImcotError } from '../../../../src/common/errors';
import type { GenerationEvent, Message } from '../../../../src/inference/backend';
import { models, VLLM_TURN, vllmChunk, vllmUsage } from './support/recorded';
import { type Answer, events, inTurn, json, refuse, stream } from './support/replayServer';
import { asked, closeAll, collect, connect, serve } from './support/serverFixture';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const good = stream([events(VLLM_TURN)]);
const says = (content: string, finish: string): Answer =>
  stream([events([vllmChunk({ content }, { finish_reason: finish }), vllmUsage(5, 2)])]);

/** One token, then silence until the client goes. */
const hanging: Answer = async (response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(events([vllmChunk({ content: 'a' })], false));
  await new Promise((resolve) => response.on('close', resolve));
};

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < end, 'it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

describe('a conversation with a server', () => {
  afterEach(closeAll);

  it('sends all messages each time, pictures as data URLs', async () => {
    const server = await serve();
    const model = await connect(server);
    const sequence = await model.start();
    await sequence.appendMessage({ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] });
    const pixels = { width: 56, height: 84, data: new Uint8Array(56 * 84 * 3).fill(255) };
    const added = await sequence.appendMessage({
      role: 'user',
      parts: [
        { type: 'image', image: { pixels } },
        { type: 'text', text: 'What?' },
      ],
    });
    assert.deepEqual(added, { images: [{ tokens: 6, seen: { width: 56, height: 84 } }] });
    await collect(sequence);
    await sequence.appendMessage(user('And now?'));
    await collect(sequence);
    assert.deepEqual(server.chats[1]?.body['messages'], [
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: { url: 'data:image/png;base64,////' } },
          { type: 'text', text: 'What?' },
        ],
      },
      { role: 'assistant', content: 'Hé' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  it('a picture with limits of its own is made smaller before it is sent, and each named one once', async () => {
    const sizes: string[] = [];
    const model = await connect(await serve(), {
      encodeImage: (image) => {
        sizes.push(`${image.width}x${image.height}`);
        return Promise.resolve({ mediaType: 'image/png', bytes: new Uint8Array(3) });
      },
    });
    const pixels = { width: 280, height: 280, data: new Uint8Array(280 * 280 * 3) };
    const image = { pixels, key: 'crop', maxPixels: 56 * 56 };
    for (let round = 0; round < 2; round++) {
      const sequence = await model.start();
      const { images } = await sequence.appendMessage({ role: 'user', parts: [{ type: 'image', image }] });
      assert.deepEqual(images, [{ tokens: 4, seen: { width: 56, height: 56 } }]);
    }
    assert.deepEqual(sizes, ['56x56']);
  });

  it('goes on with an answer that was cut short, where the server can', async () => {
    const server = await serve(inTurn(says('<think>a', 'length'), says('b', 'length'), good));
    const sequence = await asked(await connect(server));
    await collect(sequence, { maxTokens: 2 });
    await collect(sequence, { maxTokens: 2 });
    const { body } = server.chats[1] ?? assert.fail();
    assert.equal(body['continue_final_message'], true);
    assert.equal(body['add_generation_prompt'], false);
    assert.deepEqual((body['messages'] as unknown[]).at(-1), { role: 'assistant', content: '<think>a' });
    await sequence.appendMessage(user('go on'));
    await collect(sequence);
    const last = server.chats[2] ?? assert.fail();
    assert.deepEqual((last.body['messages'] as unknown[]).slice(1), [
      { role: 'assistant', content: '<think>ab' },
      { role: 'user', content: 'go on' },
    ]);
    assert.equal(last.body['continue_final_message'], undefined);
  });

  it('refuses to go on where the server can not, and after the end of a turn', async () => {
    const server = await serve(says('a', 'length'), { '/v1/models': json(models('somebody')) });
    const cut = await asked(await connect(server));
    await collect(cut, { maxTokens: 1 });
    await assert.rejects(collect(cut), /can't go on with an answer that was cut short/);
    assert.equal(server.chats.length, 1);
    const ended = await asked(await connect(await serve()));
    await collect(ended);
    await assert.rejects(collect(ended), /has ended its turn/);
  });

  it('returns to marks and forks', async () => {
    const server = await serve();
    const sequence = await asked(await connect(server), 'one');
    const mark = sequence.mark();
    await collect(sequence);
    const fork = await sequence.fork();
    await fork.appendMessage(user('two'));
    await sequence.rewind(mark);
    assert.equal(sequence.length, 0);
    await sequence.appendMessage(user('three'));
    await collect(sequence);
    await collect(fork);
    const texts = server.chats.map(({ body }) =>
      (body['messages'] as { content: string }[]).map((message) => message.content),
    );
    assert.deepEqual(texts, [['one'], ['one', 'three'], ['one', 'Hé', 'two']]);
    await assert.rejects(sequence.rewind({ length: 0 }), /mark/);
  });

  it('what needs the wire is refused as usage', async () => {
    const sequence = await asked(await connect(await serve()));
    const image = { pixels: { width: 1, height: 1, data: new Uint8Array(3) } };
    const calls: (() => Promise<unknown>)[] = [
      () => sequence.appendText('x'),
      () => sequence.appendTokens([1]),
      () => sequence.appendImage(image),
      () => sequence.score(1),
      () => sequence.appendMessage({ role: 'system', parts: [{ type: 'image', image }] }),
      () => collect(sequence, { topCount: 21 }),
      () => collect(sequence, { maxTokens: -1 }),
      () => collect(sequence, { stopStrings: [''] }),
    ];
    for (const call of calls) {
      await assert.rejects(call, (thrown) => thrown instanceof ImcotError && thrown.code === 'usage');
    }
  });

  it('a fresh seed is sent and told; none at temperature 0', async () => {
    const server = await serve();
    const model = await connect(server);
    const { end } = await collect(await asked(model), { sampling: { temperature: 1 } });
    assert.ok(end?.type === 'end' && end.seed !== undefined);
    assert.equal(server.chats[0]?.body['seed'], end.seed);
    await collect(await asked(model), { sampling: { temperature: 0, seed: 4 } });
    assert.equal(server.chats[1]?.body['seed'], undefined);
  });

  it('a cancel closes the request within 100 ms and keeps what came', async () => {
    const server = await serve(hanging);
    const sequence = await asked(await connect(server));
    const stop = new AbortController();
    const seen: GenerationEvent[] = [];
    let at = 0;
    for await (const event of sequence.generate({
      sampling: { temperature: 0 },
      maxTokens: 9,
      signal: stop.signal,
    })) {
      seen.push(event);
      if (event.type !== 'token') continue;
      at = performance.now();
      setTimeout(() => stop.abort(), 0);
    }
    assert.deepEqual(seen.at(-1), { type: 'end', reason: 'cancelled', text: '' });
    await until(() => server.chats[0]?.closedAt !== undefined);
    assert.ok((server.chats[0]?.closedAt ?? Infinity) - at < 100);
    await sequence.appendMessage(user('next'));
    server.paths['/v1/chat/completions'] = good;
    await collect(sequence);
    const messages = server.chats[1]?.body['messages'] as unknown[];
    assert.deepEqual(messages[1], { role: 'assistant', content: 'a' });
  });

  it('a cancel ends waiting for the first answer, for a retry, and for a place', async () => {
    const silent: Answer = (response) => new Promise((resolve) => response.on('close', resolve));
    for (const answer of [silent, refuse(503, '', { 'retry-after': '20' })]) {
      const server = await serve(answer);
      const sequence = await asked(await connect(server));
      const stop = new AbortController();
      const ending = collect(sequence, { signal: stop.signal });
      await until(() => server.chats.length === 1);
      stop.abort();
      const before = performance.now();
      assert.deepEqual((await ending).end, { type: 'end', reason: 'cancelled', text: '' });
      assert.ok(performance.now() - before < 100);
    }
    const server = await serve(hanging);
    const model = await connect(server, { concurrency: 1 });
    const holding = collect(await asked(model));
    await until(() => server.chats.length === 1);
    const stop = new AbortController();
    const waiting = collect(await asked(model), { signal: stop.signal });
    setTimeout(() => stop.abort(), 20);
    assert.deepEqual((await waiting).end, { type: 'end', reason: 'cancelled', text: '' });
    assert.equal(server.chats.length, 1);
    model.dispose();
    assert.equal((await holding).end?.type, 'end');
  });

  it('leaving the loop closes the request and frees the place', async () => {
    const server = await serve(inTurn(hanging, good));
    const model = await connect(server, { concurrency: 1 });
    for await (const event of (await asked(model)).generate({ sampling: { temperature: 0 }, maxTokens: 9 })) {
      assert.equal(event.text, 'a');
      break;
    }
    await until(() => server.chats[0]?.closedAt !== undefined);
    assert.equal((await collect(await asked(model))).text, 'Hé');
  });

  it('no more generations at a time than allowed, of all sequences together', async () => {
    const server = await serve(async (response, request) => {
      await new Promise((resolve) => setTimeout(resolve, 15));
      await good(response, request);
    });
    const model = await connect(server, { concurrency: 3 });
    const all = Array.from({ length: 20 }, async () => collect(await asked(model)));
    assert.ok((await Promise.all(all)).every((turn) => turn.text === 'Hé'));
    assert.equal(server.mostRunning, 3);
  });

  it('letting go ends what runs; a closed sequence says so', async () => {
    const server = await serve(hanging);
    const model = await connect(server);
    const sequence = await asked(model);
    const running = collect(sequence);
    await until(() => server.chats.length === 1);
    model.dispose();
    assert.deepEqual((await running).end, { type: 'end', reason: 'cancelled', text: '' });
    await assert.rejects(model.start(), /let go of/);
    await assert.rejects(sequence.appendMessage(user('x')), /let go of/);
    const other = await asked(await connect(await serve()));
    await other.close();
    await assert.rejects(collect(other), /was closed/);
  });
});
