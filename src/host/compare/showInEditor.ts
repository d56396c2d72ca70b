import { setTimeout as delay } from 'node:timers/promises';
import * as vscode from 'vscode';
import { CUSTOM_EDITORS } from '../contributions';
import type { TrajectoryEditor, TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';

/** A page is looked at this often until it listens, for so long; in milliseconds. */
const [LOOK, LIMIT] = [50, 10_000];

/** Shows a rollout in the trajectory editor: the one that has its log open, else a new one beside what is active. */
export async function showInEditor(
  trajectories: TrajectoryEditorProvider,
  uri: vscode.Uri,
  record: number,
): Promise<void> {
  const editor = (): TrajectoryEditor | undefined =>
    trajectories.editors.find((candidate) => candidate.uri.toString() === uri.toString());
  const viewColumn = editor()?.column ?? vscode.ViewColumn.Beside;
  const options = { viewColumn, preview: false };
  await vscode.commands.executeCommand('vscode.openWith', uri, CUSTOM_EDITORS.trajectory, options);
  // A page that is loaded anew hears nothing before it has asked for the record that it remembers.
  const until = Date.now() + LIMIT;
  while (editor()?.session.lastShown === undefined && Date.now() < until) await delay(LOOK);
  editor()?.show(record);
}
