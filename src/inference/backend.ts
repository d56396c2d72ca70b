import type { Size } from '../common/boundingBox';
import type { Disposable } from '../common/disposable';
import type { RgbImage } from '../imaging/imageStore';

/*
 * What a rollout needs of a model, whatever runs it. A *backend* is one model that is ready; a *sequence* is one
 * conversation with it: text and images are appended, the model generates, and any earlier point can be returned to.
 *
 * Two ways lead into a sequence. `appendMessage` speaks in chat messages and is understood by every backend: the
 * model's own chat template puts the role markers around them. `appendText` writes the text of the wire as it stands,
 * markers included, and needs the capability `wireText`.
 */

/** What a backend can do. What it can't throws an `ImcotError` `usage` when called. */
export interface Capabilities {
  /** The model's name as people know it: the checkpoint folder's last part, or the server's model name. */
  readonly model: string;
  /** Where it computes, in words for a person: "CPU, 8 threads", "WebGPU: NVIDIA RTX 4090". */
  readonly device: string;
  /** Tokens that one sequence can hold, those to be generated included. */
  readonly contextLength: number;
  /** `appendText`. */
  readonly wireText: boolean;
  /** `mark`, `rewind`, `fork`. */
  readonly branches: boolean;
  /** `score`. */
  readonly scores: boolean;
  /** How many alternatives per generated token can be had; 0 where log-probabilities are not offered. */
  readonly maxTopCount: number;
}

/** A picture for the model. */
export interface ModelImage {
  /** All pixels, upright; no alpha. */
  readonly pixels: RgbImage;
  /** Names the content (a hash), so that the same crop is not computed twice; absent: never reused. */
  readonly key?: string;
  /** Limits of the picture's area, in pixels, in place of the checkpoint's own. */
  readonly minPixels?: number;
  readonly maxPixels?: number;
}

/** What an appended picture became. */
export interface AppendedImage {
  /** Visual tokens, the markers around them not counted. */
  readonly tokens: number;
  /** The size in pixels at which the model sees it: the frame of the boxes that it will name. */
  readonly seen: Size;
}

/** One part of a message, in reading order. */
export type MessagePart =
  { readonly type: 'text'; readonly text: string } | { readonly type: 'image'; readonly image: ModelImage };

/** A chat message. */
export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly parts: readonly MessagePart[];
}

/** How the next token is chosen; names and order of effect are those of Hugging Face transformers. */
export interface SamplingParameters {
  /** 0 means greedy: the most likely token, ties to the lowest id. */
  readonly temperature: number;
  /** Keep the k most likely; 0 or absent keeps all. */
  readonly topK?: number;
  /** Keep the smallest set of tokens whose probability reaches this, 0 < p <= 1. */
  readonly topP?: number;
  /** Drop tokens less likely than this share of the most likely one, 0 to 1. */
  readonly minP?: number;
  /** Above 1 makes what already stands in the sequence (prompt included) less likely; 1 or absent: no effect. */
  readonly repetitionPenalty?: number;
  /** The same seed, prompt and parameters give the same tokens; absent: a fresh one each time, told in the end. */
  readonly seed?: number;
}

/** What to generate and when to stop. */
export interface GenerateOptions {
  readonly sampling: SamplingParameters;
  /** The most tokens to generate. */
  readonly maxTokens: number;
  /** Generation ends as soon as the text holds one of these, also across tokens; the string itself is kept. */
  readonly stopStrings?: readonly string[];
  /** How many alternatives to report per token; 0 or absent: none. */
  readonly topCount?: number;
  /**
   * Never chooses a token that stands for a picture or a video, or marks where one begins or ends: as something said it
   * would be a picture that isn't there. Log-probabilities and entropy stay those of the plain distribution. Default
   * false, the model as it is. Servers choose by themselves and take no notice of it.
   */
  readonly excludePlaceholders?: boolean;
  /** Stops within one token; what was generated stays in the sequence. */
  readonly signal?: AbortSignal;
}

/** A token and how likely the model thought it. */
export interface TokenChoice {
  /** Absent where a server does not tell. */
  readonly id?: number;
  /** Its own text with special tokens spelled out; may hold U+FFFD where it is part of a character. */
  readonly text: string;
  /** Natural logarithm of its probability under the model's plain distribution: no temperature, no penalty. */
  readonly logProbability: number;
}

/** What a generation yields. */
export type GenerationEvent =
  | {
      readonly type: 'token';
      /** Absent where a server does not tell: `text` is then a piece of one or more tokens. */
      readonly id?: number;
      /** Text that became certain with this token: '' while a character or a special token is incomplete. */
      readonly text: string;
      /** As in `TokenChoice`; absent where the backend offers none. */
      readonly logProbability?: number;
      /** Entropy in nats of the plain distribution; absent where not offered. */
      readonly entropy?: number;
      /** The most likely tokens, best first; empty when none were asked for. */
      readonly top: readonly TokenChoice[];
    }
  | {
      readonly type: 'end';
      /**
       * `endOfTurn`: the model closed its turn; `stopString`: see `stopString`; `length`: `maxTokens` reached;
       * `context`: no room is left in the sequence; `cancelled`: by the signal.
       */
      readonly reason: 'endOfTurn' | 'stopString' | 'length' | 'context' | 'cancelled';
      readonly stopString?: string;
      /** Text that was held back until now (an incomplete character, as U+FFFD). */
      readonly text: string;
      /** The seed that was used: absent at temperature 0. */
      readonly seed?: number;
    };

/** A point of a sequence to return to. Valid for the sequence that made it and for forks made after it. */
export interface Mark {
  readonly length: number;
}

/** One conversation. Calls on one sequence run one after the other; a call made during another one waits. */
export interface Sequence {
  /** Tokens in it so far, images included. */
  readonly length: number;
  /**
   * Appends a whole message by the model's chat template; resolves with the tokens added, which a server tells only
   * after it has generated (absent until then).
   */
  appendMessage(
    message: Message,
    signal?: AbortSignal,
  ): Promise<{ readonly tokens?: number; readonly images: readonly AppendedImage[] }>;
  /** Appends text as it stands: special tokens in it are recognised, no marker is added; resolves with the tokens added. */
  appendText(text: string, signal?: AbortSignal): Promise<number>;
  /** Appends token ids as they stand. */
  appendTokens(ids: readonly number[], signal?: AbortSignal): Promise<void>;
  /** Appends a picture with its vision markers. */
  appendImage(image: ModelImage, signal?: AbortSignal): Promise<AppendedImage>;
  /**
   * Lets the model go on. After `appendMessage` the assistant's turn is opened first; after `appendText` generation
   * starts where the text ends. Leaving the loop early stops the model; what came until then stays in the sequence.
   */
  generate(options: GenerateOptions): AsyncIterable<GenerationEvent>;
  /** Log-probability of each of the last `count` tokens given what stands before them, oldest first. */
  score(count: number): Promise<Float32Array>;
  /** Remembers this point: costs nothing. */
  mark(): Mark;
  /** Drops everything after the mark: costs nothing. */
  rewind(mark: Mark): Promise<void>;
  /** A second sequence with the same content; each goes on by itself. One copy of the cache. */
  fork(): Promise<Sequence>;
  /** Frees its memory. */
  close(): Promise<void>;
}

/** A model that is ready. Disposing it ends what is running and frees everything. */
export interface Backend extends Disposable {
  readonly capabilities: Capabilities;
  /** The model's own defaults, from the checkpoint's generation_config.json or the server's. */
  readonly defaults: Partial<SamplingParameters>;
  start(): Promise<Sequence>;
}
