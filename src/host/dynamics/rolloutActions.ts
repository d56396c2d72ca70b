import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { StepRecords } from '../../dynamics/dynamicsApi';
import { CUSTOM_EDITORS } from '../contributions';
import { queryOfFiles } from '../trajectories/filesOfLog';
import type { TrajectoryEditor, TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import type { WorkspaceTrust } from '../trust';
import { checkMayRead } from '../trust';
import { nameOfLog } from './curvesOfLog';
import type { RolloutLinks } from './rolloutLinks';

/**
 * Lets a person choose the log of rollouts of a run, and remembers it.
 * @param source the run's own path
 * @throws ImcotError `denied` where the choice may not be read
 */
export async function chooseRollouts(
  source: string,
  links: RolloutLinks,
  trust: WorkspaceTrust,
): Promise<string | undefined> {
  const kind = await vscode.window.showQuickPick(
    [
      {
        label: '$(file) A file',
        detail: 'All rollouts in one log: JSON lines, Parquet, ...',
        isFolder: false,
      },
      { label: '$(folder) A folder', detail: 'A file for each step: 1.jsonl, 2.jsonl, ...', isFolder: true },
    ],
    { title: `Rollouts of ${path.basename(source)}`, placeHolder: 'Where are the rollouts of this run?' },
  );
  if (!kind) return undefined;
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: !kind.isFolder,
    canSelectFolders: kind.isFolder,
    canSelectMany: false,
    openLabel: 'Link',
    title: `Rollouts of ${path.basename(source)}`,
    defaultUri: vscode.Uri.file(path.dirname(source)),
  });
  const [uri] = picked ?? [];
  if (!uri) return undefined;
  if (uri.scheme !== 'file')
    throw new ImcotError(
      'input',
      `Rollouts are read from files on this machine, and ${uri.toString()} is not.`,
    );
  await checkMayRead(uri.fsPath, trust);
  await links.remember(source, uri.fsPath);
  return uri.fsPath;
}

/** Shows the rollouts of a step beside the curves, or where their log is open already. */
export async function openRollouts(
  trajectories: TrajectoryEditorProvider,
  step: number,
  { paths, ranges }: StepRecords,
): Promise<void> {
  const log = uriOfLog(paths);
  const editor = (): TrajectoryEditor | undefined =>
    trajectories.editors.find(({ uri }) => uri.toString() === log.toString());
  const viewColumn = editor()?.column ?? vscode.ViewColumn.Beside;
  const options = { viewColumn, preview: false };
  await vscode.commands.executeCommand('vscode.openWith', log, CUSTOM_EDITORS.trajectory, options);
  editor()?.showOnly({ label: `step ${step}`, ranges });
}

function uriOfLog(paths: readonly string[]): vscode.Uri {
  const [first] = paths;
  const name = nameOfLog(paths);
  // Step files are a log as a whole, named by their folder.
  if (name !== first) return vscode.Uri.file(name);
  const query = paths.length === 1 ? '' : queryOfFiles(paths);
  if (first !== undefined && query !== undefined) return vscode.Uri.file(first).with({ query });
  throw new ImcotError(
    'input',
    `These rollouts stand in several folders: ${paths.join(', ')}. Open one of them.`,
  );
}
