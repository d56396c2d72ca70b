/*
 * Answers in the shapes of each server, written after their sources:
 * - vLLM: `ChatCompletionStreamResponse` in vllm/entrypoints/openai/chat_completion/protocol.py, the order of chunks in
 *   serving.py (role first, usage alone last, `stop_reason` null at the end of the turn)
 * - SGLang: serving_chat.py (finish reason in a chunk of its own, `matched_stop` a token's id or the stop string)
 * - llama-server: `to_json_oaicompat_chat_stream` in tools/server/server-task.cpp (content null in the first delta, ids
 *   in the log-probabilities, `timings`), /props and /v1/models in tools/server/README.md
 * - transformers serve: src/transformers/cli/serving/chat_completion.py (usage in the last chunk, no closing mark)
 */

/** vLLM's log-probability of a token. */
export const logprob = (token: string, value: number, top: readonly [string, number][] = []): unknown => ({
  token,
  logprob: value,
  bytes: [...new TextEncoder().encode(token)],
  top_logprobs: top.map(([text, probability]) => ({
    token: text,
    logprob: probability,
    bytes: [...new TextEncoder().encode(text)],
  })),
});

const head = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'qwen' };
const usageOf = (prompt: number, completion: number): unknown => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completion,
  completion_tokens: completion,
});

/** What a server says of its models. */
export const models = (owner: string, more: object = {}): unknown => ({
  object: 'list',
  data: [{ id: 'qwen', object: 'model', created: 1, owned_by: owner, ...more }],
});

/** One chunk of vLLM. */
export const vllmChunk = (delta: object, more: object = {}): unknown => ({
  ...head,
  choices: [{ index: 0, delta, logprobs: null, finish_reason: null, token_ids: null, ...more }],
});

export const vllmUsage = (prompt: number, completion: number): unknown => ({
  ...head,
  choices: [],
  usage: usageOf(prompt, completion),
});

/** "Hé" and the end of the turn, which is left in the text as special tokens are asked for. */
export const VLLM_TURN: readonly unknown[] = [
  vllmChunk({ role: 'assistant', content: '' }),
  vllmChunk(
    { content: 'H' },
    {
      logprobs: {
        content: [
          logprob('H', -0.25, [
            ['H', -0.25],
            ['h', -1.5],
          ]),
        ],
      },
      token_ids: [39],
    },
  ),
  vllmChunk({ content: '' }, { logprobs: { content: [logprob('\ufffd', -0.5)] }, token_ids: [127] }),
  vllmChunk({ content: 'é' }, { logprobs: { content: [logprob('\ufffd', -0.125)] }, token_ids: [102] }),
  vllmChunk(
    { content: '<|im_end|>' },
    {
      logprobs: { content: [logprob('<|im_end|>', -0.0625)] },
      token_ids: [151645],
      finish_reason: 'stop',
      stop_reason: null,
    },
  ),
  vllmUsage(21, 4),
];

/** SGLang: a stop string that was left in the text. */
export const SGLANG_TURN: readonly unknown[] = [
  {
    ...head,
    choices: [
      {
        index: 0,
        delta: { role: 'assistant', content: '' },
        logprobs: null,
        finish_reason: null,
        matched_stop: null,
      },
    ],
  },
  {
    ...head,
    choices: [
      {
        index: 0,
        delta: { content: 'a</tool' },
        logprobs: { content: [logprob('a', -1), logprob('</', -2), logprob('tool', -3)] },
        finish_reason: null,
        matched_stop: null,
      },
    ],
  },
  {
    ...head,
    choices: [
      {
        index: 0,
        delta: { content: '_call>' },
        logprobs: { content: [logprob('_call', -4), logprob('>', -5)] },
        finish_reason: null,
        matched_stop: null,
      },
    ],
  },
  {
    ...head,
    choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop', matched_stop: '</tool_call>' }],
  },
  { ...head, choices: [], usage: usageOf(10, 5) },
];

const llama = (choice: object, more: object = {}): unknown => ({
  choices: [{ finish_reason: null, index: 0, ...choice }],
  created: 1,
  id: 'chatcmpl-1',
  model: 'qwen',
  system_fingerprint: 'b6097-9515c613',
  object: 'chat.completion.chunk',
  ...more,
});

/** llama-server: ids of tokens, thoughts and calls left in the text. */
export const LLAMA_TURN: readonly unknown[] = [
  llama({ delta: { role: 'assistant', content: null } }),
  llama({
    delta: { content: 'Yes' },
    logprobs: {
      content: [
        {
          id: 9454,
          token: 'Yes',
          bytes: [89, 101, 115],
          logprob: -0.5,
          top_logprobs: [
            { id: 2753, token: 'No', bytes: [78, 111], logprob: -1 },
            { id: 9454, token: 'Yes', bytes: [89, 101, 115], logprob: -0.5 },
          ],
        },
      ],
    },
  }),
  llama({ finish_reason: 'stop', delta: {} }),
  { ...(llama({}) as object), choices: [], usage: usageOf(30, 2), timings: { prompt_n: 30, predicted_n: 2 } },
];

/** llama-server's properties. */
export const LLAMA_PROPS = { default_generation_settings: { n_ctx: 8192, params: {} }, total_slots: 1 };

/** `transformers serve`: pieces of text, a call that it parsed itself. */
export const TRANSFORMERS_TURN: readonly unknown[] = [
  { ...head, choices: [{ delta: { role: 'assistant' }, index: 0 }], system_fingerprint: '' },
  { ...head, choices: [{ delta: { reasoning_content: 'look' }, index: 0 }], system_fingerprint: '' },
  { ...head, choices: [{ delta: { content: 'so' }, index: 0 }], system_fingerprint: '' },
  {
    ...head,
    choices: [
      {
        delta: {
          tool_calls: [
            {
              index: 0,
              id: 'x_tool_call_0',
              type: 'function',
              function: { name: 'image_zoom_in_tool', arguments: '{"bbox_2d": [1, 2, 3, 4]}' },
            },
          ],
        },
        index: 0,
      },
    ],
    system_fingerprint: '',
  },
  {
    ...head,
    choices: [{ delta: {}, index: 0, finish_reason: 'tool_calls' }],
    system_fingerprint: '',
    usage: usageOf(7, 9),
  },
];

/** The paths of `transformers serve` by which it is known. */
export const TRANSFORMERS_OPENAPI = {
  openapi: '3.1.0',
  paths: { '/v1/chat/completions': {}, '/load_model': {} },
};
