import assert from 'node:assert/strict';
import { asked, closeAll, collect, connect, serve } from './support/serverFixture';
import {
  LLAMA_PROPS,
  LLAMA_TURN,
  models,
  SGLANG_TURN,
  TRANSFORMERS_OPENAPI,
  TRANSFORMERS_TURN,
  VLLM_TURN,
  vllmChunk,
  vllmUsage,
} from './support/recorded';
import { events, json, refuse, stream } from './support/replayServer';

describe('answers of each server', () => {
  afterEach(closeAll);

  it('vLLM: tokens with ids and probabilities, a character over two tokens, the closing token as no text', async () => {
    const server = await serve();
    const model = await connect(server);
    assert.equal(model.capabilities.contextLength, 4096);
    const sequence = await asked(model);
    const turn = await collect(sequence, { topCount: 2 });
    assert.deepEqual(turn.events, [
      {
        type: 'token',
        id: 39,
        text: 'H',
        logProbability: -0.25,
        top: [
          { text: 'H', logProbability: -0.25 },
          { text: 'h', logProbability: -1.5 },
        ],
      },
      { type: 'token', id: 127, text: '', logProbability: -0.5, top: [] },
      { type: 'token', id: 102, text: 'é', logProbability: -0.125, top: [] },
      { type: 'token', id: 151645, text: '', logProbability: -0.0625, top: [] },
      { type: 'end', reason: 'endOfTurn', text: '' },
    ]);
    assert.equal(sequence.length, 25);
    const { body } = server.chats[0] ?? assert.fail();
    assert.equal(body['skip_special_tokens'], false);
    assert.equal(body['top_k'], -1);
    assert.equal(body['top_logprobs'], 2);
    assert.deepEqual(body['stream_options'], { include_usage: true });
  });

  it('SGLang: a stop string is kept and told; several tokens of one chunk get their own text', async () => {
    const server = await serve(stream([events(SGLANG_TURN)]), {
      '/v1/models': json(models('sglang', { max_model_len: 100 })),
    });
    const sequence = await asked(await connect(server));
    const turn = await collect(sequence, { stopStrings: ['</tool_call>'] });
    assert.deepEqual(
      turn.events.map((event) => event.text),
      ['a', '</', 'tool', '_call', '>', ''],
    );
    assert.deepEqual(turn.end, { type: 'end', reason: 'stopString', stopString: '</tool_call>', text: '' });
    assert.equal(sequence.length, 15);
    const { body } = server.chats[0] ?? assert.fail();
    assert.equal(body['no_stop_trim'], true);
    assert.equal(body['separate_reasoning'], false);
  });

  it('SGLang: probabilities after a temperature are not told as the plain ones', async () => {
    const server = await serve(stream([events(SGLANG_TURN)]), { '/v1/models': json(models('sglang')) });
    const model = await connect(server);
    const warm = await collect(await asked(model), { sampling: { temperature: 0.7 } });
    assert.ok(warm.events.every((event) => event.type === 'end' || event.logProbability === undefined));
    const plain = await collect(await asked(model), { sampling: { temperature: 1 } });
    assert.ok(plain.events.every((event) => event.type === 'end' || event.logProbability !== undefined));
  });

  it('llama-server: ids, best first, the context of a slot, its own names of parameters', async () => {
    const server = await serve(stream([events(LLAMA_TURN)]), {
      '/v1/models': json(models('llamacpp', { meta: { n_ctx_train: 131072 } })),
      '/props': json(LLAMA_PROPS),
    });
    const model = await connect(server);
    assert.equal(model.capabilities.contextLength, 8192);
    const sampling = { temperature: 0.5, topK: 5, minP: 0.1, repetitionPenalty: 1.1, seed: 3 };
    const turn = await collect(await asked(model), { sampling, topCount: 2 });
    const [first] = turn.events;
    assert.deepEqual(first, {
      type: 'token',
      id: 9454,
      text: 'Yes',
      logProbability: -0.5,
      top: [
        { id: 9454, text: 'Yes', logProbability: -0.5 },
        { id: 2753, text: 'No', logProbability: -1 },
      ],
    });
    assert.deepEqual(turn.end, { type: 'end', reason: 'endOfTurn', text: '', seed: 3 });
    const { body } = server.chats[0] ?? assert.fail();
    assert.equal(body['repeat_penalty'], 1.1);
    assert.equal(body['min_p'], 0.1);
    assert.equal(body['reasoning_format'], 'none');
    assert.equal(body['seed'], 3);
  });

  it('transformers serve: no field that it refuses; thoughts and calls become text of the wire', async () => {
    const server = await serve(stream([events(TRANSFORMERS_TURN, false)]), {
      '/v1/models': refuse(500, 'Internal Server Error'),
      '/openapi.json': json(TRANSFORMERS_OPENAPI),
    });
    const model = await connect(server, { model: '/models/qwen' });
    const sequence = await asked(model);
    const turn = await collect(sequence);
    assert.equal(
      turn.text,
      '<think>look</think>so<tool_call>\n{"name": "image_zoom_in_tool", "arguments": {"bbox_2d": [1, 2, 3, 4]}}\n</tool_call>',
    );
    assert.equal(turn.end?.type === 'end' && turn.end.reason, 'endOfTurn');
    assert.equal(sequence.length, 16);
    assert.deepEqual(Object.keys(server.chats[0]?.body ?? {}).sort(), [
      'generation_config',
      'max_tokens',
      'messages',
      'model',
      'stream',
      'temperature',
      'top_p',
    ]);
  });

  it('a server that takes the stop string off gets it put back', async () => {
    const cut = [vllmChunk({ content: 'a' }), vllmChunk({}, { finish_reason: 'stop', stop_reason: 'END' })];
    const turn = await collect(await asked(await connect(await serve(stream([events(cut)])))), {
      stopStrings: ['END'],
    });
    assert.equal(turn.text, 'aEND');
    assert.deepEqual(turn.end, { type: 'end', reason: 'stopString', stopString: 'END', text: 'END' });
  });

  it('a stop string is watched from here where the server does not keep it; the request is closed', async () => {
    const server = await serve(
      async (response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const content of ['one ', 'STO', 'P and more'])
          response.write(events([vllmChunk({ content })], false));
        await new Promise((resolve) => response.on('close', resolve));
      },
      { '/v1/models': json(models('somebody')) },
    );
    const turn = await collect(await asked(await connect(server)), { stopStrings: ['STOP'] });
    assert.equal(turn.text, 'one STOP');
    assert.equal(server.chats[0]?.body['stop'], undefined);
  });

  it('length and the end of the context are told apart', async () => {
    const ended = (prompt: number): unknown[] => [
      vllmChunk({ content: 'a' }, { finish_reason: 'length' }),
      vllmUsage(prompt, 1),
    ];
    const server = await serve(stream([events(ended(10))]));
    const model = await connect(server);
    const short = await collect(await asked(model), { maxTokens: 1 });
    assert.equal(short.end?.type === 'end' && short.end.reason, 'length');
    server.paths['/v1/chat/completions'] = stream([events(ended(4095))]);
    const full = await collect(await asked(model), { maxTokens: 50 });
    assert.equal(full.end?.type === 'end' && full.end.reason, 'context');
  });

  it('is the same whatever the pieces in which it comes, split at every byte', async () => {
    const turn = [...VLLM_TURN.slice(0, 2), vllmChunk({ content: '日本🙂' }), ...VLLM_TURN.slice(4)];
    const bytes = new TextEncoder().encode(`: ping\n\n${events(turn).replaceAll('\n\n', '\r\n\r\n')}`);
    const server = await serve(stream([bytes]));
    const model = await connect(server);
    const whole = await collect(await asked(model));
    assert.equal(whole.text, 'H日本🙂');
    // Two pieces at each border within the part that has wide characters, and all bytes one by one.
    const wide = bytes.findIndex((byte) => byte > 127);
    for (let border = wide - 40; border < wide + 60; border++) {
      server.paths['/v1/chat/completions'] = stream([bytes.slice(0, border), bytes.slice(border)]);
      assert.deepEqual((await collect(await asked(model))).events, whole.events, `border ${border}`);
    }
    server.paths['/v1/chat/completions'] = stream(Array.from(bytes, (byte) => Uint8Array.of(byte)));
    assert.deepEqual((await collect(await asked(model))).events, whole.events);
  });
});
