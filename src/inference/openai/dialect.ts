import { ImcotError } from '../../common/errors';
import type { SamplingParameters } from '../backend';
import type { ServerKind } from './serverOptions';

/** One request for text. */
export interface GenerationRequest {
  readonly sampling: SamplingParameters;
  readonly maxTokens: number;
  readonly stopStrings: readonly string[];
  readonly topCount: number;
  /** The last message is the assistant's own, to be gone on with. */
  readonly continuing: boolean;
}

/** How one kind of server is spoken to. */
export interface Dialect {
  /** For a person. */
  readonly label: string;
  /** Alternatives per token that can be asked for; 0 where the server gives no log-probabilities. */
  readonly maxTopCount: number;
  /**
   * Whether it goes on with an assistant's message that was cut short: `asked` by fields of the request, `always`
   * when such a message comes last, `never`.
   */
  readonly continues: 'asked' | 'always' | 'never';
  /** Whether it stops at the stop strings by itself and leaves them in the text; the others are watched from here. */
  readonly keepsStopStrings: boolean;
  /** What a request says beside OpenAI's model, messages, stream, temperature, top_p, max_tokens and seed. */
  fields(request: GenerationRequest): Readonly<Record<string, unknown>>;
  /** Whether its log-probabilities are those of the model's plain distribution for this request. */
  plainLogProbabilities(sampling: SamplingParameters): boolean;
}

const USAGE = { stream_options: { include_usage: true } };

const greedy = (sampling: SamplingParameters): boolean => sampling.temperature === 0;
const penalised = (sampling: SamplingParameters): boolean => (sampling.repetitionPenalty ?? 1) !== 1;

/**
 * vLLM: the sampling and extra parameters of `ChatCompletionRequest` in `vllm/entrypoints/openai/chat_completion/
 * protocol.py`. -1 keeps all tokens in every version. Its log-probabilities are raw since its second engine
 * (`logprobs_mode`), 20 alternatives at most (`max_logprobs`).
 */
const VLLM: Dialect = {
  label: 'vLLM',
  maxTopCount: 20,
  continues: 'asked',
  keepsStopStrings: true,
  fields: ({ sampling, stopStrings, topCount, continuing }) => ({
    ...USAGE,
    top_k: keepAllAs(-1, sampling.topK),
    min_p: sampling.minP ?? 0,
    repetition_penalty: sampling.repetitionPenalty ?? 1,
    skip_special_tokens: false,
    spaces_between_special_tokens: false,
    return_token_ids: true,
    logprobs: true,
    top_logprobs: topCount,
    ...(stopStrings.length > 0 && { stop: stopStrings, include_stop_str_in_output: true }),
    ...(continuing && { continue_final_message: true, add_generation_prompt: false }),
  }),
  plainLogProbabilities: () => true,
};

/**
 * SGLang: `ChatCompletionRequest` in `python/sglang/srt/entrypoints/openai/protocol.py`. `no_stop_trim` keeps stop
 * strings, `separate_reasoning` would take the thoughts out of the text. Its log-probabilities are taken after
 * temperature and penalties, so they are the plain ones only where neither has an effect (greedy counts as 1).
 */
const SGLANG: Dialect = {
  label: 'SGLang',
  maxTopCount: 20,
  continues: 'asked',
  keepsStopStrings: true,
  fields: ({ sampling, stopStrings, topCount, continuing }) => ({
    ...USAGE,
    top_k: keepAllAs(-1, sampling.topK),
    min_p: sampling.minP ?? 0,
    repetition_penalty: sampling.repetitionPenalty ?? 1,
    skip_special_tokens: false,
    separate_reasoning: false,
    logprobs: true,
    top_logprobs: topCount,
    ...(stopStrings.length > 0 && { stop: stopStrings, no_stop_trim: true }),
    ...(continuing && { continue_final_message: true }),
  }),
  plainLogProbabilities: (sampling) =>
    (greedy(sampling) || sampling.temperature === 1) && !penalised(sampling),
};

/**
 * llama-server: `tools/server/README.md` of llama.cpp, whose completion options also hold for chats. Its own defaults
 * (40 best, min_p 0.05, penalty over 64 tokens) are switched off and its samplers put into the order of Hugging Face.
 * `reasoning_format` none leaves thoughts in the text. It cuts stop strings off without saying which one came. With no
 * `top_logprobs` it gives no log-probabilities at all. A last assistant message is gone on with unless it was started
 * with --no-prefill-assistant.
 */
const LLAMA_SERVER: Dialect = {
  label: 'llama-server',
  maxTopCount: 20,
  continues: 'always',
  keepsStopStrings: false,
  fields: ({ sampling, topCount }) => ({
    ...USAGE,
    top_k: keepAllAs(0, sampling.topK),
    min_p: sampling.minP ?? 0,
    repeat_penalty: sampling.repetitionPenalty ?? 1,
    repeat_last_n: -1,
    samplers: ['penalties', 'temperature', 'top_k', 'top_p', 'min_p'],
    reasoning_format: 'none',
    logprobs: true,
    top_logprobs: Math.max(1, topCount),
  }),
  plainLogProbabilities: () => true,
};

/**
 * `transformers serve`: `src/transformers/cli/serving/chat_completion.py` and `utils.py` of transformers 5. It refuses
 * fields that it does not know; a whole generation config goes in as JSON text, which is also the only way to switch
 * sampling on for a checkpoint that is greedy by default. Usage comes unasked.
 */
const TRANSFORMERS: Dialect = {
  label: 'transformers serve',
  maxTopCount: 0,
  continues: 'never',
  keepsStopStrings: false,
  fields: ({ sampling, maxTokens }) => ({
    generation_config: JSON.stringify({
      do_sample: !greedy(sampling),
      max_new_tokens: maxTokens,
      repetition_penalty: sampling.repetitionPenalty ?? 1,
      ...(!greedy(sampling) && {
        temperature: sampling.temperature,
        top_k: keepAllAs(0, sampling.topK),
        top_p: sampling.topP ?? 1,
        ...(sampling.minP !== undefined && { min_p: sampling.minP }),
      }),
    }),
  }),
  plainLogProbabilities: () => false,
};

/** Anything else: OpenAI's own fields, and a refusal of what they can't say. */
const OTHER: Dialect = {
  label: 'server',
  maxTopCount: 0,
  continues: 'never',
  keepsStopStrings: false,
  fields: ({ sampling }) => {
    const unsaid = [
      ...(keepAllAs(0, sampling.topK) > 0 ? ['topK'] : []),
      ...((sampling.minP ?? 0) > 0 ? ['minP'] : []),
      ...(penalised(sampling) ? ['repetitionPenalty'] : []),
    ];
    if (unsaid.length > 0) {
      throw new ImcotError(
        'usage',
        `${unsaid.join(', ')} can't be asked of a server of unknown kind: say which kind it is, or leave them out.`,
      );
    }
    return {};
  },
  plainLogProbabilities: () => false,
};

/** How each kind is spoken to. */
export const DIALECTS: Readonly<Record<ServerKind, Dialect>> = {
  vllm: VLLM,
  sglang: SGLANG,
  'llama-server': LLAMA_SERVER,
  transformers: TRANSFORMERS,
  other: OTHER,
};

function keepAllAs(all: number, topK: number | undefined): number {
  return topK === undefined || topK <= 0 ? all : topK;
}
