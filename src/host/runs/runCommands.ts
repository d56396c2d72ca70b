import * as vscode from 'vscode';
import type { Disposable } from '../../common/disposable';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { registerCommand } from '../commands';
import { COMMANDS, CUSTOM_EDITORS } from '../contributions';
import type { Dynamics } from '../dynamics/dynamics';
import type { RowFilter } from '../../protocol/listView';
import type { TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';
import { checkMayRead, type WorkspaceTrust } from '../trust';
import type { AddedFolders } from './runRoots';
import type { GroupRow, LogRow, RolloutRow, StepRow } from './runRows';
import type { RunsSearch } from './runsSearch';

/** What the commands of the tree act on. */
export interface RunCommandServices {
  readonly search: RunsSearch;
  readonly added: AddedFolders;
  readonly editors: TrajectoryEditorProvider;
  readonly dynamics: Pick<Dynamics, 'show'>;
  readonly trust: () => WorkspaceTrust;
  readonly logger: Logger;
}

/** Registers what can be done with the rows of the tree *Runs*. */
export function registerRunTreeCommands(services: RunCommandServices): Disposable[] {
  const { search, logger } = services;
  return [
    registerCommand(COMMANDS.openRun, (row) => openRun(row, services), logger),
    registerCommand(COMMANDS.revealRun, (row) => revealRun(row), logger),
    registerCommand(COMMANDS.refreshRuns, async () => search.refresh(), logger),
    registerCommand(COMMANDS.addRunFolder, (given) => addRunFolder(given, services), logger),
    registerCommand(COMMANDS.removeRunFolder, (row) => removeRunFolder(row, services), logger),
  ];
}

/** A log in the editor that fits it; a step or a group in the list of its rollouts; a rollout shown. */
async function openRun(given: unknown, { editors, dynamics }: RunCommandServices): Promise<void> {
  const row = given as Partial<LogRow> | StepRow | GroupRow | RolloutRow | undefined;
  if (row?.log === undefined) throw new ImcotError('usage', 'Choose a log in the tree of runs.');
  const { log } = row;
  if (log.kind === 'metrics') {
    await dynamics.show([log.path]);
    return;
  }
  const uri = vscode.Uri.file(log.path);
  await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory);
  const editor = editors.editors.find((open) => open.uri.toString() === uri.toString());
  if (row.kind === 'rollout') editor?.show(row.rollout.index);
  if (row.kind === 'step') editor?.showOnly({ label: `step ${row.step.step}`, ranges: row.step.ranges });
  if (row.kind === 'group') editor?.showOnly(groupFilter(row));
}

function groupFilter({ step, group }: GroupRow): RowFilter {
  const ranges: [number, number][] = [];
  for (const { index } of group.rollouts) {
    const last = ranges.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else ranges.push([index, index + 1]);
  }
  return { label: `step ${step.step}, one group`, ranges };
}

async function revealRun(given: unknown): Promise<void> {
  const file = pathOf(given);
  if (file === undefined) throw new ImcotError('usage', 'Choose a log in the tree of runs.');
  const uri = vscode.Uri.file(file);
  const isInside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  await vscode.commands.executeCommand(isInside ? 'revealInExplorer' : 'revealFileInOS', uri);
}

/** The path that a row stands for. */
function pathOf(given: unknown): string | undefined {
  const row = given as { readonly path?: unknown; readonly log?: { readonly path?: unknown } } | undefined;
  const file = row?.log?.path ?? row?.path;
  return typeof file === 'string' && file !== '' ? file : undefined;
}

async function addRunFolder(given: unknown, { added, search, trust }: RunCommandServices): Promise<void> {
  const picked =
    given instanceof vscode.Uri
      ? [given]
      : await vscode.window.showOpenDialog({
          canSelectFiles: false,
          canSelectFolders: true,
          canSelectMany: true,
          openLabel: 'Add',
          title: 'Folder of training runs or results',
        });
  if (!picked) return;
  for (const uri of picked) {
    if (uri.scheme !== 'file') {
      const why = `${uri.toString()} is not on this machine. Open it where it is, for example over Remote - SSH.`;
      throw new ImcotError('input', why);
    }
    await checkMayRead(uri.fsPath, trust());
  }
  await added.add(picked.map(({ fsPath }) => fsPath));
  search.refresh();
}

async function removeRunFolder(given: unknown, { added, search }: RunCommandServices): Promise<void> {
  const folder = pathOf(given) ?? (await vscode.window.showQuickPick([...added.paths]));
  if (folder === undefined) return;
  await added.remove(folder);
  search.refresh();
}
