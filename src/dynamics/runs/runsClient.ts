import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DisposableOwner } from '../../common/disposable';
import { errorMessage, ImcotError } from '../../common/errors';
import { Emitter, type Event } from '../../common/event';
import { Channel } from '../../common/rpc';
import type { RunLogs, RunRoot, RunsApi, RunsEvents } from './runLogs';

/** The thread that finds and counts logs, as the extension host sees it. It starts at once. */
export class RunsClient extends DisposableOwner {
  private readonly messages = this.own(new Emitter<unknown>());
  private readonly changes = this.own(new Emitter<RunLogs>());
  private readonly channel: Channel<RunsApi>;
  private readonly worker: Worker;

  /** More is known. */
  readonly onDidChange: Event<RunLogs> = this.changes.event;

  /**
   * @param workerPath the built `runsWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string) {
    super();
    if (!existsSync(workerPath)) {
      const why = `The program that finds logs is missing: ${workerPath}. Install the extension again.`;
      throw new ImcotError('internal', why);
    }
    this.worker = new Worker(workerPath);
    const local: RunsEvents = { changed: async (logs) => this.changes.fire(logs) };
    this.channel = new Channel<RunsApi>(
      { post: (message) => this.worker.postMessage(message), onMessage: this.messages.event },
      local,
    );
    this.worker.on('message', (message: unknown) => this.messages.fire(message));
    this.worker.on('messageerror', (error) => this.fail(errorMessage(error)));
    this.worker.on('error', (error) => this.fail(errorMessage(error)));
    this.worker.on('exit', (code) => this.fail(`it ended with code ${code}`));
    this.worker.unref();
  }

  /**
   * Searches folders and counts what is in their logs; ends the search before.
   * @throws ImcotError `cancelled` after `dispose`, `internal` after a crash
   */
  scan(roots: readonly RunRoot[]): Promise<void> {
    return this.channel.remote.scan(roots);
  }

  /** Ends the thread at once, whatever it reads. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('cancelled', 'The search for logs was ended.'));
    super.dispose();
    void this.worker.terminate();
  }

  private fail(reason: string): void {
    if (this.isDisposed) return;
    const sentence = `The search for logs failed: its thread crashed (${reason}). Refresh to search again.`;
    this.channel.dispose(new ImcotError('internal', sentence));
    this.dispose();
  }
}
