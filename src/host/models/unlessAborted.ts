import type { ImcotError } from '../../common/errors';

/**
 * The promise's result, or a rejection as soon as the signal speaks; what was waited for goes on.
 * @param stopped what it rejects with
 */
export function unlessAborted<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  stopped: () => ImcotError,
): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(stopped());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
