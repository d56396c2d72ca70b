import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../common/errors';

/** Whether the window's folders are trusted, and which they are (local paths only). */
export interface WorkspaceTrust {
  readonly trusted: boolean;
  readonly folders: readonly string[];
}

/** True when `file` is `folder` or stands below it; both as real, absolute paths. */
export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!path.isAbsolute(relative) && relative.split(path.sep)[0] !== '..');
}

/**
 * Resolves when the file may be read. In a trusted workspace that is always so. In a restricted one it must stand in one of
 * the folders, with every symbolic link followed on both sides: a link is a way out of the folder like any other.
 * @throws ImcotError `denied` when it stands outside, `missing` when there is no such file
 */
export async function checkMayRead(file: string, trust: WorkspaceTrust): Promise<void> {
  if (trust.trusted) return;
  const [target, ...folders] = await Promise.all([file, ...trust.folders].map(realPathOf));
  if (target === undefined)
    throw new ImcotError('missing', `There is no file ${file}, or it can't be reached.`);
  if (folders.some((folder) => folder !== undefined && isInside(target, folder))) return;
  const place = target === file ? 'It stands' : `It leads to ${target},`;
  throw new ImcotError(
    'denied',
    `${file} is not read, since this workspace is not trusted. ${place} outside the workspace's folders. ` +
      'Trust the workspace to open it.',
  );
}

async function realPathOf(file: string): Promise<string | undefined> {
  try {
    return await realpath(file);
  } catch {
    return undefined;
  }
}
