import path from 'node:path';
import * as vscode from 'vscode';
import { errorMessage, ImcotError } from '../../common/errors';
import { writeWhole } from '../wholeFile';

/**
 * Asks where to save a picture, and saves it.
 * @param log the file that is shown: its folder is offered, where it lies on this machine
 * @param name a base name without its end
 * @param bytes a PNG
 * @returns whether it was saved
 * @throws ImcotError `input` when it could not be written
 */
export async function saveCrop(log: string | undefined, name: string, bytes: Uint8Array): Promise<boolean> {
  const folder = log === undefined ? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath : path.dirname(log);
  const options =
    folder === undefined ? {} : { defaultUri: vscode.Uri.file(path.join(folder, `${name}.png`)) };
  const target = await vscode.window.showSaveDialog({ ...options, filters: { PNG: ['png'] } });
  if (!target) return false;
  try {
    if (target.scheme === 'file') await writeWhole(target.fsPath, [bytes]);
    else await vscode.workspace.fs.writeFile(target, bytes);
  } catch (thrown) {
    throw new ImcotError('input', `${target.path} was not saved: ${errorMessage(thrown)}`, { cause: thrown });
  }
  return true;
}
