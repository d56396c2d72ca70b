import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Disposable } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import type { OpenFile } from './fileSource';
import type { IndexAnswer, IndexJob } from './indexMessages';
import type { IndexBatch, IndexEnd } from './lineIndexer';
import { indexLines } from './lineIndexer';

/** Somebody who finds the records of open files. */
export interface Indexer extends Disposable {
  /**
   * Finds the records from `from`, a line start, to the file's present end.
   * @throws ImcotError with a sentence when reading fails; `cancelled` when `signal` or `dispose` stopped it
   */
  index(
    file: OpenFile,
    from: number,
    onBatch: (batch: IndexBatch) => void,
    signal: AbortSignal,
  ): Promise<IndexEnd>;
  /** Ends what runs. Resolves when no descriptor is read any more: only then may the files be closed. */
  stop(): Promise<void>;
}

/** Indexes on the thread that asks; the system reads meanwhile, and others get their turn between the pieces. */
export class InProcessIndexer implements Indexer {
  private stopped = false;
  private readonly running = new Set<Promise<unknown>>();

  async index(
    file: OpenFile,
    from: number,
    onBatch: (batch: IndexBatch) => void,
    signal: AbortSignal,
  ): Promise<IndexEnd> {
    const end = indexLines((target, offset) => file.readInto(target, offset), from, onBatch, {
      isCancelled: () => this.stopped || signal.aborted,
    });
    this.running.add(end);
    return end.finally(() => this.running.delete(end));
  }

  dispose(): void {
    this.stopped = true;
  }

  async stop(): Promise<void> {
    this.dispose();
    await Promise.allSettled(this.running);
  }
}

interface Waiting {
  readonly name: string;
  readonly onBatch: (batch: IndexBatch) => void;
  readonly resolve: (end: IndexEnd) => void;
  readonly reject: (error: Error) => void;
}

const stopped = (): ImcotError => new ImcotError('cancelled', 'Indexing was stopped.');

/** How long a worker without work is kept for the next file, in milliseconds. */
const IDLE_MS = 5000;

/** Indexes in a worker thread, which is started by the first file and ends some time after the last one. */
export class WorkerIndexer implements Indexer {
  private worker: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  private ending: Promise<unknown> = Promise.resolve();
  private nextJob = 1;
  private disposed = false;
  private readonly waiting = new Map<number, Waiting>();

  /** @param workerPath the built `indexWorker.js` */
  constructor(private readonly workerPath: string) {}

  index(
    file: OpenFile,
    from: number,
    onBatch: (batch: IndexBatch) => void,
    signal: AbortSignal,
  ): Promise<IndexEnd> {
    const { descriptor, name } = file;
    if (this.disposed || signal.aborted) return Promise.reject(stopped());
    if (descriptor === undefined) {
      return Promise.reject(new ImcotError('internal', `${name} can't be read from another thread.`));
    }
    const job = this.nextJob++;
    const giveUp = (): void => this.giveUp(job);
    signal.addEventListener('abort', giveUp, { once: true });
    return new Promise<IndexEnd>((resolve, reject) => {
      this.waiting.set(job, { name, onBatch, resolve, reject });
      try {
        clearTimeout(this.idle);
        this.worker ??= this.start();
        this.worker.ref();
        this.worker.postMessage({ job, descriptor, name, from } satisfies IndexJob);
      } catch (thrown) {
        this.waiting.delete(job);
        reject(thrown instanceof Error ? thrown : new Error(errorMessage(thrown)));
      }
    }).finally(() => signal.removeEventListener('abort', giveUp));
  }

  dispose(): void {
    this.disposed = true;
    this.end(stopped());
  }

  async stop(): Promise<void> {
    this.dispose();
    await this.ending;
  }

  private start(): Worker {
    if (!existsSync(this.workerPath)) {
      throw new ImcotError(
        'internal',
        `The program that indexes large files is missing: ${this.workerPath}. Build or install it again.`,
      );
    }
    const worker = new Worker(this.workerPath);
    worker.on('message', (message: IndexAnswer) => this.receive(message));
    worker.on('error', (error) => this.crashed(worker, errorMessage(error)));
    worker.on('exit', (code) => this.crashed(worker, `it ended with code ${code}`));
    return worker;
  }

  private receive(message: IndexAnswer): void {
    const waiting = this.waiting.get(message.job);
    if (!waiting) return;
    if (message.type === 'batch') {
      waiting.onBatch(message);
      return;
    }
    this.waiting.delete(message.job);
    if (message.type === 'end') waiting.resolve(message);
    else waiting.reject(new ImcotError(message.code, message.message));
    if (this.waiting.size === 0) this.rest();
  }

  /** Many files of one log are indexed one after the other. Resting keeps no process alive. */
  private rest(): void {
    this.worker?.unref();
    this.idle = setTimeout(() => this.end(), IDLE_MS).unref();
  }

  /** A thread can't be asked to stop while it reads; it is ended when nobody else needs it. */
  private giveUp(job: number): void {
    const waiting = this.waiting.get(job);
    if (!waiting) return;
    this.waiting.delete(job);
    waiting.reject(stopped());
    if (this.waiting.size === 0) this.end();
  }

  private crashed(worker: Worker, reason: string): void {
    if (worker !== this.worker) return;
    const names = [...this.waiting.values()].map((waiting) => waiting.name).join(', ');
    this.end(new ImcotError('internal', `Indexing ${names} failed: the index worker crashed (${reason}).`));
  }

  private end(error: ImcotError = stopped()): void {
    const { worker } = this;
    this.worker = undefined;
    clearTimeout(this.idle);
    for (const waiting of this.waiting.values()) waiting.reject(error);
    this.waiting.clear();
    if (worker) this.ending = Promise.all([this.ending, worker.terminate()]);
  }
}
