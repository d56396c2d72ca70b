import * as vscode from 'vscode';
import { CUSTOM_EDITORS } from '../contributions';
import type { TrajectoryEditor, TrajectoryEditorProvider } from '../trajectories/trajectoryEditor';

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
  editor()?.show(record);
}
