import path from 'node:path';
import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS } from '../contributions';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { ComparePanels } from './comparePanels';

const FILTERS = { 'Rollout logs': ['jsonl', 'parquet'], 'All files': ['*'] };
const LOG_NAMES = /\.(?:jsonl|parquet|eval)$/i;

/** Registers the command that sets two logs side by side. */
export function registerCompareCommands(
  panels: ComparePanels,
  trajectories: TrajectoryEditorProvider,
  logger: Logger,
): Disposable {
  return registerCommand(
    COMMANDS.compareRollouts,
    async (resource, chosen) => {
      const uris = await chooseLogs(trajectories, resource, chosen);
      if (uris) await panels.show(uris);
    },
    logger,
  );
}

/**
 * Two logs that are selected; else the one that was clicked, or the one in the active tab, and another that a person
 * chooses. Undefined where the person gives up.
 */
async function chooseLogs(
  trajectories: TrajectoryEditorProvider,
  resource: unknown,
  chosen: unknown,
): Promise<{ readonly a: vscode.Uri; readonly b: vscode.Uri } | undefined> {
  const selected = Array.isArray(chosen)
    ? chosen.filter((uri): uri is vscode.Uri => uri instanceof vscode.Uri)
    : [];
  if (selected.length > 2)
    throw new ImcotError('usage', `Two logs are compared, and ${selected.length} are selected.`);
  const [first, second] = selected;
  if (first && second) return { a: first, b: second };
  const a = resource instanceof vscode.Uri ? resource : (activeLog() ?? (await pick(undefined)));
  const b = a && (await chooseOther(trajectories, a));
  return a && b && { a, b };
}

function activeLog(): vscode.Uri | undefined {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isFile = input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom;
  return isFile && LOG_NAMES.test(input.uri.path) ? input.uri : undefined;
}

/** One of the logs that are open, or any other file. */
async function chooseOther(
  trajectories: TrajectoryEditorProvider,
  a: vscode.Uri,
): Promise<vscode.Uri | undefined> {
  const others = new Map(trajectories.editors.map(({ uri }) => [uri.toString(), uri]));
  others.delete(a.toString());
  if (others.size === 0) return pick(a);
  const items = [...others.values()].map((uri) => ({
    label: `$(list-tree) ${path.posix.basename(uri.path)}`,
    description: vscode.workspace.asRelativePath(path.dirname(uri.fsPath)),
    uri,
  }));
  const choice = await vscode.window.showQuickPick(
    [...items, { label: '$(folder-opened) Choose a File...', description: '', uri: undefined }],
    { title: `Compare ${path.posix.basename(a.path)}`, placeHolder: 'With which log?' },
  );
  return choice && (choice.uri ?? (await pick(a)));
}

async function pick(a: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      openLabel: a ? 'Compare' : 'Choose',
      title: a ? `Log to compare ${path.posix.basename(a.path)} with` : 'First of two logs to compare',
      filters: FILTERS,
      ...(a?.scheme === 'file' && { defaultUri: vscode.Uri.file(path.dirname(a.fsPath)) }),
    })) ?? [];
  return uri;
}
