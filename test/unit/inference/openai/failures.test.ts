import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ImcotError, type ErrorCode } from '../../../../src/common/errors';
import { openServerModel } from '../../../../src/inference/openai/serverModel';
import { checkPropertyAsync } from '../../../support/property';
import { models, VLLM_TURN, vllmChunk } from './support/recorded';
import { type Answer, events, inTurn, json, refuse, ReplayServer, stream } from './support/replayServer';
import { asked, closeAll, collect, connect, encodeImage, serve } from './support/serverFixture';

const good = stream([events(VLLM_TURN)]);
const part = events([vllmChunk({ content: 'a' })], false);

/** The error of a chat that is answered so. */
async function failure(answer: Answer, options = {}): Promise<ImcotError> {
  const model = await connect(await serve(answer), options);
  return thrownBy(collect(await asked(model)));
}

async function thrownBy(promise: Promise<unknown>): Promise<ImcotError> {
  try {
    await promise;
  } catch (thrown) {
    assert.ok(thrown instanceof ImcotError, String(thrown));
    return thrown;
  }
  return assert.fail('nothing was thrown');
}

describe('servers that fail', () => {
  afterEach(closeAll);

  const refusals: readonly (readonly [number, ErrorCode, RegExp])[] = [
    [401, 'denied', /does not accept the key.*status 401.*says: because/],
    [404, 'missing', /does not know this/],
    [413, 'limit', /smaller pictures/],
    [422, 'input', /refuses the request/],
    [501, 'missing', /in trouble/],
  ];
  for (const [status, code, sentence] of refusals) {
    it(`status ${status} is a sentence, and is not asked again`, async () => {
      const server = await serve(refuse(status, '{"error": {"message": "because"}}'));
      const error = await thrownBy(collect(await asked(await connect(server))));
      assert.equal(error.code, code);
      assert.match(error.message, sentence);
      assert.equal(server.chats.length, 1);
    });
  }

  it("FastAPI's detail is told, and a page of HTML is cut", async () => {
    const detail = await failure(refuse(422, '{"detail": "Unexpected fields"}'));
    assert.match(detail.message, /says: Unexpected fields$/);
    const page = await failure(refuse(400, `<html>${'x'.repeat(100_000)}`));
    assert.ok(page.message.length < 500);
  });

  it('429 and 5xx are asked again, as Retry-After says, and not without end', async () => {
    const server = await serve(
      inTurn(refuse(503, 'loading'), refuse(429, '{}', { 'retry-after': '0.2' }), good),
    );
    const before = performance.now();
    assert.equal((await collect(await asked(await connect(server)))).text, 'Hé');
    assert.ok(performance.now() - before >= 195);
    assert.equal(server.chats.length, 3);
    const down = await serve(refuse(500, ''));
    const error = await thrownBy(collect(await asked(await connect(down, { retries: { count: 2 } }))));
    assert.match(error.message, /status 500/);
    assert.equal(down.chats.length, 3);
  });

  it('a longer wait than allowed is not begun', async () => {
    const before = performance.now();
    const error = await failure(refuse(429, '{}', { 'retry-after': '3600' }));
    assert.equal(error.code, 'limit');
    assert.ok(performance.now() - before < 5000);
  });

  it('a connection that breaks before the first token is tried again; after it, never', async () => {
    const cutOff =
      (text: string): Answer =>
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(text === '' ? ': wait\n\n' : text);
        await new Promise((resolve) => setTimeout(resolve, 20));
        response.destroy();
      };
    const early = await serve(inTurn(cutOff(''), good));
    assert.equal((await collect(await asked(await connect(early)))).text, 'Hé');
    assert.equal(early.chats.length, 2);
    const late = await serve(inTurn(cutOff(part), good));
    const sequence = await asked(await connect(late));
    await thrownBy(collect(sequence));
    assert.equal(late.chats.length, 1);
    assert.equal(sequence.length, 1, 'what came stays');
  });

  it('an end without a reason is an error; a missing closing mark is none', async () => {
    assert.match((await failure(stream([part]))).message, /broke off/);
    const turn = await collect(await asked(await connect(await serve(stream([events(VLLM_TURN, false)])))));
    assert.equal(turn.text, 'Hé');
  });

  it('garbage, an error within the stream, and endings that are none', async () => {
    assert.match((await failure(stream(['data: {"choices": [\n\n']))).message, /no JSON/);
    assert.match((await failure(stream(['data: {"error": "out of memory"}\n\n']))).message, /out of memory/);
    assert.match(
      (await failure(stream([events([vllmChunk({}, { finish_reason: 'abort' })])]))).message,
      /abort/,
    );
    for (const odd of ['null', '7', '[]', '{"choices": 3}', '{"choices": [{"delta": {"content": 5}}]}']) {
      assert.match((await failure(stream([`data: ${odd}\n\n`]))).message, /broke off/, odd);
    }
  });

  it('an answer that is no stream', async () => {
    const error = await failure((response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Router</h1>');
    });
    assert.match(error.message, /text\/html where a stream should come: <h1>Router/);
    assert.match((await failure(json({}))).message, /application\/json/);
  });

  it('redirects are not followed, not even to itself, and the key is not carried along', async () => {
    const other = await ReplayServer.start({ '/v1/chat/completions': good });
    const error = await failure(refuse(307, '', { location: `${other.address}/v1/chat/completions` }));
    assert.match(error.message, /redirects are not followed/);
    assert.equal(other.requests.length, 0);
    await other.close();
  });

  it('a line without end is dropped before it fills the memory', async () => {
    let sent = 0;
    const error = await failure(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: "');
      const piece = 'x'.repeat(65_536);
      let wake = (): void => undefined;
      response.on('close', () => wake());
      response.on('drain', () => wake());
      for (; sent < 512 && !response.destroyed; sent++) {
        if (!response.write(piece)) await new Promise<void>((resolve) => (wake = resolve));
      }
    });
    assert.equal(error.code, 'limit');
    assert.ok(sent < 300, `${sent} pieces of 64 KiB were taken`);
  });

  it('a server that never stops is stopped', async () => {
    const server = await serve(async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (!response.destroyed) {
        response.write(part.repeat(10));
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    const turn = await collect(await asked(await connect(server)), { maxTokens: 8 });
    assert.deepEqual(turn.end, { type: 'end', reason: 'length', text: '' });
    assert.ok(turn.text.length <= 8 * 4 + 64);
  });

  it('each time limit is kept, and signs of life without text do not count', async () => {
    const silent: Answer = async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      while (!response.destroyed) {
        response.write(': ping\n\n');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const first = await failure(silent, { timeLimits: { firstToken: 100 } });
    assert.match(first.message, /sent nothing within 0.1 seconds/);
    const between = await failure(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).write(part);
        await new Promise((resolve) => response.on('close', resolve));
      },
      { timeLimits: { betweenTokens: 100 } },
    );
    assert.match(between.message, /fell silent/);
    const total = await failure(refuse(503, ''), {
      timeLimits: { total: 100 },
      retries: { count: 50, firstPause: 40 },
    });
    assert.match(total.message, /was not done within 0.1 seconds/);
  });

  it('opening: nobody there, no answer, no such model, several models, a refused key', async () => {
    const gone = await ReplayServer.start({});
    const { address } = gone;
    await gone.close();
    const quick = { encodeImage, retries: { count: 1, firstPause: 1 } };
    const refused = await thrownBy(openServerModel({ address, ...quick }));
    assert.match(refused.message, /can't be reached \(ECONNREFUSED\)/);
    const slow = await serve(good, { '/v1/models': () => new Promise(() => undefined) });
    const late = await thrownBy(connect(slow, { timeLimits: { connect: 100 } }));
    assert.match(late.message, /did not answer within 0.1 seconds/);
    const unknown = await thrownBy(connect(await serve(), { model: 'llama' }));
    assert.match(unknown.message, /has no model llama. It has qwen/);
    const two = { data: [{ id: 'a' }, { id: 'b' }] };
    const several = await thrownBy(connect(await serve(good, { '/v1/models': json(two) })));
    assert.match(several.message, /It has a, b/);
    const key = await thrownBy(connect(await serve(good, { '/v1/models': refuse(401, '{}') })));
    assert.equal(key.code, 'denied');
  });

  it('a prompt that leaves less room is asked with less; one that leaves none ends at once', async () => {
    const full = (prompt: number): Answer =>
      refuse(
        400,
        JSON.stringify({
          error: {
            message: `'max_tokens' or 'max_completion_tokens' is too large: 64. This model's maximum context length is 100 tokens and your request has ${prompt} input tokens (64 > 100 - ${prompt}).`,
          },
        }),
      );
    const server = await serve(inTurn(full(60), good));
    assert.equal((await collect(await asked(await connect(server)))).text, 'Hé');
    assert.equal(server.chats[1]?.body['max_tokens'], 40);
    const none = await collect(await asked(await connect(await serve(full(120)))));
    assert.deepEqual(none.end, { type: 'end', reason: 'context', text: '' });
  });

  it('the key stands in a header and in no error, whatever the server repeats', async () => {
    const key = fc.string({
      unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
      minLength: 8,
      maxLength: 60,
    });
    const server = await serve();
    const echoes: readonly ((key: string) => Answer)[] = [
      (text) => refuse(401, JSON.stringify({ error: { message: `Incorrect API key provided: ${text}.` } })),
      (text) => refuse(400, `bad ${text}`),
      (text) => refuse(400, JSON.stringify({ detail: [{ input: text }] })),
      (text) => refuse(500, `${'y'.repeat(295 - Math.min(40, text.length))}${text}`),
      (text) => stream([`data: ${JSON.stringify({ error: { message: text } })}\n\n`]),
      (text) => stream([`data: ${text}\n\n`]),
      (text) => (response) => {
        response.writeHead(200, { 'content-type': 'text/plain' }).end(`hello ${text}`);
      },
    ];
    const logged: string[] = [];
    const write = (line: string): void => void logged.push(line);
    const logger = { debug: write, info: write, warn: write, error: write };
    await checkPropertyAsync(
      fc.asyncProperty(key, fc.nat(echoes.length - 1), async (secret, which) => {
        server.paths['/v1/chat/completions'] = echoes[which]?.(secret) ?? good;
        const model = await connect(server, { key: secret, retries: { count: 1 }, logger });
        const error = await thrownBy(collect(await asked(model)));
        assert.equal(server.chats.at(-1)?.headers.authorization, `Bearer ${secret}`);
        const told = [
          error.message,
          error.stack,
          JSON.stringify(error),
          JSON.stringify(error.cause ?? null),
          ...logged,
        ];
        assert.ok(told.every((text) => text?.includes(secret) !== true));
        assert.ok(server.requests.every((request) => !request.path.includes(secret)));
        model.dispose();
      }),
      { numRuns: 60 },
    );
  });

  it('a key that can not stand in a header is refused without being repeated', async () => {
    const error = await thrownBy(
      openServerModel({ address: 'http://127.0.0.1:1', key: 'a b\nc', encodeImage }),
    );
    assert.equal(error.code, 'usage');
    assert.ok(!error.message.includes('a b'));
  });

  it('requests tell nothing about the machine, and the environment adds nothing', async () => {
    const names = [
      'OPENAI_BASE_URL',
      'OPENAI_API_KEY',
      'OPENAI_ORG_ID',
      'OPENAI_CUSTOM_HEADERS',
      'HTTP_PROXY',
    ];
    const before = names.map((name) => process.env[name]);
    for (const name of names)
      process.env[name] = name === 'OPENAI_CUSTOM_HEADERS' ? 'x-spy: 1' : 'http://127.0.0.1:9';
    try {
      const server = await serve();
      await collect(await asked(await connect(server)));
      const { headers } = server.chats[0] ?? assert.fail();
      const sent = Object.keys(headers).filter((name) => !/^(host|connection|content-length)$/.test(name));
      // The last five are added by Node's own fetch.
      const allowed = [
        'accept',
        'content-type',
        'accept-encoding',
        'accept-language',
        'sec-fetch-mode',
        'user-agent',
        'transfer-encoding',
      ];
      assert.deepEqual(
        sent.filter((name) => !allowed.includes(name)),
        [],
      );
      assert.match(headers['user-agent'] ?? '', /^(node|undici)$/);
    } finally {
      for (const [index, name] of names.entries()) {
        if (before[index] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[index];
      }
    }
  });

  it('a server of unknown kind is not asked for what it may not know', async () => {
    const model = await connect(await serve(good, { '/v1/models': json(models('somebody')) }));
    assert.match(model.capabilities.device, /^server at/);
    const sampling = { temperature: 0, topK: 3 };
    assert.match((await thrownBy(collect(await asked(model), { sampling }))).message, /topK can't be asked/);
  });
});
