import { playBatch } from '../../src/launch/playBatch';
import type { Opened } from './opened';

/** How many at a time are compared. */
export const AT_ONCE = [1, 4] as const;
const PER_QUESTION = 2;

/** What a batch took, by how many ran at a time. */
export interface Batched {
  readonly rollouts: number;
  /** Milliseconds of each round. */
  readonly times: Readonly<Record<(typeof AT_ONCE)[number], readonly number[]>>;
}

/** All questions twice at temperature 1: a round that does not count, then each in turns, there and back. */
export async function batches(opened: Opened): Promise<Batched> {
  const times = { 1: [] as number[], 4: [] as number[] };
  let rollouts = 0;
  for (const [round, concurrency] of [1, ...AT_ONCE, ...[...AT_ONCE].reverse()].entries()) {
    const log = await opened.newLog();
    const batch = {
      questions: opened.questions,
      perQuestion: PER_QUESTION,
      concurrency,
      config: opened.config,
      // The same rollouts each time.
      choices: { temperature: 1, seed: 1 },
    };
    const start = performance.now();
    const { end, done, failed } = await playBatch(batch, {
      backend: opened.model,
      cutter: opened.cutter,
      log,
    });
    const taken = performance.now() - start;
    await log.close();
    if (end !== 'done' || failed > 0) throw new Error(`the batch ended: ${end}, ${failed} failed`);
    rollouts = done;
    if (round > 0) times[concurrency as 1 | 4].push(taken);
  }
  return { rollouts, times };
}
