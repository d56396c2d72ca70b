import assert from 'node:assert/strict';
import sharp from 'sharp';
import type { Backend } from '../../../src/inference/backend';
import { openServer } from '../../../src/launch/openServer';
import { models, vllmChunk, VLLM_TURN } from '../inference/openai/support/recorded';
import { type Answer, events, json, ReplayServer, stream } from '../inference/openai/support/replayServer';

const KEY = 'sk-a-key-of-the-server';

/** Noise, so that no lossy coding could keep it. */
function noise(width: number, height: number): { width: number; height: number; data: Uint8Array } {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 7919 + (at % 13) * 31) % 256);
  return { width, height, data };
}

/** The bytes of the picture in the last request. */
function sentPicture(server: ReplayServer): { readonly mediaType: string; readonly bytes: Buffer } {
  const { body } = server.chats.at(-1) ?? assert.fail('nothing was asked');
  const url = /"url":"data:([^;]+);base64,([^"]+)"/.exec(JSON.stringify(body['messages']));
  return { mediaType: url?.[1] ?? '', bytes: Buffer.from(url?.[2] ?? '', 'base64') };
}

async function drain(model: Backend, pixels = noise(60, 45)): Promise<string> {
  const sequence = await model.start();
  await sequence.appendMessage({ role: 'user', parts: [{ type: 'image', image: { pixels } }] });
  let text = '';
  for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 8 }))
    text += event.text;
  return text;
}

describe("a server's model for rollouts", () => {
  let server: ReplayServer | undefined;
  let model: Backend | undefined;
  afterEach(async () => {
    model?.dispose();
    await server?.close();
    model = server = undefined;
  });

  async function serve(chat: Answer = stream([events(VLLM_TURN)])): Promise<ReplayServer> {
    server = await ReplayServer.start({
      '/v1/chat/completions': chat,
      '/v1/models': json(models('vllm', { max_model_len: 4096 })),
    });
    return server;
  }

  it('sends a picture as PNG whose pixels are those that were given', async () => {
    const { address } = await serve();
    model = await openServer({ address });
    const pixels = noise(61, 47);
    assert.equal(await drain(model, pixels), 'Hé');
    const { mediaType, bytes } = sentPicture(server ?? assert.fail());
    assert.equal(mediaType, 'image/png');
    const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    assert.deepEqual([info.width, info.height], [61, 47]);
    assert.deepEqual(new Uint8Array(data), pixels.data);
  });

  it('passes on name, key, context length and the way to fetch', async () => {
    const { address } = await serve();
    let fetched = 0;
    const use: typeof fetch = (input, init) => {
      fetched++;
      return fetch(input, init);
    };
    model = await openServer({ address, model: 'qwen', key: KEY, contextLength: 100, fetch: use });
    assert.equal(model.capabilities.model, 'qwen');
    assert.equal(model.capabilities.contextLength, 100);
    await drain(model);
    assert.ok(fetched >= 2);
    assert.ok(server?.requests.every(({ headers }) => headers.authorization === `Bearer ${KEY}`));
    await assert.rejects(openServer({ address, model: 'another' }), { code: 'missing' });
  });

  it('asks no more at a time than it may', async () => {
    const { address } = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      await new Promise((resolve) => setTimeout(resolve, 20));
      response.end(events([vllmChunk({ content: 'a' }, { finish_reason: 'stop' })]));
    });
    const opened = (model = await openServer({ address, concurrency: 3 }));
    const texts = await Promise.all(Array.from({ length: 10 }, () => drain(opened)));
    assert.deepEqual(
      texts,
      Array.from({ length: 10 }, () => 'a'),
    );
    assert.equal(server?.mostRunning, 3);
  });

  it('ends what is running when it is let go of, and takes nothing more', async () => {
    const { address } = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events([vllmChunk({ content: 'a' })], false));
      await new Promise((resolve) => response.on('close', resolve));
    });
    model = await openServer({ address });
    const sequence = await model.start();
    await sequence.appendMessage({ role: 'user', parts: [{ type: 'text', text: 'Hi' }] });
    const seen: string[] = [];
    for await (const event of sequence.generate({ sampling: { temperature: 0 }, maxTokens: 8 })) {
      seen.push(event.type === 'end' ? event.reason : event.text);
      if (event.type === 'token') model.dispose();
    }
    assert.deepEqual(seen, ['a', 'cancelled']);
    await assert.rejects(model.start(), { code: 'cancelled' });
  });

  it('opens nothing after a stop, and no address of another kind', async () => {
    const { address } = await serve();
    const stop = AbortSignal.abort();
    await assert.rejects(openServer({ address, signal: stop }), { code: 'cancelled' });
    await assert.rejects(openServer({ address: 'ftp://127.0.0.1' }), { code: 'usage' });
  });
});
