import assert from 'node:assert/strict';
import { type Judge, openJudge } from '../../../src/launch/judge';
import { askJudge, judgePrompt } from '../../../src/rollout/rewards/judge';
import { models, vllmChunk } from '../inference/openai/support/recorded';
import {
  type Answer,
  events,
  inTurn,
  json,
  ReplayServer,
  stream,
} from '../inference/openai/support/replayServer';

const ASKED = { question: 'What colour is it?', groundTruth: 'red', answer: 'It is "red".' };

/** A judge's reply in pieces. */
const reply = (...pieces: string[]): Answer =>
  stream([
    events([
      ...pieces.map((content) => vllmChunk({ content })),
      vllmChunk({}, { finish_reason: 'stop', stop_reason: null }),
    ]),
  ]);

describe('a judge on a server', () => {
  let server: ReplayServer | undefined;
  let judge: Judge | undefined;
  afterEach(async () => {
    judge?.dispose();
    await server?.close();
    judge = server = undefined;
  });

  async function open(chat: Answer, key?: string): Promise<{ server: ReplayServer; judge: Judge }> {
    server = await ReplayServer.start({ '/v1/chat/completions': chat, '/v1/models': json(models('vllm')) });
    judge = await openJudge({ address: server.address, ...(key !== undefined && { key }) });
    return { server, judge };
  }

  it('gives the whole reply; the question goes alone, at the temperature that is said', async () => {
    const { server, judge } = await open(reply('<think>hm</think>', 'Verdict', ': 1'), 'sk-judge');
    assert.equal(await judge.ask('Is it?', { temperature: 0.3 }), '<think>hm</think>Verdict: 1');
    const { body, headers } = server.chats[0] ?? assert.fail();
    assert.deepEqual(body['messages'], [{ role: 'user', content: 'Is it?' }]);
    assert.equal(body['temperature'], 0.3);
    assert.equal(body['max_tokens'], 2048);
    assert.equal(headers.authorization, 'Bearer sk-judge');
  });

  it('remembers nothing from one question to the next, also at once', async () => {
    const { server, judge } = await open(reply('Verdict: 0'));
    const prompts = ['one', 'two', 'three'];
    await Promise.all(prompts.map((prompt) => judge.ask(prompt, { temperature: 0 })));
    const sent = server.chats.map(({ body }) => body['messages']);
    assert.deepEqual(
      sent.map((messages) => JSON.stringify(messages)).sort(),
      prompts.map((content) => JSON.stringify([{ role: 'user', content }])).sort(),
    );
  });

  it('judges: what gives no verdict is asked again, and every reply is kept', async () => {
    const { server, judge } = await open(inTurn(reply('I think so.'), reply('Verdict: 1')));
    const verdict = await askJudge(ASKED, judge.ask);
    assert.equal(verdict.correct, true);
    assert.deepEqual(verdict.replies, ['I think so.', 'Verdict: 1']);
    assert.equal(server.chats.length, 2);
    assert.deepEqual(server.chats[1]?.body['messages'], [{ role: 'user', content: judgePrompt(ASKED) }]);
  });

  it('a stop ends the question: half a reply is none', async () => {
    const { judge } = await open(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events([vllmChunk({ content: 'Verdict: 1' })], false));
      await new Promise((resolve) => response.on('close', resolve));
    });
    const stop = new AbortController();
    const asked = judge.ask('Is it?', { temperature: 0, signal: stop.signal });
    setTimeout(() => stop.abort(), 50);
    await assert.rejects(asked, { code: 'cancelled' });
  });

  it('letting go ends what is being asked, and nothing can be asked afterwards', async () => {
    const { judge } = await open(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(events([vllmChunk({ content: 'Ver' })], false));
      await new Promise((resolve) => response.on('close', resolve));
    });
    const asked = judge.ask('Is it?', { temperature: 0 });
    setTimeout(() => judge.dispose(), 50);
    await assert.rejects(asked, { code: 'cancelled' });
    await assert.rejects(judge.ask('Is it?', { temperature: 0 }), { code: 'cancelled' });
  });
});
