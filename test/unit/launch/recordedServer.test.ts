import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { answerOf, CONVERSATIONS, isSame, openLocal } from '../../../scripts/server/compareAnswers';
import type { RecordedAnswer } from '../../../scripts/server/recordAnswers';
import type { Backend } from '../../../src/inference/backend';
import { openServer } from '../../../src/launch/openServer';
import { qwenPath } from '../../support/goldenQwen';
import { TRANSFORMERS_OPENAPI } from '../inference/openai/support/recorded';
import { json, refuse, ReplayServer, stream } from '../inference/openai/support/replayServer';

/*
 * What `transformers serve` 5.23 answered on the small reference checkpoint, as `npm run verify:server -- --record` wrote
 * it. The same checkpoint here must say the same: two implementations, the same pictures, the most likely tokens.
 */
const FOLDER = path.join(__dirname, '..', '..', 'fixtures', 'servers');
const RECORDED = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')) as RecordedAnswer);

/** The address of a server that serves the reference checkpoint, and its name for it, such as `http://…:8000 checkpoint`. */
const LIVE = process.env['IMCOT_LIVE_SERVER'];

const conversationOf = (name: string) =>
  CONVERSATIONS.find((conversation) => conversation.name === name) ?? assert.fail(`no conversation ${name}`);

describe('answers of a real server, recorded, and of the same checkpoint here', function () {
  this.timeout(60_000);
  let local: Backend;
  let server: ReplayServer | undefined;
  let served: Backend | undefined;
  before(async () => {
    local = await openLocal(qwenPath('checkpoint'), path.join(tmpdir(), 'imcot-recorded-server'));
  });
  after(() => local.dispose());
  afterEach(async () => {
    served?.dispose();
    await server?.close();
    served = server = undefined;
  });

  async function replay(answer: RecordedAnswer): Promise<Backend> {
    server = await ReplayServer.start({
      '/v1/chat/completions': stream(answer.pieces),
      // Without models in its cache it fails to list any.
      '/v1/models': refuse(500, 'Internal Server Error'),
      '/openapi.json': json(TRANSFORMERS_OPENAPI),
    });
    return (served = await openServer({ address: server.address, model: 'checkpoint' }));
  }

  it('there is one for each conversation', () => {
    const names = RECORDED.map(({ conversation }) => conversation).sort();
    assert.deepEqual(names, CONVERSATIONS.map(({ name }) => name).sort());
  });

  for (const answer of RECORDED) {
    it(`${answer.conversation}: the same text, token for token`, async () => {
      const conversation = conversationOf(answer.conversation);
      const there = await answerOf(await replay(answer), conversation, answer.tokens);
      const here = await answerOf(local, conversation, answer.tokens);
      assert.ok(here.length > answer.tokens);
      assert.ok(isSame(there, here), `${there}\n${here}`);
    });

    it(`${answer.conversation}: is asked for as it was asked for then`, async () => {
      const conversation = conversationOf(answer.conversation);
      await answerOf(await replay(answer), conversation, answer.tokens);
      const { messages, ...request } = server?.chats[0]?.body ?? assert.fail();
      assert.deepEqual(request, answer.request);
      const sent = (messages as { role: string; content: string | { type: string }[] }[]).map(
        ({ role, content }) => [role, typeof content === 'string' ? 'text' : content.map(({ type }) => type)],
      );
      const asked = conversation.messages.map(({ role, parts }) => [
        role,
        parts.every(({ type }) => type === 'text')
          ? 'text'
          : parts.map(({ type }) => (type === 'image' ? 'image_url' : type)),
      ]);
      assert.deepEqual(sent, asked);
    });
  }

  it('the end of a recorded answer: cut at its length, with the tokens as the server counted them', async () => {
    const answer = RECORDED.find(({ conversation }) => conversation === 'a picture') ?? assert.fail();
    const sequence = await (await replay(answer)).start();
    const alike = await local.start();
    for (const message of conversationOf(answer.conversation).messages) {
      const there = await sequence.appendMessage(message);
      const here = await alike.appendMessage(message);
      assert.deepEqual(there.images, here.images);
    }
    const options = { sampling: { temperature: 0 }, maxTokens: answer.tokens };
    const ends: string[] = [];
    for (const one of [sequence, alike]) {
      for await (const event of one.generate(options)) if (event.type === 'end') ends.push(event.reason);
    }
    assert.deepEqual(ends, ['length', 'length']);
    // What is generated last has not been read yet; both count it.
    assert.equal(sequence.length, alike.length);
  });

  // By hand: `npm run verify:server` starts such a server, and checks much more.
  it('a live server says what it said then (needs a server: npm run verify:server)', async function () {
    const [address, model = 'checkpoint'] = LIVE?.split(' ') ?? [];
    if (address === undefined) {
      process.stdout.write('  skipped: no live server (npm run verify:server makes one)\n');
      return this.skip();
    }
    served = await openServer({ address, model });
    for (const answer of RECORDED) {
      const conversation = conversationOf(answer.conversation);
      const there = await answerOf(served, conversation, answer.tokens);
      const here = await answerOf(local, conversation, answer.tokens);
      assert.ok(isSame(there, here), `${there}\n${here}`);
    }
  });
});
