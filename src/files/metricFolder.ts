import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, ImcotError } from '../common/errors';
import type { FolderAccess } from '../readers/metrics/metricReader';
import { fileError } from './fileErrors';
import { FileSource } from './fileSource';

/** Largest file of such a folder that is read, in bytes: each holds the values of one key. */
const MAX_FILE = 256 * 1024 * 1024;

/** The folder that a file marks. Links in it are not followed. */
export function folderOf(file: string): FolderAccess {
  const folder = path.dirname(file);
  return {
    list: async (inner) => {
      const target = path.join(folder, inner);
      try {
        const entries = await readdir(target, { withFileTypes: true });
        return entries
          .filter((entry) => entry.isDirectory() || entry.isFile())
          .map((entry) => ({ name: entry.name, isFolder: entry.isDirectory() }));
      } catch (thrown) {
        const error = fileError(thrown, target);
        if (error.code === 'missing') return [];
        throw error;
      }
    },
    read: (inner) => readWhole(path.join(folder, inner)),
  };
}

async function readWhole(file: string): Promise<Uint8Array | undefined> {
  let source: FileSource;
  try {
    source = await FileSource.open(file);
  } catch (thrown) {
    if (errorCode(thrown) === 'missing') return undefined;
    throw thrown;
  }
  try {
    const size = await source.size();
    if (size > MAX_FILE)
      throw new ImcotError('limit', `${file} has ${size} bytes; at most ${MAX_FILE} are read.`);
    return await source.read(0, size);
  } finally {
    await source.close();
  }
}
