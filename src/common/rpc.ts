import type { Disposable } from './disposable';
import { errorCode, errorMessage, ImcotError, type ErrorCode } from './errors';
import type { Event } from './event';

/*
 * One typed channel for a webview, a worker thread and a child process alike. Both ends implement an interface of
 * async methods and call the other's; errors travel back with their code; disposing rejects what is pending.
 */

/** The way messages cross: `postMessage` and its event, whatever is behind them. */
export interface MessagePortLike {
  post(message: unknown): void;
  readonly onMessage: Event<unknown>;
}

/** An interface whose methods can be called from the other end. Arguments and results must survive structured cloning. */
export type RemoteApi<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R>
    ? (...args: A) => Promise<R>
    : never;
};

interface Call {
  readonly type: 'call';
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}
interface Reply {
  readonly type: 'reply';
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** A connected pair of ends: `remote` calls the other side, `local` answers it. */
export class Channel<Remote> implements Disposable {
  private nextId = 1;
  /** Why it is closed. */
  private closed: ImcotError | undefined;
  private readonly pending = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private readonly subscription: Disposable;

  /** Every method of the other end, as a function that returns a promise. */
  readonly remote: RemoteApi<Remote>;

  constructor(
    private readonly port: MessagePortLike,
    private readonly local: object,
  ) {
    this.subscription = port.onMessage((message) => this.receive(message));
    this.remote = new Proxy({} as RemoteApi<Remote>, {
      // `then` must stay absent, or awaiting the proxy would call the other end.
      get: (_target, method) =>
        typeof method === 'string' && method !== 'then'
          ? (...args: unknown[]) => this.call(method, args)
          : undefined,
    });
  }

  private call(method: string, args: unknown[]): Promise<unknown> {
    if (this.closed) return Promise.reject(this.closed);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject });
      this.port.post({ type: 'call', id, method, args } satisfies Call);
    });
  }

  private receive(message: unknown): void {
    if (!isRecord(message) || typeof message['id'] !== 'number') return;
    if (
      message['type'] === 'call' &&
      typeof message['method'] === 'string' &&
      Array.isArray(message['args'])
    ) {
      void this.answer(message['id'], message['method'], message['args'] as unknown[]);
    } else if (message['type'] === 'reply') this.settle(message as unknown as Reply);
  }

  private async answer(id: number, method: string, args: readonly unknown[]): Promise<void> {
    let reply: Reply;
    try {
      const handler =
        method in Object.prototype ? undefined : (this.local as Record<string, unknown>)[method];
      if (typeof handler !== 'function') throw new ImcotError('internal', `No method is named "${method}".`);
      reply = { type: 'reply', id, value: await (handler.apply(this.local, [...args]) as Promise<unknown>) };
    } catch (thrown) {
      reply = { type: 'reply', id, error: { code: errorCode(thrown), message: errorMessage(thrown) } };
    }
    if (!this.closed) this.port.post(reply);
  }

  private settle(reply: Reply): void {
    const waiting = this.pending.get(reply.id);
    if (!waiting) return;
    this.pending.delete(reply.id);
    if (reply.error) waiting.reject(new ImcotError(reply.error.code, reply.error.message));
    else waiting.resolve(reply.value);
  }

  /** @param reason what pending and later calls are rejected with */
  dispose(reason = new ImcotError('cancelled', 'The request was given up: one side is gone.')): void {
    if (this.closed) return;
    this.closed = reason;
    this.subscription.dispose();
    for (const waiting of this.pending.values()) waiting.reject(reason);
    this.pending.clear();
  }
}
