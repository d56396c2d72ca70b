import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable';
import { errorCode, errorMessage } from '../common/errors';
import type { Logger } from '../common/logger';
import type { CommandId } from './contributions';
import { COMMANDS } from './contributions';
import { withoutLinks } from './foreignText';

/** What a command does; its arguments are what the menu or the caller passes and must be checked. */
export type CommandHandler = (...args: readonly unknown[]) => Promise<unknown>;

/**
 * Registers a command so that whatever goes wrong becomes a message with the error's sentence. Being cancelled says
 * nothing; a fault of the program offers the log, where its stack stands.
 */
export function registerCommand(id: CommandId, handler: CommandHandler, logger: Logger): Disposable {
  return vscode.commands.registerCommand(id, async (...args: unknown[]) => {
    try {
      return await handler(...args);
    } catch (thrown) {
      if (errorCode(thrown) === 'cancelled') return undefined;
      reportError(thrown, logger);
      return undefined;
    }
  });
}

/** Shows an error to the person, and writes it to the log. Does not wait for the message to be closed. */
export function reportError(thrown: unknown, logger: Logger): void {
  const internal = errorCode(thrown) === 'internal';
  const stack = thrown instanceof Error ? thrown.stack : undefined;
  logger.error(internal && stack !== undefined ? stack : errorMessage(thrown));
  const actions = internal ? ['Show Log'] : [];
  void vscode.window
    .showErrorMessage(`iMCoT: ${withoutLinks(errorMessage(thrown))}`, ...actions)
    .then((chosen) => {
      if (chosen !== undefined) void vscode.commands.executeCommand(COMMANDS.showLog);
    });
}
