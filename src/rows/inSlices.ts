import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfCancelled } from '../common/cancel';

/** Longest time without a look at what others want, in milliseconds. */
const SLICE_MS = 15;

/**
 * Does long work in short slices, so that its thread still hears of other requests.
 * @param work yields often: after a millisecond or so
 * @throws ImcotError `cancelled` soon after the signal has fired; whatever the work throws
 */
export async function inSlices<T>(work: Generator<void, T, void>, signal: AbortSignal): Promise<T> {
  throwIfCancelled(signal);
  let until = performance.now() + SLICE_MS;
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    if (performance.now() < until) continue;
    await nextTurn();
    throwIfCancelled(signal);
    until = performance.now() + SLICE_MS;
  }
}
