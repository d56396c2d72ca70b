import type * as vscode from 'vscode';
import type { Logger } from '../common/logger';

/** The output channel "iMCoT" as the logger that everything inside writes to. */
export function channelLogger(channel: vscode.LogOutputChannel): Logger {
  return {
    debug: (message) => channel.debug(message),
    info: (message) => channel.info(message),
    warn: (message) => channel.warn(message),
    error: (message) => channel.error(message),
  };
}
