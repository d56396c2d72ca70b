import { fstatSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import { fileError } from './fileErrors';
import { allocateBytes, readIntoFrom } from './fileSource';
import { countLines } from './rawLinesIndex';
import type { RawAnswer, RawJob } from './rawLinesJobs';
import { patternOf } from './rawLinesPattern';
import { searchRange } from './rawLinesSearch';
import { stepRows } from './rawLinesSteps';

/*
 * Entry of the thread that reads a log from end to end: counts its lines, looks for a text, or finds its steps. The job
 * comes with the thread's start.
 */

/** Longest time for which matches are kept back, in milliseconds; the first one never is. */
const BATCH_MS = 50;

function answer(message: RawAnswer): void {
  parentPort?.postMessage(message);
}

async function search(job: Extract<RawJob, { kind: 'search' }>): Promise<void> {
  const pattern = patternOf(job.query);
  const beat = new Float64Array(job.beat);
  const still = (): void => {
    beat[0] = -1;
  };
  let count = 0;
  for (const [range, bounds] of job.ranges.entries()) {
    let starts: number[] = [];
    let ends: number[] = [];
    let scanned = bounds[0];
    let told = performance.now();
    const flush = (): void => {
      const batch = {
        range,
        starts: Float64Array.from(starts),
        ends: Float64Array.from(ends),
        count,
        scanned,
      };
      answer({ type: 'matches', batch });
      starts = [];
      ends = [];
      told = performance.now();
    };
    await searchRange((target, offset) => readIntoFrom(job.descriptor, target, offset), pattern, bounds, {
      found(start, end) {
        count++;
        if (count > job.keep) return;
        starts.push(start);
        ends.push(end);
        if (count === 1) flush();
      },
      scanned(position) {
        still();
        scanned = position;
        if (performance.now() - told >= BATCH_MS) flush();
      },
      matching(position) {
        beat[0] = position;
        beat[1] = (beat[1] ?? 0) + 1;
      },
    });
    flush();
  }
}

async function run(job: RawJob): Promise<void> {
  const read = (target: Uint8Array, offset: number): Promise<number> =>
    readIntoFrom(job.descriptor, target, offset);
  if (job.kind === 'lines') {
    await countLines(read, job.from, job.feeds, (batch) => answer({ type: 'lines', batch }));
  } else if (job.kind === 'search') await search(job);
  else {
    const rows = await stepRows({
      name: job.name,
      size: () => Promise.resolve(fstatSync(job.descriptor).size),
      read: async (offset, length) => {
        const target = allocateBytes(length);
        return target.subarray(0, await read(target, offset));
      },
    });
    answer({ type: 'steps', rows });
  }
}

const job = workerData as RawJob;
run(job).then(
  () => answer({ type: 'end' }),
  (thrown: unknown) => {
    const error = thrown instanceof ImcotError ? thrown : fileError(thrown, job.name);
    answer({ type: 'failed', code: errorCode(error), message: errorMessage(error) });
  },
);
