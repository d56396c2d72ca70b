import type * as vscode from 'vscode';
import type { Logger } from '../../common/logger';
import type { Dynamics } from '../dynamics/dynamics';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { WorkspaceTrust } from '../trust';
import { registerLogFileCommands } from './logFileCommands';
import { LogFileEditorProvider } from './logFileEditor';

/** The viewers of log files and their command, registered for the life of the extension. */
export function createLogFiles(
  context: vscode.ExtensionContext,
  trajectories: TrajectoryEditorProvider,
  dynamics: Pick<Dynamics, 'show'>,
  trust: () => WorkspaceTrust,
  logger: Logger,
): LogFileEditorProvider {
  const viewers = new LogFileEditorProvider({
    extensionUri: context.extensionUri,
    storage: (context.storageUri ?? context.globalStorageUri).fsPath,
    trust,
    trajectories,
    showStep: async (file, step) => (await dynamics.show([file]))?.showStep(step),
    logger,
  });
  context.subscriptions.push(viewers, registerLogFileCommands(viewers, logger));
  return viewers;
}
