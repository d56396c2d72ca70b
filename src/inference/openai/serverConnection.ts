import OpenAI from 'openai';
import { Limiter } from '../../common/limiter';
import type { ImcotError } from '../../common/errors';
import { type Logger, silentLogger } from '../../common/logger';
import { guardedFetch } from './guardedFetch';
import { Secret } from './secret';
import { parseServerAddress, type ServerAddress } from './serverAddress';
import { describeFailure } from './serverFailure';
import {
  DEFAULT_CONCURRENCY,
  DEFAULT_RETRIES,
  DEFAULT_TIME_LIMITS,
  type RetryLimits,
  type ServerModelOptions,
  type TimeLimits,
} from './serverOptions';

/** The largest delay that a timer takes. */
const NEVER = 2 ** 31 - 1;

/** What all requests to one server share. */
export class ServerConnection {
  readonly address: ServerAddress;
  readonly client: OpenAI;
  readonly limits: TimeLimits;
  readonly retries: RetryLimits;
  readonly limiter: Limiter;
  readonly logger: Logger;
  /** A `fetch` that reaches this server alone. */
  readonly fetch: typeof fetch;
  private readonly secret: Secret;
  private readonly running = new Set<() => void>();
  private closed = false;

  constructor(options: Omit<ServerModelOptions, 'encodeImage'>) {
    this.address = parseServerAddress(options.address);
    this.secret = new Secret(options.key);
    this.fetch = guardedFetch(this.address, this.secret, options.fetch ?? fetch);
    this.limits = { ...DEFAULT_TIME_LIMITS, ...options.timeLimits };
    this.retries = { ...DEFAULT_RETRIES, ...options.retries };
    this.limiter = new Limiter(options.concurrency ?? DEFAULT_CONCURRENCY);
    this.logger = options.logger ?? silentLogger;
    // Null keeps the client from looking into the environment; the key is added by `guardedFetch` alone, so the client
    // has none to tell. Retries and limits are ours, since its own do not end by a signal.
    this.client = new OpenAI({
      baseURL: this.address.base,
      apiKey: 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: NEVER,
      logLevel: 'off',
      fetch: this.fetch,
      dangerouslyAllowBrowser: true,
    });
  }

  /** True when the model was let go of. */
  get isClosed(): boolean {
    return this.closed;
  }

  /**
   * Calls back when the model is let go of, until the returned function is called. Not a signal: Node takes more than
   * ten listeners on one for a leak and warns.
   */
  onClosed(callback: () => void): () => void {
    this.running.add(callback);
    return () => this.running.delete(callback);
  }

  /** See `describeFailure`. */
  describe(thrown: unknown): ImcotError {
    return describeFailure(thrown, this.address.origin, this.secret);
  }

  close(): void {
    this.closed = true;
    for (const callback of [...this.running]) callback();
  }
}
