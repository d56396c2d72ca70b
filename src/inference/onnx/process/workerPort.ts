import { Worker } from 'node:worker_threads';
import { ImcotError } from '../../../common/errors';
import type { Event } from '../../../common/event';
import { Emitter } from '../../../common/event';
import type { MessagePortLike } from '../../../common/rpc';

/** A port whose other end can go, and the way to follow it. */
export interface WorkerPort extends MessagePortLike {
  readonly onDisconnect: Event<void>;
  /** Ends the process at once. */
  exit(): void;
}

/** How often the thread looks whether the parent still lives, in milliseconds. */
const LOOK_MS = 1000;

/*
 * Runs in a thread of its own, so that it works while a run on the GPU, or a fault in native code, holds the main thread.
 * A process whose parent died gets another one, except on Windows, where the old number names nobody.
 */
const WATCH_PARENT = `
  const { workerData } = require('node:worker_threads');
  const isThere = () => {
    try {
      return process.ppid === workerData.parent && process.kill(workerData.parent, 0);
    } catch (error) {
      return error.code === 'EPERM';
    }
  };
  setInterval(() => {
    if (!isThere()) process.kill(process.pid, 'SIGKILL');
  }, workerData.interval);
`;

/**
 * The port of a process that was started with a channel to its parent. From then on it does not outlive the parent.
 * @throws ImcotError `usage` when the program was started by hand
 */
export function processPort(): WorkerPort {
  if (process.send === undefined) {
    throw new ImcotError('usage', 'This program serves the iMCoT extension and is not run by hand.');
  }
  const messages = new Emitter<unknown>();
  const disconnect = new Emitter<void>();
  process.on('message', (message) => messages.fire(message));
  process.on('disconnect', () => disconnect.fire());
  const watch = new Worker(WATCH_PARENT, {
    eval: true,
    execArgv: [],
    workerData: { parent: process.ppid, interval: LOOK_MS },
  });
  watch.unref();
  return {
    // The parent may be gone between two messages; `disconnect` says so, and nothing else needs to.
    post: (message) => process.send?.(message, undefined, undefined, () => undefined),
    onMessage: messages.event,
    onDisconnect: disconnect.event,
    // Not `exit`: the libraries' own clean-up at exit waits for what still computes, and crashes with some drivers.
    exit: () => process.kill(process.pid, 'SIGKILL'),
  };
}
