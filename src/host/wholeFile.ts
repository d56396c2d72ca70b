import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';

/**
 * Writes a file piece by piece under another name beside it, and gives it its own name at the end: whoever reads it
 * finds all of it or what was there before. When the pieces end in an error nothing is left.
 * @throws whatever the pieces throw, and errors of node:fs
 */
export async function writeWhole(
  file: string,
  pieces: AsyncIterable<string | Uint8Array> | readonly (string | Uint8Array)[],
): Promise<void> {
  const suffix = randomBytes(6).toString('hex');
  const unfinished = path.join(path.dirname(file), `.${path.basename(file)}.${suffix}.part`);
  try {
    const handle = await open(unfinished, 'wx');
    try {
      for await (const piece of pieces) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  } catch (thrown) {
    await rm(unfinished, { force: true });
    throw thrown;
  }
}
