import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { DisposableOwner } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import { Emitter, type Event } from '../common/event';
import { Channel, type RemoteApi } from '../common/rpc';
import type { Side } from '../protocol/compareView';
import type { CompareApi, CompareEvents } from './compareApi';

/** How far the logs have been read. */
export interface CompareReading {
  readonly side: Side;
  readonly records: number;
  /** Share of both logs, 0 to 1. */
  readonly done: number;
}

/** Megabytes of texts that the thread may hold; numbers count apart. */
const TEXT_MEGABYTES = 4096;

/** The thread that compares two logs, as the extension host sees it. It starts at once. */
export class CompareClient extends DisposableOwner {
  private readonly messages = this.own(new Emitter<unknown>());
  private readonly readings = this.own(new Emitter<CompareReading>());
  private readonly channel: Channel<CompareApi>;
  private readonly worker: Worker;

  /** Reading goes on. */
  readonly onReading: Event<CompareReading> = this.readings.event;

  /**
   * @param workerPath the built `compareWorker.js`
   * @throws ImcotError where that program is missing
   */
  constructor(workerPath: string) {
    super();
    if (!existsSync(workerPath))
      throw new ImcotError(
        'internal',
        `The program that compares logs is missing: ${workerPath}. Install the extension again.`,
      );
    this.worker = new Worker(workerPath, { resourceLimits: { maxOldGenerationSizeMb: TEXT_MEGABYTES } });
    const local: CompareEvents = {
      reading: async (side, records, done) => this.readings.fire({ side, records, done }),
    };
    this.channel = new Channel<CompareApi>(
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
  get remote(): RemoteApi<CompareApi> {
    return this.channel.remote;
  }

  /** Ends the thread at once, whatever it does. */
  override dispose(): void {
    if (this.isDisposed) return;
    this.channel.dispose(new ImcotError('cancelled', 'The comparison was closed.'));
    super.dispose();
    void this.worker.terminate();
  }

  private fail(reason: string): void {
    if (this.isDisposed) return;
    const sentence = `Comparing the logs failed: its thread crashed (${reason}). Read them again to start anew.`;
    this.channel.dispose(new ImcotError('internal', sentence));
    this.dispose();
  }
}
