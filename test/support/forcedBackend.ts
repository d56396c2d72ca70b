import type {
  Backend,
  Capabilities,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  SamplingParameters,
  Sequence,
} from '../../src/inference/backend';
import { StreamText } from '../../src/inference/onnx/text/streamText';
import type { Tokenizer } from '../../src/inference/onnx/text/tokenizer';

/** The token with which Qwen's models close their turn. */
const END_OF_TURN = '<|im_end|>';

/** What a turn says: text, or token ids as they stand. It is closed behind them. */
export type ForcedScript = string | readonly number[];

/** A turn that was said. */
export interface ForcedTurn {
  /** Its tokens, the one that closes it included. */
  readonly ids: readonly number[];
  /** Tokens that opened the assistant's turn. */
  readonly opening: number;
}

/**
 * A real model that says given texts: it computes every prompt, picture and token, and only the choice of the next
 * token is not its own. Log-probabilities are what the model thinks of the tokens that it was made to say.
 */
export class ForcedBackend implements Backend {
  /** The conversations that were begun, oldest first. */
  readonly sequences: ForcedSequence[] = [];

  /**
   * @param model has `scores` and `branches`
   * @param tokenizer the model's
   * @param turns what is said in every conversation
   */
  constructor(
    private readonly model: Backend,
    private readonly tokenizer: Tokenizer,
    private readonly turns: readonly ForcedScript[],
  ) {}

  get capabilities(): Capabilities {
    return this.model.capabilities;
  }

  get defaults(): Partial<SamplingParameters> {
    return this.model.defaults;
  }

  async start(): Promise<ForcedSequence> {
    const sequence = new ForcedSequence(await this.model.start(), this.tokenizer, this.turns);
    this.sequences.push(sequence);
    return sequence;
  }

  /** The model stays: it belongs to whoever opened it. */
  dispose(): void {
    this.sequences.length = 0;
  }
}

/** One forced conversation. */
export class ForcedSequence implements Sequence {
  /** What was said so far. */
  readonly said: ForcedTurn[] = [];

  constructor(
    private readonly real: Sequence,
    private readonly tokenizer: Tokenizer,
    private readonly turns: readonly ForcedScript[],
  ) {}

  /** That of the model's own sequence. */
  get length(): number {
    return this.real.length;
  }

  /** Nothing but the script, the limit of tokens and the signal end a turn: stop strings are not looked for. */
  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, undefined> {
    const script = this.turns[this.said.length];
    if (script === undefined) throw new Error(`The script has no turn ${this.said.length}.`);
    const before = this.length;
    // Opens the assistant's turn as for any generation, and chooses nothing.
    for await (const event of this.real.generate({ ...options, maxTokens: 0 })) {
      if (event.type === 'end' && event.reason === 'cancelled') return yield event;
    }
    const opening = this.length - before;
    const whole = [...(typeof script === 'string' ? this.tokenizer.encode(script) : script), this.closing];
    const ids = whole.slice(0, options.maxTokens);
    this.said.push({ ids, opening });
    yield* this.tell(ids, await this.force(ids), ids.length === whole.length, options.signal);
  }

  private get closing(): number {
    const id = this.tokenizer.idOf(END_OF_TURN);
    if (id === undefined) throw new Error(`The tokenizer has no ${END_OF_TURN}.`);
    return id;
  }

  /**
   * Appends what is said and scores it. A closing token is taken back: to the model's sequence the turn is open, so that
   * the chat template closes it with the next message.
   */
  private async force(ids: readonly number[]): Promise<Float32Array> {
    await this.real.appendTokens(ids);
    const logProbabilities = await this.real.score(ids.length);
    if (ids.at(-1) === this.closing) await this.real.rewind({ length: this.length - 1 });
    return logProbabilities;
  }

  private *tell(
    ids: readonly number[],
    logProbabilities: Float32Array,
    isWhole: boolean,
    signal: AbortSignal | undefined,
  ): Generator<GenerationEvent, void, undefined> {
    const stream = new StreamText(this.tokenizer);
    for (const [index, id] of ids.entries()) {
      if (signal?.aborted) return yield { type: 'end', reason: 'cancelled', text: stream.flush() };
      const text = isWhole && index === ids.length - 1 ? '' : stream.push(id);
      yield { type: 'token', id, text, logProbability: logProbabilities[index] ?? NaN, top: [] };
    }
    yield { type: 'end', reason: isWhole ? 'endOfTurn' : 'length', text: stream.flush() };
  }

  appendMessage(message: Message, signal?: AbortSignal): ReturnType<Sequence['appendMessage']> {
    return this.real.appendMessage(message, signal);
  }

  appendText(text: string, signal?: AbortSignal): Promise<number> {
    return this.real.appendText(text, signal);
  }

  appendTokens(ids: readonly number[], signal?: AbortSignal): Promise<void> {
    return this.real.appendTokens(ids, signal);
  }

  appendImage(image: ModelImage, signal?: AbortSignal): ReturnType<Sequence['appendImage']> {
    return this.real.appendImage(image, signal);
  }

  score(count: number): Promise<Float32Array> {
    return this.real.score(count);
  }

  mark(): Mark {
    return this.real.mark();
  }

  rewind(mark: Mark): Promise<void> {
    return this.real.rewind(mark);
  }

  fork(): Promise<Sequence> {
    return this.real.fork();
  }

  close(): Promise<void> {
    return this.real.close();
  }
}
