import { ImcotError } from '../../common/errors';
import type { Backend, Capabilities, SamplingParameters } from '../backend';
import { DataUrls } from './dataUrls';
import { describeServer } from './describeServer';
import { DIALECTS } from './dialect';
import type { ServedModel } from './generateOnServer';
import { ServerConnection } from './serverConnection';
import { DEFAULT_TIME_LIMITS, type ServerModelOptions } from './serverOptions';
import { ServerSequence } from './serverSequence';

/** A server's model as a backend. */
class ServerModel implements Backend {
  readonly capabilities: Capabilities;
  /** Servers do not tell theirs in one form; each request says all that matters. */
  readonly defaults: Partial<SamplingParameters> = {};

  constructor(
    private readonly served: ServedModel,
    private readonly dataUrls: DataUrls,
  ) {
    const { dialect, connection } = served;
    this.capabilities = {
      model: served.model,
      device: `${dialect.label} at ${connection.address.origin}`,
      contextLength: served.contextLength,
      wireText: false,
      branches: true,
      scores: false,
      maxTopCount: dialect.maxTopCount,
    };
  }

  start(): Promise<ServerSequence> {
    if (this.served.connection.isClosed) {
      return Promise.reject(new ImcotError('cancelled', 'The model was let go of.'));
    }
    return Promise.resolve(new ServerSequence(this.served, this.dataUrls));
  }

  dispose(): void {
    this.served.connection.close();
  }
}

/**
 * A model behind chat completions of an OpenAI-compatible server (vLLM, SGLang, llama-server, `transformers serve`, or
 * another one) as a backend. Opening asks the server for its models; nothing but its address is ever contacted,
 * redirects are not followed, and requests carry the key and nothing about this machine.
 *
 * A sequence keeps its messages and sends them whole; the server's cache makes that cheap. `appendText`,
 * `appendTokens`, `appendImage` and `score` are refused. Going on with an answer that was cut short needs vLLM, SGLang
 * or llama-server. Calls and thoughts that a server took out of the text are put back as `<tool_call>` with JSON inside
 * and `<think>`. Token ids and log-probabilities come where the server gives them and they are the plain
 * distribution's; elsewhere an event is a piece of text without an id. `contextLength` is Infinity where neither server
 * nor options tell. The same seed gives the same tokens only as far as the server keeps that promise.
 * @throws ImcotError `usage` for the options; `missing` when the server or the model can't be found; `denied` when the
 *   key is not accepted; `limit` when it does not answer in time; `cancelled` by the signal
 */
export async function openServerModel(options: ServerModelOptions): Promise<Backend> {
  checkNumbers(options);
  const connection = new ServerConnection(options);
  const { kind, model, contextLength } = await describeServer(connection, options);
  const served = { connection, dialect: DIALECTS[kind], model, contextLength: contextLength ?? Infinity };
  return new ServerModel(served, new DataUrls(options));
}

function checkNumbers(options: ServerModelOptions): void {
  const { timeLimits = {}, retries = {}, concurrency = 1, contextLength = 1 } = options;
  for (const name of Object.keys(DEFAULT_TIME_LIMITS) as (keyof typeof DEFAULT_TIME_LIMITS)[]) {
    const value = timeLimits[name];
    if (value !== undefined && !(value > 0)) throw wrong(`timeLimits.${name}`, 'above 0', value);
  }
  for (const [name, value] of Object.entries(retries)) {
    if (!(value >= 0)) throw wrong(`retries.${name}`, '0 or more', value);
  }
  if (!(concurrency >= 1)) throw wrong('concurrency', '1 or more', concurrency);
  if (!(contextLength >= 1)) throw wrong('contextLength', '1 or more', contextLength);
}

function wrong(name: string, range: string, value: number): ImcotError {
  return new ImcotError('usage', `${name} must be ${range}, not ${value}.`);
}
