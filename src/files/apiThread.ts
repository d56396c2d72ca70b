import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DisposableOwner } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import { Emitter } from '../common/event';
import { Channel, type RemoteApi } from '../common/rpc';

/** What a thread is, and what is said of it. */
export interface ApiThreadOptions {
  /** The built program. */
  readonly workerPath: string;
  /** What the program does, behind "The program that ". */
  readonly does: string;
  /** What the thread may call. */
  readonly local: object;
  /** Megabytes of texts that the thread may hold, numbers apart; Node's own limit where absent. */
  readonly textMegabytes?: number;
  /** Why calls end when the thread is ended, a sentence. */
  readonly closed: string;
  /** What is said after a crash, a sentence with its reason. */
  crashed(reason: string): string;
}

/** A thread that answers calls, as the extension host sees it. It starts at once and keeps no process alive. */
export class ApiThread<Api> extends DisposableOwner {
  private readonly messages = this.own(new Emitter<unknown>());
  private readonly channel: Channel<Api>;
  private readonly worker: Worker;

  /** @throws ImcotError where the program is missing */
  constructor(private readonly options: ApiThreadOptions) {
    super();
    const { workerPath, textMegabytes } = options;
    if (!existsSync(workerPath)) {
      const why = `The program that ${options.does} is missing: ${workerPath}. Install the extension again.`;
      throw new ImcotError('internal', why);
    }
    this.worker = new Worker(
      workerPath,
      textMegabytes === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: textMegabytes } },
    );
    this.channel = new Channel<Api>(
      { post: (message) => this.worker.postMessage(message), onMessage: this.messages.event },
      options.local,
    );
    this.worker.on('message', (message: unknown) => this.messages.fire(message));
    this.worker.on('messageerror', (error) => this.fail(errorMessage(error)));
    this.worker.on('error', (error) => this.fail(errorMessage(error)));
    this.worker.on('exit', (code) => this.fail(`it ended with code ${code}`));
    this.worker.unref();
  }

  /** Calls into the thread. They reject with an `ImcotError`: `cancelled` after `dispose`, `internal` after a crash. */
  get remote(): RemoteApi<Api> {
    return this.channel.remote;
  }

  /** Ends the thread at once, whatever it does. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('cancelled', this.options.closed));
    super.dispose();
    void this.worker.terminate();
  }

  private fail(reason: string): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('internal', this.options.crashed(reason)));
    this.dispose();
  }
}
