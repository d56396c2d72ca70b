import * as vscode from 'vscode';
import type { Disposable } from '../common/disposable';
import { ImcotError } from '../common/errors';
import type { Logger } from '../common/logger';
import { registerCommand } from './commands';
import { COMMANDS, CUSTOM_EDITORS } from './contributions';
import type { TrajectoryEditorProvider } from './trajectoryEditor';
import type { WorkspaceImages } from './workspaceImages';

/** What the commands act on. */
export interface LogCommandServices {
  readonly editors: TrajectoryEditorProvider;
  readonly places: WorkspaceImages;
  readonly channel: vscode.LogOutputChannel;
  readonly logger: Logger;
}

/** Registers the commands that open logs and work on an open one. */
export function registerLogCommands({ editors, places, channel, logger }: LogCommandServices): Disposable[] {
  return [
    registerCommand(COMMANDS.openLog, openLog, logger),
    registerCommand(COMMANDS.openAsTrajectories, (resource) => openAsTrajectories(resource), logger),
    registerCommand(COMMANDS.chooseImageFolder, () => places.choose(), logger),
    registerCommand(COMMANDS.revealRecord, () => revealShown(editors), logger),
    registerCommand(COMMANDS.showLog, () => Promise.resolve(channel.show()), logger),
  ];
}

async function openLog(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: 'Open',
    title: 'Log of rollouts',
    filters: { 'Rollout logs': ['jsonl'], 'All files': ['*'] },
  });
  for (const uri of picked ?? []) await openInEditor(uri);
}

/** The resource that a menu passes, else the one in the active tab. */
async function openAsTrajectories(resource: unknown): Promise<void> {
  const uri = resource instanceof vscode.Uri ? resource : activeResource();
  if (!uri) throw new ImcotError('usage', 'No file is open. Run "Open Log..." to choose one.');
  await openInEditor(uri);
}

function activeResource(): vscode.Uri | undefined {
  // Not the active text editor: a file above 50 MB has none.
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom
    ? input.uri
    : undefined;
}

async function openInEditor(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory);
}

async function revealShown(editors: TrajectoryEditorProvider): Promise<void> {
  const session = editors.active?.session;
  if (session?.lastShown === undefined)
    throw new ImcotError('usage', 'Open a log and select a record first.');
  await session.revealRecord(session.lastShown);
}
