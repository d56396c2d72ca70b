import { parentPort } from 'node:worker_threads';
import { Emitter } from '../common/event';
import type { Logger } from '../common/logger';
import { Channel } from '../common/rpc';
import type { DynamicsEvents } from './dynamicsApi';
import { DynamicsEngine } from './engine';
import { findRollouts } from './findRollouts';
import { openRolloutCurves } from './rolloutCurves';

/*
 * Entry of the thread that holds the curves of one editor. It ends when its host ends it.
 */

const messages = new Emitter<unknown>();

/** Whether the other end hears of it does not matter to whoever tells. */
const quietly = (told: Promise<void>): void => void told.catch(() => undefined);

const logTo = (events: () => DynamicsEvents): Logger => ({
  debug: (message) => quietly(events().log('debug', message)),
  info: (message) => quietly(events().log('info', message)),
  warn: (message) => quietly(events().log('warn', message)),
  error: (message) => quietly(events().log('error', message)),
});

const engine = new DynamicsEngine({
  rollouts: { openRolloutCurves, findRollouts },
  logger: logTo(() => channel.remote),
});
const channel: Channel<DynamicsEvents> = new Channel<DynamicsEvents>(
  { post: (message) => parentPort?.postMessage(message), onMessage: messages.event },
  engine,
);
engine.onDidChange((view) => quietly(channel.remote.changed(view)));
parentPort?.on('message', (message: unknown) => messages.fire(message));
