import { existsSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { errorMessage, ImcotError } from '../common/errors';
import type { RawAnswer, RawJob } from './rawLinesJobs';

/** A person's expression that runs this long over one stretch of 64 KiB or one line is given up, in milliseconds. */
export const EXPRESSION_LIMIT_MS = 5000;
/** Time between two looks at whether it does. */
const LOOK_MS = 250;

/** What came back, the end and failures left out. */
export type RawReport = Exclude<RawAnswer, { type: 'end' | 'failed' }>;

/**
 * Does a job in a thread of its own. Settles only when that thread is gone, so that the descriptor may be closed then.
 * @param workerPath the built `logWorker.js`
 * @throws ImcotError `cancelled` when the signal fired, `limit` when an expression took too long, else what the job threw
 */
export async function runRawJob(
  workerPath: string,
  job: RawJob,
  report: (answer: RawReport) => void,
  signal: AbortSignal,
  limitMs = EXPRESSION_LIMIT_MS,
): Promise<void> {
  if (signal.aborted) throw new ImcotError('cancelled', 'Stopped.');
  if (!existsSync(workerPath)) {
    throw new ImcotError(
      'internal',
      `The program that reads logs is missing: ${workerPath}. Install it again.`,
    );
  }
  const worker = new Worker(workerPath, { workerData: job });
  let watch: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('message', (answer: RawAnswer) => {
        if (answer.type === 'end') resolve();
        else if (answer.type === 'failed') reject(new ImcotError(answer.code, answer.message));
        else if (!signal.aborted) report(answer);
      });
      worker.on('error', (error) =>
        reject(new ImcotError('internal', `Reading ${job.name} failed: ${errorMessage(error)}`)),
      );
      worker.on('exit', (code) =>
        reject(new ImcotError('internal', `Reading ${job.name} failed: its thread ended with code ${code}.`)),
      );
      stop = () => reject(new ImcotError('cancelled', 'Stopped.'));
      signal.addEventListener('abort', stop, { once: true });
      if (job.kind === 'search') watch = watchExpression(job.beat, limitMs, reject);
    });
  } finally {
    clearInterval(watch);
    if (stop) signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

/** Rejects when an expression stays at one place: nothing else can stop it, for it lets its thread hear nothing. */
function watchExpression(
  beat: SharedArrayBuffer,
  limitMs: number,
  reject: (error: Error) => void,
): NodeJS.Timeout {
  const values = new Float64Array(beat);
  let [count, since] = [-1, Date.now()];
  return setInterval(
    () => {
      const [position = -1, now = 0] = values;
      if (position < 0 || now !== count) {
        count = now;
        since = Date.now();
      } else if (Date.now() - since > limitMs) {
        const place = position.toLocaleString('en');
        reject(
          new ImcotError(
            'limit',
            `The expression takes too long on the lines from byte ${place} on, so the search was ended. Make it simpler.`,
          ),
        );
      }
    },
    Math.min(LOOK_MS, limitMs),
  );
}
