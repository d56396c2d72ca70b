import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DisposableOwner, type Disposable } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import { Emitter, type Event } from '../common/event';
import type { Logger } from '../common/logger';
import { Channel, type RemoteApi } from '../common/rpc';
import type { DynamicsView } from '../protocol/dynamicsView';
import type { DynamicsApi, DynamicsEvents } from './dynamicsApi';

/** The thread that holds the curves of one editor, as the extension host sees it. */
export interface DynamicsClient extends Disposable {
  /** Calls into the thread. They reject with an `ImcotError`: `cancelled` after `dispose`, `internal` after a crash. */
  readonly remote: RemoteApi<DynamicsApi>;
  /** What was opened has changed: bytes have come, stages were found, a log of rollouts was read. */
  readonly onDidChange: Event<DynamicsView>;
  /** The thread is gone, and every call rejects. A sentence says why; told once, and never after `dispose`. */
  readonly onDidFail: Event<string>;
  /** Ends the thread at once, whatever it reads. */
  dispose(): void;
}

/** What a thread needs. */
export interface DynamicsClientOptions {
  /** The built `dynamicsWorker.js`. */
  readonly workerPath: string;
  readonly logger: Logger;
}

/**
 * Starts a thread; one for each editor, so that closing an editor gives back all its memory. Throws nothing: a program
 * that is missing is told by `onDidFail`, as a crash is.
 */
export function startDynamics(options: DynamicsClientOptions): DynamicsClient {
  return new ThreadClient(options);
}

class ThreadClient extends DisposableOwner implements DynamicsClient {
  private readonly messages = this.own(new Emitter<unknown>());
  private readonly changes = this.own(new Emitter<DynamicsView>());
  private readonly failures = this.own(new Emitter<string>());
  private readonly channel: Channel<DynamicsApi>;
  private worker: Worker | undefined;
  private failed = false;

  readonly onDidChange = this.changes.event;
  readonly onDidFail = this.failures.event;

  constructor({ workerPath, logger }: DynamicsClientOptions) {
    super();
    const local: DynamicsEvents = {
      changed: async (view) => this.changes.fire(view),
      log: async (level, message) => logger[level](message),
    };
    this.channel = new Channel<DynamicsApi>(
      { post: (message) => this.worker?.postMessage(message), onMessage: this.messages.event },
      local,
    );
    if (existsSync(workerPath)) this.worker = this.start(workerPath);
    // Later, so that the caller can listen first.
    else
      queueMicrotask(() =>
        this.fail(`The program that reads curves is missing: ${workerPath}. Install the extension again.`),
      );
  }

  get remote(): RemoteApi<DynamicsApi> {
    return this.channel.remote;
  }

  override dispose(): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('cancelled', 'The curves were closed.'));
    super.dispose();
    void this.worker?.terminate();
  }

  private start(workerPath: string): Worker {
    const worker = new Worker(workerPath);
    worker.on('message', (message: unknown) => this.messages.fire(message));
    worker.on('messageerror', (error) => this.fail(crash(errorMessage(error))));
    worker.on('error', (error) => this.fail(crash(errorMessage(error))));
    worker.on('exit', (code) => this.fail(crash(`it ended with code ${code}`)));
    return worker;
  }

  private fail(sentence: string): void {
    if (this.failed || this.isDisposed) return;
    this.failed = true;
    this.channel.dispose(new ImcotError('internal', sentence));
    void this.worker?.terminate();
    this.failures.fire(sentence);
  }
}

const crash = (reason: string): string =>
  `Reading the curves failed: the thread that reads them crashed (${reason}). Reload to try again.`;
