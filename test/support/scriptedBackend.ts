import { smartResize, visualTokenCount } from '../../src/common/smartResize';
import type {
  AppendedImage,
  Backend,
  Capabilities,
  GenerateOptions,
  GenerationEvent,
  Mark,
  Message,
  ModelImage,
  Sequence,
} from '../../src/inference/backend';
import { ImcotError } from '../../src/common/errors';
import { throwIfCancelled } from '../../src/common/cancel';
import type { MessageRenderer } from '../../src/inference/onnx/model/conversation';
import { Conversation } from '../../src/inference/onnx/model/conversation';
import { StopStrings } from '../../src/inference/stopStrings';

/** What a scripted model says in one turn. */
export interface ScriptedTurn {
  /** Its tokens; a text is cut into words. */
  readonly says: string | readonly string[];
  /** How it ends by itself; the limits of the request may end it before. `silent`: closed without a token for it. */
  readonly end?: 'endOfTurn' | 'context' | 'silent';
  /** In place of ending, the model breaks. */
  readonly breaks?: string;
}

/** What a test may do while the model works: wait, stop it, throw. */
export interface ScriptHooks {
  /** Before each message is taken; `index` counts all messages of the sequence. */
  onAppend?(message: Message, index: number): void | Promise<void>;
  /** Before a turn's first token, with everything that the model has before it. */
  onGenerate?(context: string): void;
  /** After each token was taken by the reader. */
  onToken?(turn: number, token: number): void;
}

const IM_END = '<|im_end|>';
const ANY_TOKEN = /<\|[a-z_]+\|>|\s*[^\s<]+|\s*<|\s+/g;

/** A text in pieces that give it again when joined. */
export function scriptedTokens(text: string): readonly string[] {
  return text.match(ANY_TOKEN) ?? [];
}

/** The log-probability of a turn's token: known beforehand, and another one for each of the first tokens. */
export function scriptedLogProbability(index: number): number {
  return -(1 + (index % 8)) / 8;
}

/** A model that says given text token by token, and keeps what it was given as the text of the wire. */
export class ScriptedBackend implements Backend {
  readonly defaults = {};
  readonly capabilities: Capabilities;
  /** The conversations that were begun, oldest first. */
  readonly sequences: ScriptedSequence[] = [];

  constructor(
    readonly template: MessageRenderer,
    readonly turns: readonly ScriptedTurn[],
    readonly hooks: ScriptHooks = {},
    capabilities: Partial<Capabilities> = {},
  ) {
    this.capabilities = {
      model: 'scripted',
      device: 'script',
      contextLength: 100_000,
      wireText: false,
      branches: false,
      scores: false,
      maxTopCount: 0,
      ...capabilities,
    };
  }

  start(): Promise<Sequence> {
    const sequence = new ScriptedSequence(this);
    this.sequences.push(sequence);
    return Promise.resolve(sequence);
  }

  dispose(): void {
    for (const sequence of this.sequences) sequence.closed = true;
  }
}

export class ScriptedSequence implements Sequence {
  length = 0;
  closed = false;
  /** Everything that stands in it, one pad per image. */
  context = '';
  /** What was asked of each turn. */
  readonly asked: GenerateOptions[] = [];
  readonly images: ModelImage[] = [];
  private readonly conversation: Conversation;
  private messages = 0;

  constructor(private readonly backend: ScriptedBackend) {
    this.conversation = Conversation.empty(backend.template);
  }

  async appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens: number; readonly images: readonly AppendedImage[] }> {
    await this.backend.hooks.onAppend?.(message, this.messages++);
    throwIfCancelled(signal);
    const text = this.conversation.textOf(message);
    const pictures = message.parts.flatMap((part) => (part.type === 'image' ? [part.image] : []));
    const images = pictures.map((picture) => appendedImage(picture));
    const tokens =
      scriptedTokens(text).length - images.length + images.reduce((sum, image) => sum + image.tokens, 0);
    const start = this.length;
    if (start + tokens > this.backend.capabilities.contextLength) {
      throw new ImcotError('limit', `The sequence would have ${start + tokens} tokens.`);
    }
    this.length += tokens;
    this.context += text;
    this.images.push(...pictures);
    this.conversation.addMessage(message, start, this.length);
    return { tokens, images };
  }

  async *generate(options: GenerateOptions): AsyncGenerator<GenerationEvent, void, undefined> {
    const turn = this.asked.length;
    this.asked.push(options);
    const script = this.backend.turns[turn];
    if (!script) throw new Error(`The script has no turn ${turn}.`);
    this.context += this.conversation.openingText();
    this.backend.hooks.onGenerate?.(this.context);
    const start = this.length;
    const stops = new StopStrings(options.stopStrings ?? []);
    const says = typeof script.says === 'string' ? scriptedTokens(script.says) : script.says;
    let closedBy: string | undefined;
    try {
      for (const [index, text] of says.entries()) {
        await Promise.resolve();
        if (options.signal?.aborted) return yield { type: 'end', reason: 'cancelled', text: '' };
        if (index >= options.maxTokens) return yield { type: 'end', reason: 'length', text: '' };
        this.length++;
        this.context += text;
        yield { type: 'token', id: index + 2, text, logProbability: scriptedLogProbability(index), top: [] };
        this.backend.hooks.onToken?.(turn, index);
        const stopString = stops.push(text)?.stopString;
        if (stopString !== undefined)
          return yield { type: 'end', reason: 'stopString', stopString, text: '' };
      }
      if (script.breaks !== undefined) throw new ImcotError('internal', script.breaks);
      if (options.signal?.aborted) return yield { type: 'end', reason: 'cancelled', text: '' };
      if (script.end === 'context') return yield { type: 'end', reason: 'context', text: '' };
      if (says.length >= options.maxTokens) return yield { type: 'end', reason: 'length', text: '' };
      if (script.end === 'silent') return yield { type: 'end', reason: 'endOfTurn', text: '' };
      closedBy = IM_END;
      this.length++;
      this.context += IM_END;
      const logProbability = scriptedLogProbability(says.length);
      yield { type: 'token', id: 1, text: '', logProbability, top: [] };
      return yield { type: 'end', reason: 'endOfTurn', text: '' };
    } finally {
      this.conversation.addGenerated(start, this.length, closedBy);
    }
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  appendText = unused;
  appendTokens = unused;
  appendImage = unused;
  score = unused;
  rewind = unused;
  fork = unused;
  mark(): Mark {
    throw new ImcotError('usage', 'A scripted sequence has no marks.');
  }
}

function unused(): Promise<never> {
  return Promise.reject(new ImcotError('usage', 'A scripted sequence takes chat messages alone.'));
}

function appendedImage({ pixels, minPixels, maxPixels }: ModelImage): AppendedImage {
  const limits = { factor: 28, minPixels: minPixels ?? 3136, maxPixels: maxPixels ?? 12_845_056 };
  const seen = smartResize(pixels, limits, 'transformers');
  return { tokens: visualTokenCount(seen), seen };
}
