import { ImcotError } from './errors';

/** What a task that a signal ended fails with. */
export function cancelled(signal: AbortSignal): ImcotError {
  return new ImcotError('cancelled', 'Stopped.', { cause: signal.reason });
}

/** @throws ImcotError `cancelled` when the signal has fired */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled(signal);
}
