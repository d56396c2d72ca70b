import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS } from '../contributions';
import type { InferenceService } from './inferenceService';

interface Action extends vscode.QuickPickItem {
  run(): Promise<unknown>;
}

/** Registers the commands that act on the model in memory. */
export function registerInferenceCommands(inference: InferenceService, logger: Logger): Disposable[] {
  return [
    registerCommand(COMMANDS.unloadModel, () => inference.unload(), logger),
    registerCommand(COMMANDS.modelActions, () => chooseAction(inference), logger),
  ];
}

/** What the status bar item offers: to stop, to unload, to look at the log. */
async function chooseAction(inference: InferenceService): Promise<void> {
  const { state } = inference;
  if (state.status === 'none') throw new ImcotError('usage', 'No local model is loaded.');
  const stop = (label: string): Action => ({
    label: `$(debug-stop) ${label}`,
    run: () => Promise.resolve(inference.stop()),
  });
  const unload = (label: string): Action => ({
    label: `$(trash) ${label}`,
    run: () => inference.unload(),
  });
  const log: Action = {
    label: '$(output) Show Log',
    run: async () => vscode.commands.executeCommand(COMMANDS.showLog),
  };
  const actions: Record<Exclude<typeof state.status, 'none'>, Action[]> = {
    loading: [stop('Stop Loading'), log],
    ready: [unload('Unload Model'), log],
    generating: [stop('Stop Generating'), unload('Unload Model'), log],
    failed: [log, unload('Hide')],
  };
  const title = state.status === 'failed' ? state.reason : `iMCoT: ${state.model}`;
  const chosen = await vscode.window.showQuickPick(actions[state.status], { title });
  await chosen?.run();
}
