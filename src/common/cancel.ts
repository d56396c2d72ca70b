import { ImcotError } from './errors';

/** @throws ImcotError `cancelled` when the signal has fired */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new ImcotError('cancelled', 'Stopped.', { cause: signal.reason });
}
