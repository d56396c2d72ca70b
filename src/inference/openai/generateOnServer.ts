import type OpenAI from 'openai';
import { throwIfCancelled } from '../../common/cancel';
import { ImcotError } from '../../common/errors';
import type { GenerateOptions, GenerationEvent } from '../backend';
import { type Conversation, wireMessages } from './conversation';
import { Deadlines } from './deadlines';
import type { Dialect } from './dialect';
import { joinSignals } from './joinSignals';
import { retryPause, sleep } from './retries';
import type { ServerConnection } from './serverConnection';
import { rootFailure } from './serverFailure';
import { contextOverflow, ServerRefusal } from './serverRefusal';
import { TurnReader } from './turnReader';

type Params = OpenAI.Chat.Completions.ChatCompletionCreateParamsStreaming;

/** One model of one server. */
export interface ServedModel {
  readonly connection: ServerConnection;
  readonly dialect: Dialect;
  readonly model: string;
  /** Infinity where nobody says. */
  readonly contextLength: number;
}

/** What one generation left behind, filled in while it goes on. */
export interface Outcome {
  /** Tokens as the server counts them; absent where it does not. */
  usage?: { readonly prompt: number; readonly completion: number };
  /** Tokens, or pieces, that came. */
  count: number;
}

/** Chunks that may follow a stop string until the server's own end with its counts. */
const LAST_CHUNKS = 64;

/**
 * Lets a server go on with a conversation. Attempts are repeated only until the first token.
 * @param signal ends it; the request is closed at once
 * @param outcome is filled
 * @throws ImcotError when the server can't be reached, refuses, breaks off, or is too slow
 */
export async function* generateOnServer(
  served: ServedModel,
  conversation: Conversation,
  options: GenerateOptions,
  signal: AbortSignal,
  outcome: Outcome,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const { connection } = served;
  const deadlines = new Deadlines(connection.limits);
  let { maxTokens } = options;
  try {
    for (let failures = 0; ;) {
      try {
        const limited = { ...options, maxTokens };
        return yield* attempt(served, conversation, limited, signal, deadlines, outcome);
      } catch (thrown) {
        throwIfCancelled(signal);
        if (deadlines.failure !== undefined) throw deadlines.failure;
        const room = roomLeft(thrown, maxTokens);
        if (room !== undefined) {
          if (room === 0) return yield { type: 'end', reason: 'context', text: '' };
          maxTokens = room;
          continue;
        }
        failures++;
        const pause = outcome.count > 0 ? undefined : retryPause(thrown, failures, connection.retries);
        if (pause === undefined) throw connection.describe(thrown);
        deadlines.pause();
        connection.logger.debug(
          `Asking the server again in ${Math.round(pause)} ms (attempt ${failures + 1}).`,
        );
        await sleepUntil(pause, signal, deadlines);
      }
    }
  } finally {
    deadlines.stop();
  }
}

/** Tokens that can be asked for after a refusal because of the context's end; undefined for any other failure. */
function roomLeft(thrown: unknown, asked: number): number | undefined {
  const failure = rootFailure(thrown);
  const overflow = failure instanceof ServerRefusal ? contextOverflow(failure) : undefined;
  if (overflow === undefined) return undefined;
  const room = Math.max(0, overflow.contextLength - overflow.promptTokens);
  // It would be refused again.
  return room < asked ? room : undefined;
}

async function sleepUntil(pause: number, signal: AbortSignal, deadlines: Deadlines): Promise<void> {
  const waiting = new AbortController();
  deadlines.begin(() => waiting.abort());
  deadlines.pause();
  const ending = joinSignals(signal, waiting.signal);
  try {
    await sleep(pause, ending.signal);
  } catch (thrown) {
    throw deadlines.failure ?? thrown;
  } finally {
    ending.release();
  }
}

async function* attempt(
  served: ServedModel,
  conversation: Conversation,
  options: GenerateOptions,
  signal: AbortSignal,
  deadlines: Deadlines,
  outcome: Outcome,
): AsyncGenerator<GenerationEvent, void, undefined> {
  const { connection, dialect } = served;
  const closing = new AbortController();
  const ending = joinSignals(signal, closing.signal);
  deadlines.begin(() => closing.abort());
  const plain = dialect.plainLogProbabilities(options.sampling);
  const reported = { plain, topCount: options.topCount ?? 0 };
  const reader = new TurnReader(options, reported, served.contextLength);
  try {
    const params = paramsFor(served, conversation, options);
    const chunks = await connection.client.chat.completions.create(params, { signal: ending.signal });
    let late = 0;
    for await (const chunk of chunks) {
      for (const event of reader.push(chunk)) {
        outcome.count++;
        deadlines.token();
        yield event;
      }
      if (reader.isOver && (!dialect.keepsStopStrings || ++late > LAST_CHUNKS)) break;
    }
    // An aborted stream just ends.
    throwIfCancelled(signal);
    if (deadlines.failure !== undefined) throw deadlines.failure;
    if (!reader.hasFinished && !reader.isOver) throw brokenOff(connection);
    const { events, end } = reader.end();
    outcome.count += events.length;
    yield* events;
    yield end;
  } finally {
    if (reader.usage !== undefined) outcome.usage = reader.usage;
    deadlines.pause();
    closing.abort();
    ending.release();
  }
}

function brokenOff(connection: ServerConnection): ImcotError {
  return new ImcotError(
    'input',
    `The server at ${connection.address.origin} broke off in the middle of its answer. Look at its own log.`,
  );
}

/** The body of a request. Fields that OpenAI's types do not know are the dialect's. */
function paramsFor(served: ServedModel, conversation: Conversation, options: GenerateOptions): Params {
  const { sampling, maxTokens } = options;
  const params: Params = {
    model: served.model,
    messages: wireMessages(conversation),
    stream: true,
    temperature: sampling.temperature,
    top_p: sampling.topP ?? 1,
    max_tokens: maxTokens,
    ...(sampling.seed !== undefined && { seed: sampling.seed }),
  };
  const fields = served.dialect.fields({
    sampling,
    maxTokens,
    stopStrings: options.stopStrings ?? [],
    topCount: options.topCount ?? 0,
    continuing: conversation.state === 'cut',
  });
  return { ...params, ...fields };
}
