import * as vscode from 'vscode';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../common/event';
import type { Logger } from '../../common/logger';
import { CONTEXT_KEYS, CUSTOM_EDITORS } from '../contributions';
import type { ModelCatalogue } from '../models/modelCatalogue';
import { RolloutLogs } from './rolloutLogs';
import { Rollouts } from './rollouts';
import type { TrajectoryEditor, TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';

/** How long a log's editor may take to come to what was appended, in milliseconds. */
const PATIENCE = 10_000;

/** The rollouts of this window, shown in its editors. Nothing is loaded or written before a person asks. */
export function createRollouts(
  context: vscode.ExtensionContext,
  editors: TrajectoryEditorProvider,
  catalogue: ModelCatalogue,
  logger: Logger,
): Rollouts {
  const { version } = context.extension.packageJSON as { version: string };
  const onDidCloseLog: Event<string> = (listener) => editors.onDidClose((uri) => listener(uri.fsPath));
  const rollouts = new Rollouts({
    catalogue,
    logs: new RolloutLogs(`imcot ${version}`),
    logger,
    trusted: () => vscode.workspace.isTrusted,
    show: (file, trajectory) => showLog(editors, file, trajectory),
    onDidCloseLog,
  });
  const listening = rollouts.onDidChange(() => tellMenus(rollouts.files));
  context.subscriptions.push(rollouts, listening);
  return rollouts;
}

/** Opens a log in its editor, at a trajectory that was just appended. */
async function showLog(editors: TrajectoryEditorProvider, file: string, trajectory = 0): Promise<void> {
  const uri = vscode.Uri.file(file);
  const options = { preview: false };
  await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory, options);
  if (trajectory === 0) return;
  const editor = editors.editors.find((open) => open.uri.fsPath === file);
  // Not waited for: the rollout goes on meanwhile.
  if (editor) void selectLast(editor, file).catch(() => undefined);
}

async function selectLast(editor: TrajectoryEditor, file: string): Promise<void> {
  const { size } = await stat(file);
  const source = await editor.source;
  for (const end = Date.now() + PATIENCE; Date.now() < end; await delay(50)) {
    const { complete, totalBytes, records } = source.state;
    if (complete && totalBytes >= size) return editor.show(records - 1);
  }
}

/** The editor gives a resource's path as the system writes it where it is local, and with slashes where it is remote. */
function tellMenus(files: readonly string[]): void {
  const paths = [
    ...new Set(files.flatMap((file) => [file, vscode.Uri.file(file).path, path.normalize(file)])),
  ];
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.runningLogs, paths);
  void vscode.commands.executeCommand('setContext', CONTEXT_KEYS.rolloutsRunning, files.length > 0);
}
