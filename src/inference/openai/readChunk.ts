import { field, listField, numberField, textField } from './fields';

/** A token as a server tells of it. */
export interface ServerToken {
  readonly id?: number;
  readonly text: string;
  readonly logProbability: number;
  readonly top: readonly ServerChoice[];
}

/** An alternative to a token. */
export interface ServerChoice {
  readonly id?: number;
  readonly text: string;
  readonly logProbability: number;
}

/** A piece of a structured call; the pieces of one call have the same index. */
export interface CallPiece {
  readonly index: number;
  readonly name: string;
  readonly arguments: string;
}

/** What one chunk of a stream says. */
export interface Chunk {
  readonly thought: string;
  readonly text: string;
  readonly calls: readonly CallPiece[];
  readonly tokens: readonly ServerToken[];
  /** Ids of the tokens of this chunk (vLLM). */
  readonly ids: readonly number[];
  readonly finish?: string;
  /** The stop string that ended it: vLLM's `stop_reason`, SGLang's `matched_stop`; both give a token's id otherwise. */
  readonly stopString?: string;
  readonly usage?: { readonly prompt: number; readonly completion: number };
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

/**
 * Reads `chat.completion.chunk` as vLLM, SGLang, llama-server and `transformers serve` write it. Thoughts that a server
 * took out of the text stand in `reasoning_content`, in newer vLLM in `reasoning`.
 */
export function readChunk(value: unknown): Chunk {
  const choice = listField(value, 'choices').find((entry) => (numberField(entry, 'index') ?? 0) === 0);
  const delta = field(choice, 'delta');
  const usage = readUsage(field(value, 'usage'));
  const finish = textField(choice, 'finish_reason');
  const stopString = textField(choice, 'stop_reason') ?? textField(choice, 'matched_stop');
  return {
    thought: textField(delta, 'reasoning_content') ?? textField(delta, 'reasoning') ?? '',
    text: textField(delta, 'content') ?? '',
    calls: listField(delta, 'tool_calls').map(readCall),
    tokens: listField(field(choice, 'logprobs'), 'content').flatMap(readToken),
    ids: listField(choice, 'token_ids').filter(isNumber),
    ...(finish !== undefined && { finish }),
    ...(stopString !== undefined && { stopString }),
    ...(usage !== undefined && { usage }),
  };
}

function readUsage(value: unknown): Chunk['usage'] {
  const prompt = numberField(value, 'prompt_tokens');
  const completion = numberField(value, 'completion_tokens');
  return prompt === undefined || completion === undefined ? undefined : { prompt, completion };
}

function readCall(value: unknown, position: number): CallPiece {
  const called = field(value, 'function');
  const given = field(called, 'arguments');
  return {
    index: numberField(value, 'index') ?? position,
    name: textField(called, 'name') ?? '',
    // OpenAI's form is JSON as text; some servers send the object itself.
    arguments:
      typeof given === 'string' ? given : given === undefined || given === null ? '' : JSON.stringify(given),
  };
}

function readToken(value: unknown): ServerToken[] {
  return readChoice(value).map((choice) => ({
    ...choice,
    top: listField(value, 'top_logprobs').flatMap(readChoice),
  }));
}

/** The id is llama-server's own addition. */
function readChoice(value: unknown): ServerChoice[] {
  const text = field(value, 'token');
  const logProbability = numberField(value, 'logprob');
  if (typeof text !== 'string' || logProbability === undefined) return [];
  const id = numberField(value, 'id');
  return [{ text, logProbability, ...(id !== undefined && { id }) }];
}
