import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 10;

/** How late a thread's event loop got its turns, in milliseconds beyond the interval of the timer that measures. */
export interface Lag {
  readonly p99: number;
  readonly most: number;
}

/** Measures this thread's event loop while something goes on. */
export async function lagDuring(action: () => Promise<unknown>): Promise<Lag> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  await action();
  delay.disable();
  const milliseconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return { p99: milliseconds(delay.percentile(99)), most: milliseconds(delay.max) };
}
