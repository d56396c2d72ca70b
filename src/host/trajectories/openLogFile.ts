import { createHash } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { ImcotError } from '../../common/errors';
import type { Logger } from '../../common/logger';
import { FileSource } from '../../files/fileSource';
import { openTrajectorySource } from '../../files/openSource';
import type { TrajectorySource } from '../../readers/trajectorySource';
import type { WorkspaceTrust } from '../trust';
import { filesOfQuery } from './filesOfLog';
import { openChecked } from './openChecked';
import { checkMayRead } from '../trust';

/** Largest log on a file system that is not local: it is read whole. Bytes. */
export const MAX_VIRTUAL_BYTES = 64 * 1024 * 1024;

/** Schemes whose paths Node can open. */
const LOCAL_SCHEMES = ['file', 'vscode-userdata'];

/** Where the index worker stands, where indexes may be kept, and whom to tell. */
export interface LogFileSettings {
  readonly workerPath: string;
  /** The extension's own storage. */
  readonly storage: string;
  readonly logger: Logger;
  readonly trust: () => WorkspaceTrust;
}

/** The local path of a resource; undefined on another file system. */
export function localPath(uri: vscode.Uri): string | undefined {
  return LOCAL_SCHEMES.includes(uri.scheme) ? uri.fsPath : undefined;
}

/**
 * Opens a log wherever it lies. Returns before it is indexed.
 * @throws ImcotError when it may not be read, is too large (not local), is missing or is of another kind
 */
export async function openLogFile(uri: vscode.Uri, settings: LogFileSettings): Promise<TrajectorySource> {
  const file = localPath(uri);
  if (file === undefined) return openVirtual(uri, settings);
  await checkMayRead(file, settings.trust());
  return openLocal(filesOfQuery(file, uri.query), settings, true);
}

function openLocal(
  files: readonly string[],
  settings: LogFileSettings,
  follow: boolean,
): Promise<TrajectorySource> {
  return openTrajectorySource(files, {
    index: 'worker',
    workerPath: settings.workerPath,
    // A copy has another name each time, so an index that was kept for it would never be used.
    ...(follow && { sidecarFolder: path.join(settings.storage, 'index') }),
    logger: settings.logger,
    follow,
    openFile: (name) => (follow ? openChecked(name, settings.trust) : FileSource.open(name)),
  });
}

/** Copies the log into the extension's storage, where it can be read piece by piece like any other; gone on dispose. */
async function openVirtual(uri: vscode.Uri, settings: LogFileSettings): Promise<TrajectorySource> {
  const { trusted } = settings.trust();
  if (!trusted && vscode.workspace.getWorkspaceFolder(uri) === undefined) {
    throw new ImcotError(
      'denied',
      `${uri.toString()} is not read: it stands outside this untrusted workspace.`,
    );
  }
  const { size } = await vscode.workspace.fs.stat(uri);
  if (size > MAX_VIRTUAL_BYTES) {
    throw new ImcotError(
      'limit',
      `This log has ${Math.ceil(size / 1048576)} MB. Through "${uri.scheme}:" a file is read whole, up to ` +
        `${MAX_VIRTUAL_BYTES / 1048576} MB: open it where it is, for example over Remote - SSH.`,
    );
  }
  const bytes = await vscode.workspace.fs.readFile(uri);
  const key = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 16);
  const folder = path.join(settings.storage, 'copies', `${key}-${process.pid}-${Date.now()}`);
  await mkdir(folder, { recursive: true });
  const remove = (): void => {
    void rm(folder, { recursive: true, force: true }).catch((thrown: unknown) => {
      settings.logger.warn(`A copy could not be removed: ${String(thrown)}`);
    });
  };
  try {
    const copy = path.join(folder, copyName(uri));
    await writeFile(copy, bytes);
    const source = await openLocal([copy], settings, false);
    const dispose = source.dispose.bind(source);
    source.dispose = () => {
      dispose();
      remove();
    };
    return source;
  } catch (thrown) {
    remove();
    throw thrown;
  }
}

/** The name under which people know the log, without what a path could be made of on some system. */
function copyName(uri: vscode.Uri): string {
  return path.posix.basename(uri.path).replace(/[\\/:*?"<>|]/g, '_') || 'log.jsonl';
}
