import { ImcotError } from '../../../common/errors';
import type {
  AppendedImage,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  Sequence,
} from '../../backend';
import { Sampler, type SampledToken } from '../../sampling';
import { StopStrings } from '../../stopStrings';
import { StreamText } from '../text/streamText';
import { Conversation } from './conversation';
import type { Dependent, ModelCore } from './modelCore';
import { SequenceState } from './sequenceState';

/** One conversation with a local model. */
export class LocalSequence implements Sequence, Dependent {
  /** Calls follow one another; this resolves when the last one so far is over. */
  private turn: Promise<void> = Promise.resolve();
  private closed = false;
  private dropped = false;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly core: ModelCore,
    private readonly onClose: (sequence: LocalSequence) => void,
    private readonly state = new SequenceState(core),
    private readonly conversation = Conversation.empty(core.template),
  ) {}

  get length(): number {
    return this.state.transcript.length;
  }

  /** Waits for its turn; the returned function lets the next one go. */
  private async takeTurn(): Promise<() => void> {
    const before = this.turn;
    let done = (): void => undefined;
    this.turn = new Promise((resolve) => (done = resolve));
    await before;
    if (this.closed) {
      done();
      throw this.dropped
        ? new ImcotError('cancelled', 'The model was unloaded.')
        : new ImcotError('usage', 'The sequence was closed.');
    }
    return done;
  }

  private async inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = await this.takeTurn();
    try {
      return await task();
    } finally {
      done();
    }
  }

  /** Appends, or leaves everything as it was. */
  private appending<T>(task: () => Promise<T>): Promise<T> {
    return this.inTurn(async () => {
      const before = this.length;
      try {
        return await task();
      } catch (thrown) {
        this.state.rewind(before);
        throw thrown;
      }
    });
  }

  appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens: number; readonly images: readonly AppendedImage[] }> {
    return this.appending(async () => {
      const start = this.length;
      const images = await this.writeMessage(message, signal);
      await this.state.compute(signal);
      this.conversation.addMessage(message, start, this.length);
      return { tokens: this.length - start, images };
    });
  }

  /** The template's text with the pictures in their places. */
  private async writeMessage(message: Message, signal?: AbortSignal): Promise<AppendedImage[]> {
    const { tokenizer, config } = this.core;
    const text = this.conversation.textOf(message);
    const pictures = message.parts.flatMap((part) => (part.type === 'image' ? [part.image] : []));
    const pieces = text.split(tokenizer.textOf(config.specialTokens.image));
    if (pieces.length !== pictures.length + 1) {
      throw new ImcotError(
        'usage',
        `The message holds ${pictures.length} images, but its text has ${pieces.length - 1} image marks: an image mark can't be written as text.`,
      );
    }
    const appended: AppendedImage[] = [];
    for (const [index, piece] of pieces.entries()) {
      this.state.addTokens(tokenizer.encode(piece));
      const picture = pictures[index];
      if (picture) appended.push(await this.state.addImage(picture, signal));
    }
    return appended;
  }

  appendText(text: string, signal?: AbortSignal): Promise<number> {
    return this.appending(async () => {
      const start = this.length;
      const { tokenizer, config } = this.core;
      const ids = tokenizer.encode(text);
      if (ids.includes(config.specialTokens.image)) {
        throw new ImcotError('usage', 'An image mark stands in the text: append the image itself instead.');
      }
      await this.appendRaw(ids, signal);
      return this.length - start;
    });
  }

  appendTokens(ids: readonly number[], signal?: AbortSignal): Promise<void> {
    return this.appending(() => this.appendRaw(ids, signal));
  }

  private async appendRaw(ids: readonly number[], signal?: AbortSignal): Promise<void> {
    const start = this.length;
    this.state.addTokens(ids);
    await this.state.compute(signal);
    this.conversation.addRaw(start, this.length);
  }

  appendImage(image: ModelImage, signal?: AbortSignal): Promise<AppendedImage> {
    return this.appending(async () => {
      const start = this.length;
      const { visionStart, visionEnd } = this.core.config.specialTokens;
      this.state.addTokens([visionStart]);
      const appended = await this.state.addImage(image, signal);
      this.state.addTokens([visionEnd]);
      await this.state.compute(signal);
      this.conversation.addRaw(start, this.length);
      return appended;
    });
  }

  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, undefined> {
    const { signal } = options;
    const excluded = options.excludePlaceholders === true ? this.core.placeholders : [];
    const generation = new Generation(options, new StreamText(this.core.tokenizer), excluded);
    const done = await this.takeTurn();
    let contentStart = this.length;
    let closedBy: string | undefined;
    try {
      if (signal?.aborted !== true) await this.openTurn();
      contentStart = this.length;
      for (;;) {
        const stopped = generation.stopBefore(this.length, this.core.contextLength);
        if (stopped) return yield generation.end(stopped);
        const sampled = await this.sample(generation, signal);
        if (!sampled) return yield generation.end('cancelled');
        if (this.core.config.specialTokens.endOfTurn.includes(sampled.id)) {
          closedBy = this.core.tokenizer.textOf(sampled.id);
          yield this.tokenEvent(sampled, '');
          return yield generation.end('endOfTurn');
        }
        const text = generation.take(sampled.id);
        yield this.tokenEvent(sampled, text);
        if (generation.stopString !== undefined) return yield generation.end('stopString');
      }
    } finally {
      if (this.length > contentStart) this.conversation.addGenerated(contentStart, this.length, closedBy);
      done();
    }
  }

  private async openTurn(): Promise<void> {
    if (this.conversation.turnIsClosed) {
      throw new ImcotError('usage', 'The model has ended its turn: append a message before it goes on.');
    }
    if (!this.conversation.opensTurn) return;
    const start = this.length;
    this.state.addTokens(this.core.tokenizer.encode(this.conversation.openingText()));
    this.conversation.addGenerated(start, this.length);
  }

  /** Undefined when the signal fired. */
  private async sample(generation: Generation, signal?: AbortSignal): Promise<SampledToken | undefined> {
    try {
      await this.state.compute(signal);
    } catch (thrown) {
      if (signal?.aborted) return undefined;
      throw thrown;
    }
    if (signal?.aborted) return undefined;
    const sampled = generation.sampler.next(
      this.state.logits,
      this.state.transcript.history,
      generation.topCount,
    );
    this.state.addTokens([sampled.id]);
    return sampled;
  }

  private tokenEvent(sampled: SampledToken, text: string): GenerationEvent {
    const { id, logProbability, entropy } = sampled;
    const top = sampled.top.map((choice) => ({ ...choice, text: this.core.tokenizer.textOf(choice.id) }));
    return { type: 'token', id, text, logProbability, entropy, top };
  }

  score(count: number): Promise<Float32Array> {
    return this.inTurn(() => this.state.score(count));
  }

  /**
   * Logits after the tokens at these places, [places, vocabulary]: for comparison with a reference.
   * @param places ascending
   */
  logitsAfter(places: readonly number[]): Promise<Float32Array> {
    return this.inTurn(() => this.state.logitsAfter(places));
  }

  mark(): Mark {
    return { length: this.length };
  }

  rewind(mark: Mark): Promise<void> {
    return this.inTurn(() => {
      if (!Number.isInteger(mark.length) || mark.length < 0 || mark.length > this.length) {
        throw new ImcotError(
          'usage',
          `The mark is at ${mark.length} tokens, but the sequence has ${this.length}.`,
        );
      }
      this.state.rewind(mark.length);
      this.conversation.rewind(this.length);
      return Promise.resolve();
    });
  }

  fork(): Promise<Sequence> {
    return this.inTurn(async () =>
      this.core.register(
        new LocalSequence(this.core, this.onClose, await this.state.fork(), this.conversation.copy()),
      ),
    );
  }

  /** Lets go of its memory at once: the model goes. */
  drop(): void {
    this.closed = true;
    this.dropped = true;
    this.state.dispose();
  }

  close(): Promise<void> {
    this.closing ??= this.closed ? Promise.resolve() : this.closeInTurn();
    return this.closing;
  }

  private async closeInTurn(): Promise<void> {
    const before = this.turn;
    // Those who wait behind find it closed.
    this.turn = before.then(() => {
      if (this.closed) return;
      this.closed = true;
      this.state.dispose();
      this.onClose(this);
    });
    await this.turn;
  }
}

