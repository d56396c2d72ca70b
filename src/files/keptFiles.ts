import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';

const TEMPORARY_MS = 60 * 60 * 1000;

/**
 * Files that are kept between sessions because making them anew takes time, in a folder with a limit: those used longest
 * ago are removed first. What is in them the owner must check.
 */
export class KeptFiles {
  /** @param suffix of these files, with its dot: others of the folder are left alone */
  constructor(
    private readonly folder: string,
    private readonly suffix: string,
    private readonly folderBytes: number,
  ) {}

  /** What is kept under a key; undefined where nothing is. */
  async read(key: string): Promise<Uint8Array | undefined> {
    try {
      return (await readFile(this.place(key))) as Uint8Array;
    } catch {
      return undefined;
    }
  }

  /** Says that what is kept was of use. @throws what the file system throws */
  async used(key: string): Promise<void> {
    const now = new Date();
    await utimes(this.place(key), now, now);
  }

  /** @throws what the file system throws */
  async remove(key: string): Promise<void> {
    await rm(this.place(key), { force: true });
  }

  /**
   * Keeps bytes. Written beside and renamed, so that whoever is killed here leaves the old file or the new one.
   * @throws what the file system throws
   */
  async write(key: string, bytes: Uint8Array): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const place = this.place(key);
    const temporary = `${place}.${randomBytes(6).toString('hex')}.tmp`;
    await writeFile(temporary, bytes);
    await rename(temporary, place);
    await this.tidy(place);
  }

  private place(key: string): string {
    const name = createHash('sha256').update(key).digest('hex').slice(0, 40);
    return path.join(this.folder, name + this.suffix);
  }

  /** Removes what killed writers left, and the files used longest ago until the folder is within its limit. */
  private async tidy(newest: string): Promise<void> {
    const kept: { place: string; bytes: number; used: number }[] = [];
    for (const name of await readdir(this.folder)) {
      const place = path.join(this.folder, name);
      const stats = await stat(place).catch(() => undefined);
      if (!stats?.isFile()) continue;
      if (name.endsWith(this.suffix)) kept.push({ place, bytes: stats.size, used: stats.mtimeMs });
      else if (name.includes(`${this.suffix}.`) && Date.now() - stats.mtimeMs > TEMPORARY_MS)
        await rm(place, { force: true });
    }
    kept.sort((a, b) => a.used - b.used);
    let total = kept.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { place, bytes } of kept) {
      if (total <= this.folderBytes) break;
      if (place === newest) continue;
      await rm(place, { force: true });
      total -= bytes;
    }
  }
}
