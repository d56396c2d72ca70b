import type { ResizeLimits } from '../../common/smartResize';
import type { Logger } from '../../common/logger';
import type { RgbImage } from '../../imaging/imageStore';

/**
 * What runs on the other side; each takes other fields beyond OpenAI's and gives back other things.
 * `other`: anything else that speaks chat completions; it gets OpenAI's own fields alone.
 */
export type ServerKind = 'vllm' | 'sglang' | 'llama-server' | 'transformers' | 'other';

/** How long to wait, in milliseconds; each must be above 0. */
export interface TimeLimits {
  /** For the questions about the server that opening asks. */
  readonly connect: number;
  /**
   * From the request until the first token: connecting, waiting in the server's queue and reading the prompt. Node's
   * own `fetch` gives up after 5 minutes without an answer's head, whatever stands here.
   */
  readonly firstToken: number;
  /** From one token to the next. Signs of life without text do not count. */
  readonly betweenTokens: number;
  /** One whole generation with its retries; waiting for a free place does not count. */
  readonly total: number;
}

/** How often and how long to try again what may be repeated. */
export interface RetryLimits {
  /** Retries after the first attempt; 0 means none. */
  readonly count: number;
  /** The first pause in milliseconds; each later one is twice as long. */
  readonly firstPause: number;
  /** The longest pause in milliseconds. A server that asks for more (Retry-After) is not asked again. */
  readonly longestPause: number;
}

/** A picture as a file. */
export interface EncodedPicture {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** See `openServerModel`. */
export interface ServerModelOptions {
  /** As a person types it: `http://127.0.0.1:8000` or with a path such as `/v1`. Nothing else is ever contacted. */
  readonly address: string;
  /** One of the server's models; absent: its only one. */
  readonly model?: string;
  /** Sent as a bearer token to `address` and to nowhere else; in no error and no log. */
  readonly key?: string;
  /** Absent: found out. */
  readonly kind?: ServerKind;
  /** Tokens that one conversation can hold; absent: as the server tells. */
  readonly contextLength?: number;
  readonly timeLimits?: Partial<TimeLimits>;
  readonly retries?: Partial<RetryLimits>;
  /** The most generations at a time, of all sequences together: at least 1, default 8. */
  readonly concurrency?: number;
  /** Makes a file of a picture, losslessly if the model is to see every pixel. */
  readonly encodeImage: (image: RgbImage) => Promise<EncodedPicture>;
  /** The image processor's limits on the server, by which `AppendedImage` is told; default Qwen2.5-VL's. */
  readonly imageLimits?: ResizeLimits;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
  /** In place of the global one: the editor's own, which knows its proxy settings. */
  readonly fetch?: typeof fetch;
}

/** What holds where nothing is said. */
export const DEFAULT_TIME_LIMITS: TimeLimits = {
  connect: 10_000,
  firstToken: 240_000,
  betweenTokens: 60_000,
  total: 1_800_000,
};

/** What holds where nothing is said. */
export const DEFAULT_RETRIES: RetryLimits = { count: 4, firstPause: 500, longestPause: 30_000 };

/** Generations at a time where nothing is said. */
export const DEFAULT_CONCURRENCY = 8;