/** What one call of `generate` keeps in mind. */
class Generation {
  readonly sampler: Sampler;
  readonly topCount: number;
  private readonly stops: StopStrings;
  private count = 0;
  stopString: string | undefined;

  constructor(
    private readonly options: GenerateOptions,
    private readonly stream: StreamText,
    excluded: readonly number[],
  ) {
    if (!(options.maxTokens >= 0)) {
      throw new ImcotError('usage', `maxTokens must be 0 or more, not ${String(options.maxTokens)}.`);
    }
    this.sampler = new Sampler(options.sampling, excluded);
    this.stops = new StopStrings(options.stopStrings ?? []);
    this.topCount = options.topCount ?? 0;
  }

  stopBefore(length: number, contextLength: number): 'cancelled' | 'length' | 'context' | undefined {
    if (this.options.signal?.aborted) return 'cancelled';
    if (this.count >= this.options.maxTokens) return 'length';
    return length >= contextLength ? 'context' : undefined;
  }

  /** The text that became certain with this token. */
  take(id: number): string {
    this.count++;
    const text = this.stream.push(id);
    this.stopString = this.stops.push(text)?.stopString;
    return text;
  }

  end(reason: Extract<GenerationEvent, { type: 'end' }>['reason']): GenerationEvent {
    return {
      type: 'end',
      reason,
      text: this.stream.flush(),
      ...(this.stopString !== undefined && { stopString: this.stopString }),
      ...(this.sampler.seed !== undefined && { seed: this.sampler.seed }),
    };
  }
}
