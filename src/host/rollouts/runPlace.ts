import * as vscode from 'vscode';
import path from 'node:path';
import { ImcotError } from '../../common/errors';
import type { LogPlace } from '../../launch/loadPicture';
import { OWN_FOLDER } from '../../launch/rolloutLog';
import { localPath, MAX_VIRTUAL_BYTES } from '../trajectories/openLogFile';
import type { PictureSource } from './rolloutPicture';

/**
 * The folder in which a new log goes: the workspace folder of the picture, else the first one that is local, else the
 * extension's own storage.
 */
export function logFolder(context: vscode.ExtensionContext, near: vscode.Uri | undefined): string {
  const own = near && vscode.workspace.getWorkspaceFolder(near);
  const folders = [...(own ? [own] : []), ...(vscode.workspace.workspaceFolders ?? [])];
  const local = folders.find(({ uri }) => uri.scheme === 'file');
  return (local?.uri ?? context.storageUri ?? context.globalStorageUri).fsPath;
}

/** A log that is there, and the folder whose pictures it names by their paths. */
export function placeOfLog(file: string): LogPlace {
  const own = path.dirname(path.dirname(file));
  if (path.basename(own) === OWN_FOLDER) return { file, root: path.dirname(own) };
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(file))?.uri.fsPath;
  return { file, root: folder ?? path.dirname(file) };
}

/**
 * Where the picture of a resource is; one that is not local is read whole.
 * @throws ImcotError `limit` when it is too large for that, `missing` when it can't be read
 */
export async function pictureSource(uri: vscode.Uri): Promise<PictureSource> {
  const file = localPath(uri);
  if (file !== undefined) return { kind: 'file', path: file };
  try {
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MAX_VIRTUAL_BYTES) {
      throw new ImcotError(
        'limit',
        `${uri.path} has ${Math.ceil(size / 1048576)} MB. Through "${uri.scheme}:" a picture is read whole, up to ` +
          `${MAX_VIRTUAL_BYTES / 1048576} MB: run the rollout where the file is, for example over Remote - SSH.`,
      );
    }
    const bytes = await vscode.workspace.fs.readFile(uri);
    return { kind: 'bytes', bytes, name: path.posix.basename(uri.path) };
  } catch (thrown) {
    if (thrown instanceof ImcotError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new ImcotError('missing', `The picture ${uri.toString()} can't be read: ${why}`, { cause: thrown });
  }
}
