import { parentPort } from 'node:worker_threads';
import { Emitter } from '../common/event';
import type { Logger } from '../common/logger';
import { Channel } from '../common/rpc';
import { RowsEngine } from './rowsEngine';
import type { RowsEvents } from './rowsApi';

/*
 * Entry of the thread that holds the table of one log. It ends when its host ends it.
 */

const messages = new Emitter<unknown>();

const tell = (level: 'debug' | 'info' | 'warn' | 'error', message: string): void =>
  void channel.remote.log(level, message).catch(() => undefined);

const logger: Logger = {
  debug: (message) => tell('debug', message),
  info: (message) => tell('info', message),
  warn: (message) => tell('warn', message),
  error: (message) => tell('error', message),
};

const channel: Channel<RowsEvents> = new Channel<RowsEvents>(
  { post: (message) => parentPort?.postMessage(message), onMessage: messages.event },
  new RowsEngine(() => channel.remote, logger),
);
parentPort?.on('message', (message: unknown) => messages.fire(message));
