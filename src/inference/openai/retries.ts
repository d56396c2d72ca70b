import { cancelled, throwIfCancelled } from '../../common/cancel';
import { connectionCode, rootFailure } from './serverFailure';
import type { RetryLimits } from './serverOptions';
import { ServerRefusal } from './serverRefusal';

/** Connections that never carried an answer. Generation changes nothing on the server, so asking again is safe. */
const PASSING_CODES: readonly string[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
];

/** Statuses above 500 that will be the same next time: not implemented, HTTP version. */
const LASTING = [501, 505];

/**
 * How long to wait before asking again, in milliseconds; undefined when asking again would be of no use.
 * @param attempt how many have failed, from 1
 */
export function retryPause(thrown: unknown, attempt: number, limits: RetryLimits): number | undefined {
  if (attempt > limits.count) return undefined;
  const failure = rootFailure(thrown);
  const grown = Math.min(limits.longestPause, limits.firstPause * 2 ** (attempt - 1));
  // Those who were turned away together should not come back together.
  const pause = grown * (0.75 + Math.random() * 0.25);
  if (!(failure instanceof ServerRefusal)) {
    return PASSING_CODES.includes(connectionCode(failure) ?? '') ? pause : undefined;
  }
  const passes = failure.status === 429 || (failure.status >= 500 && !LASTING.includes(failure.status));
  if (!passes) return undefined;
  const asked = failure.pause ?? pause;
  return asked <= limits.longestPause ? asked : undefined;
}

/** @throws ImcotError `cancelled` by the signal */
export function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  throwIfCancelled(signal);
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(cancelled(signal));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', stop, { once: true });
  });
}
