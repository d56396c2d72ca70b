import type { ChildProcess } from 'node:child_process';
import { toDisposable } from '../../../common/disposable';
import type { MessagePortLike } from '../../../common/rpc';

/**
 * The messages of a forked process as a port for a `Channel`.
 * @param heard called at each message, whatever it is
 */
export function childPort(child: ChildProcess, heard: () => void): MessagePortLike {
  return {
    // That the process is gone is told by its end; a message that it missed needs no second telling.
    post: (message) => {
      if (child.connected) child.send(message as object, () => undefined);
    },
    onMessage: (listener) => {
      const take = (message: unknown): void => {
        heard();
        listener(message);
      };
      child.on('message', take);
      return toDisposable(() => child.off('message', take));
    },
  };
}
