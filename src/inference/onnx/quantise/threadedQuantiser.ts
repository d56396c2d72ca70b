import { existsSync } from 'node:fs';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { ImcotError } from '../../../common/errors';
import { InProcessQuantiser, type BlockQuantiser, type RowsJob } from './blockQuantiser';
import type { QuantisedBlocks } from './blocks';
import type { RowsAnswer } from './quantiseWorker';

/** More threads than this wait for the one that reads, writes and hashes. */
const MOST_THREADS = 6;

interface Waiting {
  readonly resolve: (blocks: QuantisedBlocks) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Waiting[];
  ended?: ImcotError;
}

/** Quantises on threads of its own, which run until it is disposed of. */
export class ThreadedQuantiser implements BlockQuantiser {
  readonly width: number;
  private readonly threads: readonly Thread[];
  private next = 0;

  /**
   * @param workerPath the built `quantiseWorker.js`
   * @param count threads, at least 1
   */
  constructor(workerPath: string, count: number) {
    this.threads = Array.from({ length: count }, () => startThread(workerPath));
    // One job more for each, so that none has to wait for the next.
    this.width = 2 * count;
  }

  quantise(job: RowsJob): Promise<QuantisedBlocks> {
    const thread = this.threads[this.next];
    this.next = (this.next + 1) % this.threads.length;
    return new Promise((resolve, reject) => {
      if (!thread || thread.ended) {
        reject(thread?.ended ?? new ImcotError('internal', 'There is no thread that quantises.'));
        return;
      }
      thread.waiting.push({ resolve, reject });
      thread.worker.ref();
      thread.worker.postMessage(job, [job.bytes.buffer as ArrayBuffer]);
    });
  }

  dispose(): void {
    for (const { worker } of this.threads) void worker.terminate();
  }
}

/** Threads where the machine has processors for them and their script is there, otherwise this thread. */
export function makeQuantiser(workerPath: string, processors = os.availableParallelism()): BlockQuantiser {
  const count = Math.min(MOST_THREADS, processors);
  return count > 1 && existsSync(workerPath)
    ? new ThreadedQuantiser(workerPath, count)
    : new InProcessQuantiser();
}

function startThread(workerPath: string): Thread {
  const thread: Thread = { worker: new Worker(workerPath), waiting: [] };
  const end = (why: string): void => {
    thread.ended ??= new ImcotError('internal', `A thread that quantises ended: ${why}.`);
    for (const { reject } of thread.waiting.splice(0)) reject(thread.ended);
  };
  thread.worker.on('message', (answer: RowsAnswer) => {
    const asked = thread.waiting.shift();
    if (thread.waiting.length === 0) thread.worker.unref();
    if (answer.ok) asked?.resolve(answer.blocks);
    else asked?.reject(new ImcotError(answer.code, answer.message));
  });
  thread.worker.on('error', (error) => end(error.message));
  thread.worker.on('exit', (code) => end(`exit code ${String(code)}`));
  // Only a thread with work keeps the process.
  thread.worker.unref();
  return thread;
}
