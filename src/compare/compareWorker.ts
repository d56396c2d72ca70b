import { parentPort } from 'node:worker_threads';
import { Emitter } from '../common/event';
import { Channel } from '../common/rpc';
import type { CompareEvents } from './compareApi';
import { CompareEngine } from './compareEngine';

/*
 * Entry of the thread that compares two logs. It ends when its host ends it.
 */

const messages = new Emitter<unknown>();
const channel: Channel<CompareEvents> = new Channel<CompareEvents>(
  { post: (message) => parentPort?.postMessage(message), onMessage: messages.event },
  new CompareEngine(() => channel.remote),
);
parentPort?.on('message', (message: unknown) => messages.fire(message));
