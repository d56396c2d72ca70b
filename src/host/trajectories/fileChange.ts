import { stat } from 'node:fs/promises';
import type { Disposable } from '../../common/disposable';
import { errorCode } from '../../common/errors';
import { follow, POLL_MS } from '../../files/followFile';
import type { RetryOpening } from './openedSource';

/**
 * Opens a file again once it has changed: a log that is empty, not there yet, or of no known kind may be about to be
 * written. What is refused for other reasons is not looked at again.
 * @param pollMs time between two looks, in milliseconds
 */
export function retryWhenChanged(file: string, pollMs = POLL_MS): RetryOpening {
  // Noted before each opening, so that no change between a failure and the first look is missed.
  let before = Promise.resolve('');
  return {
    beginning: () => {
      before = stateOf(file);
    },
    failed(thrown: unknown, again: () => void): Disposable | undefined {
      if (!['input', 'missing'].includes(errorCode(thrown))) return undefined;
      return follow(
        file,
        async () => {
          if ((await stateOf(file)) !== (await before)) again();
        },
        pollMs,
      );
    },
  };
}

async function stateOf(file: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeMs } = await stat(file);
    return `${dev}:${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'not there';
  }
}
