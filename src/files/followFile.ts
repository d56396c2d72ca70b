import { watch } from 'node:fs';
import type { Disposable } from '../common/disposable';
import { toDisposable } from '../common/disposable';

/** Time between two looks at a file, in milliseconds. Network and remote file systems report no changes. */
export const POLL_MS = 1500;
/** A writer changes its file many times a second; one look after this time sees all of it. */
const SETTLE_MS = 120;

/**
 * Calls `look` every `pollMs`, and soon after the system reports a change, one call at a time, until disposed.
 * What a look finds (growth, truncation, replacement) is the caller's: a report says only that something happened.
 * @param target the file, or the folder of step files
 */
export function follow(target: string, look: () => Promise<void>, pollMs = POLL_MS): Disposable {
  let looking = false;
  let again = false;
  let done = false;
  let soon: NodeJS.Timeout | undefined;
  const run = async (): Promise<void> => {
    if (looking) {
      again = true;
      return;
    }
    looking = true;
    do {
      again = false;
      await look().catch(() => undefined);
    } while (again && !done);
    looking = false;
  };
  const poll = setInterval(() => void run(), pollMs);
  poll.unref();
  const watcher = watchQuietly(target, () => {
    soon ??= setTimeout(() => {
      soon = undefined;
      void run();
    }, SETTLE_MS);
  });
  return toDisposable(() => {
    done = true;
    clearInterval(poll);
    clearTimeout(soon);
    watcher.dispose();
  });
}

/** Watching is a help only: where it is not possible the polling does it all. */
function watchQuietly(target: string, changed: () => void): Disposable {
  try {
    const watcher = watch(target, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return toDisposable(() => watcher.close());
  } catch {
    return toDisposable(() => undefined);
  }
}
