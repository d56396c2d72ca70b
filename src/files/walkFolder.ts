import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from './fileErrors';

/** How far a search goes before it stops and says so. */
export interface WalkLimits {
  /** Folders inside folders. */
  readonly depth: number;
  /** Files and folders looked at in all. */
  readonly entries: number;
  /** Whether an entry is passed over, and with a folder all that is in it. */
  readonly isLeftOut?: (file: string, root: string, namesBeside: ReadonlySet<string>) => boolean;
}

/** Enough for any tree of runs; a whole disk by mistake ends in seconds. */
export const WALK_LIMITS: WalkLimits = { depth: 24, entries: 200_000 };

/** A folder and the plain files right in it, in the order of their names with numbers as numbers. */
export interface WalkedFolder {
  readonly path: string;
  readonly files: readonly string[];
}

/** What a walk found, and in sentences what it left out. */
export interface Walk {
  readonly folders: readonly WalkedFolder[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  readonly notices: readonly string[];
}

/** Our own folder is hidden and holds rollouts; other hidden folders are tools' affairs. */
const skipFolder = (name: string): boolean =>
  name === 'node_modules' || (name.startsWith('.') && name !== '.imcot');

const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * Lists the files below a folder. Symbolic links are not followed: within the folder their targets are met anyway,
 * and outside of it nobody asked for them.
 */
export async function walkFolder(
  root: string,
  limits: WalkLimits = WALK_LIMITS,
  signal?: AbortSignal,
): Promise<Walk> {
  const folders: WalkedFolder[] = [];
  const unreadable: { path: string; reason: string }[] = [];
  const notices: string[] = [];
  let seen = 0;
  let links = 0;
  let deepest = false;

  const visit = async (folder: string, depth: number): Promise<void> => {
    signal?.throwIfAborted();
    let entries: Dirent[];
    try {
      entries = await readdir(folder, { withFileTypes: true });
    } catch (thrown) {
      unreadable.push({ path: folder, reason: fileError(thrown, folder).message });
      return;
    }
    const { isLeftOut } = limits;
    if (isLeftOut) {
      const names = new Set(entries.map(({ name }) => name));
      entries = entries.filter(({ name }) => !isLeftOut(path.join(folder, name), root, names));
    }
    entries.sort((a, b) => byName(a.name, b.name));
    entries.length = Math.min(entries.length, Math.max(0, limits.entries - seen));
    seen += entries.length;
    links += entries.filter((entry) => entry.isSymbolicLink()).length;
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'));
    folders.push({ path: folder, files: files.map((entry) => entry.name) });
    const inner = entries.filter((entry) => entry.isDirectory() && !skipFolder(entry.name));
    if (inner.length > 0 && depth >= limits.depth) deepest = true;
    else for (const entry of inner) await visit(path.join(folder, entry.name), depth + 1);
  };

  await visit(root, 0);
  if (seen >= limits.entries)
    notices.push(`${root}: the search stopped after ${limits.entries} files and folders.`);
  if (deepest)
    notices.push(
      `${root}: folders more than ${limits.depth} level${limits.depth === 1 ? '' : 's'} down were not searched.`,
    );
  if (links > 0)
    notices.push(
      `${root}: ${links === 1 ? 'a symbolic link was' : `${links} symbolic links were`} not followed.`,
    );
  return { folders, unreadable, notices };
}
