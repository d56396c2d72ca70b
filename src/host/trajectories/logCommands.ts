import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS, CUSTOM_EDITORS } from '../contributions';
import { resourceOf } from '../resourceOf';
import { exportRollout } from './exportRollout';
import type { TrajectoryEditorProvider } from './trajectoryEditor';
import { chooseTruthBoxes } from '../images/chooseTruthBoxes';
import type { WorkspaceImages } from '../images/workspaceImages';

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
    registerCommand(
      COMMANDS.openAsTrajectories,
      (resource, chosen) => openAsTrajectories(resource, chosen),
      logger,
    ),
    registerCommand(COMMANDS.chooseImageFolder, () => places.choose(), logger),
    registerCommand(COMMANDS.chooseTruthBoxes, () => chooseTruthBoxes(places), logger),
    registerCommand(COMMANDS.revealRecord, () => revealShown(editors), logger),
    registerCommand(COMMANDS.exportRollout, () => exportRollout(editors.active), logger),
    registerCommand(COMMANDS.showLog, () => Promise.resolve(channel.show()), logger),
  ];
}

async function openLog(): Promise<void> {
  const picked = await vscode.window.showOpenDialog({
    canSelectMany: true,
    openLabel: 'Open',
    title: 'Log of rollouts',
    filters: { 'Rollout logs': ['jsonl', 'parquet'], 'All files': ['*'] },
  });
  for (const uri of picked ?? []) await openInEditor(uri);
}

/**
 * The resources that a menu passes (the one that was clicked, then all that are selected), else the one in the active
 * tab, whose text editor gives way as with "Reopen Editor With...". Unsaved changes keep their tab.
 */
async function openAsTrajectories(resource: unknown, chosen: unknown): Promise<void> {
  const selected = Array.isArray(chosen)
    ? chosen.filter((entry): entry is vscode.Uri => entry instanceof vscode.Uri)
    : [];
  if (selected.length > 1) {
    for (const uri of selected) await openInEditor(uri);
    return;
  }
  const active = activeFile();
  const uri = resourceOf(resource) ?? active?.uri;
  if (!uri) throw new ImcotError('usage', 'No file is open. Run "Open Log..." to choose one.');
  if (active?.replaceable === true && active.uri.toString() === uri.toString()) {
    await vscode.commands.executeCommand('reopenActiveEditorWith', CUSTOM_EDITORS.trajectory);
  } else await openInEditor(uri);
}

/** The file of the active tab, and whether that is a text editor without unsaved changes. */
function activeFile(): { readonly uri: vscode.Uri; readonly replaceable: boolean } | undefined {
  // Not the active text editor: a file above 50 MB has none.
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  const input: unknown = tab?.input;
  if (input instanceof vscode.TabInputText) return { uri: input.uri, replaceable: tab?.isDirty === false };
  return input instanceof vscode.TabInputCustom ? { uri: input.uri, replaceable: false } : undefined;
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
