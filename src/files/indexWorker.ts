import { parentPort } from 'node:worker_threads';
import { fileError } from './fileErrors';
import { readIntoFrom } from './fileSource';
import type { IndexAnswer, IndexJob } from './indexMessages';
import { indexLines } from './lineIndexer';

/*
 * Entry of the index worker: a thread that reads big files from end to end, so that the editor's own thread never
 * does. Jobs run one after the other.
 */

function answer(message: IndexAnswer): void {
  if (message.type === 'batch') parentPort?.postMessage(message, [message.starts.buffer as ArrayBuffer]);
  else parentPort?.postMessage(message);
}

async function run({ job, descriptor, name, from }: IndexJob): Promise<void> {
  try {
    const end = await indexLines(
      (target, offset) => readIntoFrom(descriptor, target, offset),
      from,
      (batch) => answer({ type: 'batch', job, ...batch }),
    );
    answer({ type: 'end', job, ...end });
  } catch (thrown) {
    const { code, message } = fileError(thrown, name);
    answer({ type: 'failed', job, code, message });
  }
}

let last = Promise.resolve();
parentPort?.on('message', (message: IndexJob) => {
  last = last.then(() => run(message));
});
