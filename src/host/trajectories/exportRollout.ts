import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import { EXPORT_SIDE, exportPictures, writeHtml, writeMarkdown } from './exportFiles';
import { exportLog } from './exportLog';
import type { ExportInput } from './exportWords';
import { exportName } from './exportWords';
import type { TrajectoryEditor } from './trajectoryEditor';

interface ExportKind extends vscode.QuickPickItem {
  readonly ending: 'html' | 'md' | 'imcot.jsonl';
}

const KINDS: readonly ExportKind[] = [
  { label: 'HTML page', description: 'one file with its pictures, to be read anywhere', ending: 'html' },
  { label: 'Markdown', description: 'its pictures in a folder beside it', ending: 'md' },
  {
    label: 'iMCoT log',
    description: 'opens here again; its pictures in a folder beside it',
    ending: 'imcot.jsonl',
  },
];

/**
 * Exports the rollout that an editor shows: asks for the kind and the place, and writes.
 * @throws ImcotError `usage` where none is shown, `input` where it can't be read, `denied` where it can't be written
 */
export async function exportRollout(editor: TrajectoryEditor | undefined): Promise<void> {
  const index = editor?.session.lastShown;
  if (!editor || index === undefined) throw new ImcotError('usage', 'Open a log and select a record first.');
  const kind = await vscode.window.showQuickPick(KINDS, { title: 'Export the rollout as' });
  if (!kind) return;
  const log = path.posix.basename(editor.uri.path);
  const target = await vscode.window.showSaveDialog({
    defaultUri: vscode.Uri.joinPath(editor.uri, '..', `${exportName(log, index)}.${kind.ending}`).with({
      query: '',
    }),
    filters: { [kind.label]: [kind.ending] },
  });
  if (!target) return;
  if (target.scheme !== 'file')
    throw new ImcotError('input', 'Exports go to files on the machine of the log.');
  if (target.path === editor.uri.path)
    throw new ImcotError('input', `${log} is the log itself: choose another name for the export.`);
  const progress = { location: vscode.ProgressLocation.Window, title: 'Exporting the rollout' };
  await vscode.window.withProgress(progress, () => write(editor, index, kind.ending, target, log));
  void offer(target, kind.ending);
}

async function write(
  { session, source, images }: TrajectoryEditor,
  index: number,
  ending: ExportKind['ending'],
  target: vscode.Uri,
  log: string,
): Promise<void> {
  const record = await (await source).record(index);
  const view = await session.trajectory(index);
  if (record.status === 'bad' || 'status' in view)
    throw new ImcotError('input', `Record ${index} can't be read.`);
  if (ending === 'imcot.jsonl') return exportLog(target.fsPath, record, images, 'iMCoT Debugger');
  const pictures = await exportPictures(view, (id) => session.image(index, id, EXPORT_SIDE));
  const input: ExportInput = { log, view, pictures };
  if (ending === 'md') return writeMarkdown(target.fsPath, input);
  await writeHtml(target.fsPath, input);
}

async function offer(target: vscode.Uri, ending: ExportKind['ending']): Promise<void> {
  const pressed = await vscode.window.showInformationMessage(
    `Exported to ${path.basename(target.fsPath)}.`,
    'Open',
  );
  if (pressed === undefined) return;
  if (ending === 'html') await vscode.env.openExternal(target);
  else await vscode.commands.executeCommand('vscode.open', target);
}
