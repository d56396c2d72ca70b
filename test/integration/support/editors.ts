// For tests inside the editor: the extension's own account of what is open.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { ExtensionApi } from '../../../src/host/extensionApi';
import type { TrajectorySession } from '../../../src/host/trajectories/trajectorySession';
import type { SourceView, TrajectoryView } from '../../../src/protocol/trajectoryView';
import { extensionUnderTest, waitFor } from '../../host/inside';

/** The view type of the trajectory editor. */
export const TRAJECTORY_EDITOR = 'imcot.trajectory';

/** What the activated extension exports. */
export async function activatedExtension(): Promise<ExtensionApi> {
  return (await extensionUnderTest().activate()) as ExtensionApi;
}

/** The session of the open editor that shows this file. */
export async function sessionOf(file: string, limitMs = 15_000): Promise<TrajectorySession> {
  const { editors } = await activatedExtension();
  return waitFor(
    `an editor for ${file}`,
    () => editors().find((editor) => editor.uri.fsPath === file)?.session,
    limitMs,
  );
}

/** Opens a file in the trajectory editor. */
export async function openTrajectories(file: string): Promise<TrajectorySession> {
  await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), TRAJECTORY_EDITOR);
  return sessionOf(file);
}

/** The source's state once it is ready and, unless told otherwise, indexed to the end. */
export async function readySource(
  session: TrajectorySession,
  { complete = true, limitMs = 15_000 } = {},
): Promise<Extract<SourceView, { status: 'ready' }>> {
  return waitFor(
    'the source being ready',
    async () => {
      const view = await session.ready();
      if (view.status === 'error') assert.fail(view.message);
      return view.status === 'ready' && (view.complete || !complete) ? view : undefined;
    },
    limitMs,
  );
}

/** A record that must be readable. */
export async function trajectoryOf(session: TrajectorySession, index: number): Promise<TrajectoryView> {
  const found = await session.trajectory(index);
  if ('status' in found) assert.fail(found.reason);
  return found;
}

/** Closes every editor, without asking. */
export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
