import { parentPort } from 'node:worker_threads';
import { Emitter } from '../../common/event';
import { Channel } from '../../common/rpc';
import { RunsEngine } from './runsEngine';
import type { RunsEvents } from './runLogs';

/*
 * Entry of the thread that finds and counts the logs of a window. It ends when its host ends it.
 */

const messages = new Emitter<unknown>();
const channel: Channel<RunsEvents> = new Channel<RunsEvents>(
  { post: (message) => parentPort?.postMessage(message), onMessage: messages.event },
  new RunsEngine((logs) => void channel.remote.changed(logs).catch(() => undefined)),
);
parentPort?.on('message', (message: unknown) => messages.fire(message));
