import type OpenAI from 'openai';
import { cancelled, throwIfCancelled } from '../../common/cancel';
import { ImcotError } from '../../common/errors';
import type {
  AppendedImage,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  Sequence,
} from '../backend';
import { freshSeed } from '../randomNumbers';
import { type Conversation, EMPTY_CONVERSATION, withGenerated, withMessage } from './conversation';
import { joinSignals } from './joinSignals';
import type { DataUrls } from './dataUrls';
import { generateOnServer, type Outcome, type ServedModel } from './generateOnServer';

type ContentPart = OpenAI.Chat.Completions.ChatCompletionContentPart;

/** A point of a conversation: the conversation itself. */
class ServerMark implements Mark {
  constructor(readonly conversation: Conversation) {}

  get length(): number {
    return this.conversation.length;
  }
}

/** One conversation with a server: its messages are kept here and sent whole each time. */
export class ServerSequence implements Sequence {
  /** Calls follow one another; this resolves when the last one so far is over. */
  private turn: Promise<void> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly served: ServedModel,
    private readonly dataUrls: DataUrls,
    private conversation: Conversation = EMPTY_CONVERSATION,
  ) {}

  /** As the server counted last, and what it generated since: messages count from the next generation on. */
  get length(): number {
    return this.conversation.length;
  }

  private async takeTurn(): Promise<() => void> {
    const before = this.turn;
    let done = (): void => undefined;
    this.turn = new Promise((resolve) => (done = resolve));
    await before;
    const { isClosed } = this.served.connection;
    if (!this.closed && !isClosed) return done;
    done();
    throw isClosed
      ? new ImcotError('cancelled', 'The model was let go of.')
      : new ImcotError('usage', 'The sequence was closed.');
  }

  private async inTurn<T>(task: () => Promise<T> | T): Promise<T> {
    const done = await this.takeTurn();
    try {
      return await task();
    } finally {
      done();
    }
  }

  /** The tokens added are known only after the next generation, so they are not told here. */
  appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly images: readonly AppendedImage[] }> {
    return this.inTurn(async () => {
      throwIfCancelled(signal);
      const images: AppendedImage[] = [];
      const parts: ContentPart[] = [];
      for (const part of message.parts) {
        if (part.type === 'text') {
          parts.push({ type: 'text', text: part.text });
          continue;
        }
        const { url, appended } = await this.dataUrls.make(part.image, signal);
        parts.push({ type: 'image_url', image_url: { url } });
        images.push(appended);
      }
      this.conversation = withMessage(this.conversation, messageOf(message.role, parts));
      return { images };
    });
  }

  appendText(): Promise<number> {
    return Promise.reject(needsTemplate('text of the wire'));
  }

  appendTokens(): Promise<void> {
    return Promise.reject(needsTemplate('tokens'));
  }

  appendImage(_image: ModelImage): Promise<AppendedImage> {
    return Promise.reject(needsTemplate('a picture outside of a message'));
  }

  score(): Promise<Float32Array> {
    return Promise.reject(
      new ImcotError('usage', 'A server tells the probabilities of what it generates, and of nothing else.'),
    );
  }

  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, undefined> {
    const done = await this.takeTurn();
    const seed = options.sampling.temperature === 0 ? undefined : (options.sampling.seed ?? freshSeed());
    const ending = joinSignals(options.signal);
    const forget = this.served.connection.onClosed(() => ending.abort());
    const seen: Seen = { text: '', closed: false, outcome: { count: 0 } };
    try {
      this.checkGoesOn(options);
      const { seed: _seed, ...sampling } = options.sampling;
      const seeded = { ...options, sampling: { ...sampling, ...(seed !== undefined && { seed }) } };
      for await (const event of this.events(seeded, ending.signal, seen)) {
        yield event.type === 'end' && seed !== undefined ? { ...event, seed } : event;
      }
    } finally {
      forget();
      ending.release();
      if (seen.text !== '' || seen.closed) this.conversation = this.after(seen);
      done();
    }
  }

  /** The model's events as they are, and a cancelled end in place of the failure that a signal causes. */
  private async *events(
    options: GenerateOptions,
    signal: AbortSignal,
    seen: Seen,
  ): AsyncGenerator<GenerationEvent, void, undefined> {
    const { connection } = this.served;
    if (options.maxTokens === 0) return yield { type: 'end', reason: 'length', text: '' };
    const place = await freePlace(connection.limiter, signal);
    if (place === undefined) return yield { type: 'end', reason: 'cancelled', text: '' };
    try {
      for await (const event of generateOnServer(
        this.served,
        this.conversation,
        options,
        signal,
        seen.outcome,
      )) {
        seen.text += event.text;
        if (event.type === 'end') seen.closed = event.reason === 'endOfTurn';
        yield event;
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      yield { type: 'end', reason: 'cancelled', text: '' };
    } finally {
      place();
    }
  }

  private checkGoesOn(options: GenerateOptions): void {
    const { dialect } = this.served;
    if (!(options.maxTokens >= 0)) {
      throw new ImcotError('usage', `maxTokens must be 0 or more, not ${String(options.maxTokens)}.`);
    }
    if ((options.topCount ?? 0) > dialect.maxTopCount) {
      throw new ImcotError(
        'usage',
        `${dialect.label} gives at most ${dialect.maxTopCount} alternatives per token, not ${options.topCount}.`,
      );
    }
    const { state, messages } = this.conversation;
    if (state === 'closed') {
      throw new ImcotError('usage', 'The model has ended its turn: append a message before it goes on.');
    }
    if (state === 'cut' && dialect.continues === 'never') {
      throw new ImcotError(
        'usage',
        `${dialect.label} can't go on with an answer that was cut short: append a message first, or go back to a mark.`,
      );
    }
    if (state === 'open' && messages.at(-1)?.role === 'assistant' && dialect.continues !== 'asked') {
      throw new ImcotError(
        'usage',
        `${dialect.label} can't begin a turn of the assistant after a message of the assistant: append another message.`,
      );
    }
  }

  private after(seen: Seen): Conversation {
    const { usage, count } = seen.outcome;
    const length = usage === undefined ? this.length + count : usage.prompt + usage.completion;
    return withGenerated(this.conversation, seen.text, seen.closed, length);
  }

  mark(): Mark {
    return new ServerMark(this.conversation);
  }

  rewind(mark: Mark): Promise<void> {
    return this.inTurn(() => {
      if (!(mark instanceof ServerMark)) {
        throw new ImcotError('usage', 'The mark was not made by a conversation with a server.');
      }
      this.conversation = mark.conversation;
    });
  }

  fork(): Promise<Sequence> {
    return this.inTurn(() => new ServerSequence(this.served, this.dataUrls, this.conversation));
  }

  async close(): Promise<void> {
    const before = this.turn;
    this.turn = before.then(() => {
      this.closed = true;
      this.conversation = EMPTY_CONVERSATION;
    });
    await this.turn;
  }
}

