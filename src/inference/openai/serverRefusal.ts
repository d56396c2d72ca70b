import { field, numberField, textField } from './fields';

/** A server's answer with a status of 400 or more. */
export class ServerRefusal extends Error {
  override readonly name = 'ServerRefusal';

  /**
   * @param body as it came, the key blotted out
   * @param retryAfter the header of this name
   */
  constructor(
    readonly status: number,
    readonly body: string,
    readonly retryAfter: string | null,
  ) {
    super('The server refused a request.');
  }

  /**
   * What the server says about it. OpenAI's form is `error.message`; vLLM before 0.10 and SGLang have `message` at the
   * top, FastAPI (`transformers serve`) `detail`, text servers anything.
   */
  get reason(): string {
    return reasonOf(this.json) ?? this.body;
  }

  /** The parsed body; undefined when it is not JSON. */
  get json(): unknown {
    try {
      return JSON.parse(this.body) as unknown;
    } catch {
      return undefined;
    }
  }

  /** Milliseconds that the server asks to wait: seconds or a date (RFC 9110, section 10.2.3). */
  get pause(): number | undefined {
    if (this.retryAfter === null) return undefined;
    const seconds = Number(this.retryAfter);
    const pause = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(this.retryAfter) - Date.now();
    return Number.isNaN(pause) ? undefined : Math.max(0, pause);
  }
}

function reasonOf(json: unknown): string | undefined {
  const error = field(json, 'error');
  if (typeof error === 'string') return error;
  const detail = field(json, 'detail');
  return (
    textField(error, 'message') ??
    textField(json, 'message') ??
    (typeof detail === 'string' ? detail : detail === undefined ? undefined : JSON.stringify(detail))
  );
}

/** Where a conversation does not fit into the model. */
export interface ContextOverflow {
  /** Tokens that one conversation can hold. */
  readonly contextLength: number;
  /** Tokens of the conversation that was sent. */
  readonly promptTokens: number;
}

/*
 * The sentences of vLLM (`vllm/renderers/params.py`, before `serving_engine.py`; an older one counts messages and
 * completion) and of SGLang (`tokenizer_manager.py`).
 */
const CONTEXT = /maximum context length (?:is|of) (\d+)/i;
const PROMPT = [
  /(\d+) input tokens/i,
  /\((\d+) in the messages/i,
  /(\d+) tokens from the input/i,
  /prompt contains(?: at least)? (\d+)/i,
];

/** Tells whether a refusal means that there is no room for prompt and answer together, and how much there is. */
export function contextOverflow(refusal: ServerRefusal): ContextOverflow | undefined {
  if (refusal.status !== 400) return undefined;
  // llama-server names the numbers.
  const error = field(refusal.json, 'error');
  const named = {
    contextLength: numberField(error, 'n_ctx'),
    promptTokens: numberField(error, 'n_prompt_tokens'),
  };
  if (named.contextLength !== undefined && named.promptTokens !== undefined) {
    return { contextLength: named.contextLength, promptTokens: named.promptTokens };
  }
  const { reason } = refusal;
  const contextLength = CONTEXT.exec(reason)?.[1];
  const promptTokens = PROMPT.map((pattern) => pattern.exec(reason)?.[1]).find(
    (found) => found !== undefined,
  );
  if (contextLength === undefined || promptTokens === undefined) return undefined;
  return { contextLength: Number(contextLength), promptTokens: Number(promptTokens) };
}
