import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';

/** Large against any processor's cache. */
const BYTES = 2 ** 30;
const PASSES = 7;

// Comparing two equal halves reads both to the end in the C library's vector loop: twice as fast here as adding numbers
// up in JavaScript. A string, as a worker is a file or a string.
const READER = `
const { parentPort, workerData } = require('node:worker_threads');
const { buffer, offset, length } = workerData;
const first = Buffer.from(buffer, offset, length / 2);
const second = Buffer.from(buffer, offset + length / 2, length / 2);
parentPort.on('message', () => parentPort.postMessage(Buffer.compare(first, second)));
`;

/**
 * Bytes per second at which all cores together read memory that no cache holds: the fastest of a few passes, since it
 * stands for what the machine can do.
 */
export async function readBandwidth(threads = availableParallelism()): Promise<number> {
  const buffer = new SharedArrayBuffer(BYTES);
  // Pages that were never written all map to the same page of zeros.
  new Uint8Array(buffer).fill(1);
  const length = Math.floor(BYTES / threads / 16) * 16;
  const workers = Array.from(
    { length: threads },
    (_, at) => new Worker(READER, { eval: true, workerData: { buffer, offset: at * length, length } }),
  );
  const pass = async (): Promise<number> => {
    const began = performance.now();
    await Promise.all(
      workers.map(
        (worker) =>
          new Promise<void>((resolve, reject) => {
            worker.once('message', (order: number) =>
              order === 0 ? resolve() : reject(new Error('the halves differ')),
            );
            worker.postMessage('go');
          }),
      ),
    );
    return (performance.now() - began) / 1000;
  };
  const times: number[] = [];
  for (let round = 0; round <= PASSES; round++) times.push(await pass());
  await Promise.all(workers.map((worker) => worker.terminate()));
  return (length * threads) / Math.min(...times.slice(1));
}