/** What a generation has given so far. */
interface Seen {
  text: string;
  closed: boolean;
  readonly outcome: Outcome;
}

/** Waits for a place; undefined when the signal fires first. The returned function frees it. */
async function freePlace(
  limiter: ServedModel['connection']['limiter'],
  signal: AbortSignal,
): Promise<(() => void) | undefined> {
  if (signal.aborted) return undefined;
  return new Promise((resolve, reject) => {
    const hold = (): Promise<void> => new Promise((free) => resolve(free));
    limiter.run(hold, signal).catch((thrown: unknown) => {
      if (signal.aborted) resolve(undefined);
      else reject(thrown instanceof Error ? thrown : cancelled(signal));
    });
  });
}

/** A message without pictures is one text: not every server takes parts for every role. */
function messageOf(
  role: Message['role'],
  parts: readonly ContentPart[],
): OpenAI.Chat.Completions.ChatCompletionMessageParam {
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
  if (texts.length === parts.length) return { role, content: texts.join('') };
  if (role === 'user') return { role, content: [...parts] };
  throw new ImcotError('usage', `Servers take pictures in messages of the user only, not of the ${role}.`);
}

function needsTemplate(what: string): ImcotError {
  return new ImcotError('usage', `A server takes whole messages: ${what} can't be appended.`);
}
