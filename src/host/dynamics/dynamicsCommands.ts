import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS } from '../contributions';
import { localPath } from '../trajectories/openLogFile';
import { resourceOf } from '../resourceOf';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { Dynamics } from './dynamics';

/** Names under which metrics are written; what a file is, its content decides when it is opened. */
const METRIC_NAMES = /\.(?:log|txt|out|jsonl?|csv|tsv|wandb|db|parquet)$|^events\.out\.tfevents\./i;

/** Registers the command that shows curves. */
export function registerDynamicsCommands(
  dynamics: Dynamics,
  trajectories: TrajectoryEditorProvider,
  logger: Logger,
): Disposable {
  return registerCommand(
    COMMANDS.showDynamics,
    (resource, chosen) => showDynamics(dynamics, trajectories, resource, chosen),
    logger,
  );
}

/**
 * The resources that a menu passes (the one that was clicked, then all that are selected), else the file of the active
 * tab where its name may be one of metrics, else what a person picks.
 */
async function showDynamics(
  dynamics: Dynamics,
  trajectories: TrajectoryEditorProvider,
  resource: unknown,
  chosen: unknown,
): Promise<void> {
  const selected = Array.isArray(chosen)
    ? chosen.filter((uri): uri is vscode.Uri => uri instanceof vscode.Uri)
    : [];
  const one = resourceOf(resource);
  const given = selected.length > 1 ? selected : one ? [one] : activeFile();
  const uris = given.length > 0 ? given : await pick();
  if (uris.length === 0) return;
  const paths = uris.map(localFile);
  const [only] = paths;
  const { active } = trajectories;
  // From rollouts to the curves of their run, which are seldom in the same file.
  if (only !== undefined && paths.length === 1 && active && localPath(active.uri) === only)
    await dynamics.showCurvesOf(only);
  else await dynamics.show(paths);
}

function localFile(uri: vscode.Uri): string {
  const file = localPath(uri);
  if (file !== undefined) return file;
  throw new ImcotError(
    'input',
    `Curves are drawn of files on this machine, and ${uri.toString()} is not. Open it where it is, for example over Remote - SSH.`,
  );
}

function activeFile(): readonly vscode.Uri[] {
  const input: unknown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(input instanceof vscode.TabInputText) && !(input instanceof vscode.TabInputCustom)) return [];
  const name = input.uri.path.split('/').at(-1) ?? '';
  return METRIC_NAMES.test(name) ? [input.uri] : [];
}

async function pick(): Promise<readonly vscode.Uri[]> {
  // Not every system's dialog takes files and folders at a time.
  const kind = await vscode.window.showQuickPick(
    [
      {
        label: '$(folder) A folder of runs',
        detail: 'Everything in it that is metrics, each run a line',
        isFolder: true,
      },
      { label: '$(file) Files', detail: 'Logs, event files, tables, databases', isFolder: false },
    ],
    { title: 'Show Training Dynamics', placeHolder: 'What do you want to see the curves of?' },
  );
  if (!kind) return [];
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: !kind.isFolder,
    canSelectFolders: kind.isFolder,
    canSelectMany: true,
    openLabel: 'Show',
    title: 'Metrics of a training run',
  });
  return picked ?? [];
}
