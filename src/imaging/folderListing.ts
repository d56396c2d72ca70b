import { opendir } from 'node:fs/promises';
import path from 'node:path';

/** Entries that are looked at in search of subfolders: in one folder, and below one root together. */
const MAX_ENTRIES = 20_000;
const MAX_ENTRIES_TOGETHER = 100_000;
/** Subfolders of one root that are searched, both levels together. */
const MAX_FOLDERS = 256;
const LEVELS = 2;
/** How long a listing is believed, in milliseconds: a run of look-ups lists once, a new folder is seen soon. */
const BELIEVED = 5000;

/** Which folders stand below the roots; read when asked and remembered for a moment. Links are not followed. */
export class FolderListing {
  private readonly known = new Map<string, { readonly at: number; readonly folders: Promise<string[]> }>();

  /** @param now milliseconds of a clock that only runs forward */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Folders one and two levels below `root`, the upper level first, in the order of their names; never `root` itself. */
  below(root: string): Promise<string[]> {
    const held = this.known.get(root);
    if (held && this.now() - held.at < BELIEVED) return held.folders;
    const folders = walk(root);
    this.known.set(root, { at: this.now(), folders });
    return folders;
  }
}

async function walk(root: string): Promise<string[]> {
  const found: string[] = [];
  const budget = { entries: MAX_ENTRIES_TOGETHER };
  let level = [root];
  for (let depth = 0; depth < LEVELS; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (found.length + next.length >= MAX_FOLDERS) break;
      next.push(...(await subfolders(folder, budget)));
    }
    found.push(...next);
    level = next;
  }
  return found.slice(0, MAX_FOLDERS);
}

async function subfolders(folder: string, budget: { entries: number }): Promise<string[]> {
  const names: string[] = [];
  let left = Math.min(MAX_ENTRIES, budget.entries);
  if (left === 0) return names;
  try {
    for await (const entry of await opendir(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules') {
        names.push(entry.name);
      }
      budget.entries--;
      if (--left === 0) break;
    }
  } catch {
    // A folder that may not be read, or is gone, holds nothing for us.
  }
  return names.sort().map((name) => path.join(folder, name));
}
