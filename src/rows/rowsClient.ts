import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DisposableOwner } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import { Emitter, type Event } from '../common/event';
import type { Logger } from '../common/logger';
import { Channel, type RemoteApi } from '../common/rpc';
import type { RowsApi, RowsEvents } from './rowsApi';

/** Megabytes of texts that a thread may hold; numbers count apart. */
const TEXT_MEGABYTES = 4096;

/** How far a log has been read. */
export interface RowsReading {
  readonly records: number;
  /** Share of the log, 0 to 1. */
  readonly done: number;
}

/** The thread that holds the table of one log, as the extension host sees it. It starts at once. */
export class RowsClient extends DisposableOwner {
  private readonly messages = this.own(new Emitter<unknown>());
  private readonly readings = this.own(new Emitter<RowsReading>());
  private readonly channel: Channel<RowsApi>;
  private readonly worker: Worker;

  /** Reading goes on. */
  readonly onReading: Event<RowsReading> = this.readings.event;

  /**
   * @param workerPath the built `rowsWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string, logger: Logger) {
    super();
    if (!existsSync(workerPath)) {
      throw new ImcotError(
        'internal',
        `The program that filters logs is missing: ${workerPath}. Install the extension again.`,
      );
    }
    this.worker = new Worker(workerPath, { resourceLimits: { maxOldGenerationSizeMb: TEXT_MEGABYTES } });
    const local: RowsEvents = {
      reading: async (records, done) => this.readings.fire({ records, done }),
      log: async (level, message) => logger[level](message),
    };
    this.channel = new Channel<RowsApi>(
      { post: (message) => this.worker.postMessage(message), onMessage: this.messages.event },
      local,
    );
    this.worker.on('message', (message: unknown) => this.messages.fire(message));
    this.worker.on('messageerror', (error) => this.fail(errorMessage(error)));
    this.worker.on('error', (error) => this.fail(errorMessage(error)));
    this.worker.on('exit', (code) => this.fail(`it ended with code ${code}`));
    this.worker.unref();
  }

  /** Calls into the thread. They reject with an `ImcotError`: `cancelled` after `dispose`, `internal` after a crash. */
  get remote(): RemoteApi<RowsApi> {
    return this.channel.remote;
  }

  /** Ends the thread at once, whatever it does. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('cancelled', 'The list was closed.'));
    super.dispose();
    void this.worker.terminate();
  }

  private fail(reason: string): void {
    if (this.isDisposed) return;
    const sentence = `Reading the log for the list failed: its thread crashed (${reason}). Filter again to start anew.`;
    this.channel.dispose(new ImcotError('internal', sentence));
    this.dispose();
  }
}
