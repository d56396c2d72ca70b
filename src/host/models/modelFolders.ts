import type { Dirent } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileError } from '../../files/fileErrors';
import { SUPPORTED_ARCHITECTURE } from '../../inference/onnx/checkpoint/supported';

/** What a folder of the settings came to. */
export interface FolderSearch {
  /** Absolute paths, in the order of their names with numbers as numbers. */
  readonly checkpoints: readonly string[];
  /** A sentence when there is none, or when the search ended early. */
  readonly problem?: string;
}

/** How far a search goes. */
export interface SearchLimits {
  /** Folders inside folders; those of a Hugging Face cache count as one. */
  readonly depth: number;
  /** Folders looked into. */
  readonly folders: number;
}

/** A trainer's `global_step_40/actor/huggingface` is three levels down; a whole disk by mistake ends within seconds. */
const SEARCH_LIMITS: SearchLimits = { depth: 3, folders: 3000 };

const LONGEST_CONFIG = 1 << 20;

/** `models--owner--name` of a Hugging Face cache. */
const CACHED_MODEL = /^models--.+/;

const byName = new Intl.Collator('en', { numeric: true }).compare;

/**
 * The checkpoints that a folder is or holds, by its files' names and `config.json` alone: nothing else is opened. A folder
 * that is a checkpoint itself is taken as it is; inside others only those of the architecture that can be run. Links are
 * followed, hidden folders are not entered. Never rejects.
 */
export async function findCheckpoints(root: string, limits = SEARCH_LIMITS): Promise<FolderSearch> {
  let entries: Dirent[];
  try {
    entries = await readdir(root, { withFileTypes: true });
  } catch (thrown) {
    const missing = (thrown as NodeJS.ErrnoException).code === 'ENOENT';
    return {
      checkpoints: [],
      problem: missing ? `There is no folder ${root}.` : fileError(thrown, root).message,
    };
  }
  if (hasCheckpointFiles(entries)) return { checkpoints: [root] };
  const search = new Search(limits);
  await search.enter(root, entries, limits.depth);
  const { found, isCut } = search;
  if (isCut) {
    const problem = `Not all of ${root} was searched: it holds more than ${limits.folders} folders. Name the folder of the model itself.`;
    return { checkpoints: found, problem };
  }
  if (found.length > 0) return { checkpoints: found };
  const problem = `No Qwen2.5-VL checkpoint is in ${root}: none of its folders has a config.json of that architecture beside *.safetensors.`;
  return { checkpoints: [], problem };
}

class Search {
  readonly found: string[] = [];
  isCut = false;
  private left: number;

  constructor(limits: SearchLimits) {
    this.left = limits.folders;
  }

  async enter(folder: string, entries: readonly Dirent[], depth: number): Promise<void> {
    const inner = CACHED_MODEL.test(path.basename(folder))
      ? entries.filter(({ name }) => name === 'snapshots')
      : entries.filter(({ name }) => !name.startsWith('.') && name !== 'node_modules');
    for (const entry of [...inner].sort((a, b) => byName(a.name, b.name))) {
      const place = path.join(folder, entry.name);
      if (await isFolder(entry, place)) await this.look(place, depth);
    }
  }

  private async look(folder: string, depth: number): Promise<void> {
    if (this.left-- <= 0) {
      this.isCut = true;
      return;
    }
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    if (hasCheckpointFiles(entries)) {
      if (await isSupported(folder)) this.found.push(folder);
      return;
    }
    const name = path.basename(folder);
    const inCache = CACHED_MODEL.test(name) || (name === 'snapshots' && isCached(folder));
    if (inCache || depth > 1) await this.enter(folder, entries, inCache ? depth : depth - 1);
  }
}

const isCached = (snapshots: string): boolean => CACHED_MODEL.test(path.basename(path.dirname(snapshots)));

function hasCheckpointFiles(entries: readonly Dirent[]): boolean {
  const names = entries.map(({ name }) => name);
  return names.includes('config.json') && names.some((name) => name.endsWith('.safetensors'));
}

async function isFolder(entry: Dirent, place: string): Promise<boolean> {
  if (!entry.isSymbolicLink()) return entry.isDirectory();
  return stat(place).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

/** Whether config.json names the architecture that can be run; loading looks closely. */
async function isSupported(folder: string): Promise<boolean> {
  try {
    const file = path.join(folder, 'config.json');
    if ((await stat(file)).size > LONGEST_CONFIG) return false;
    const { architectures } = JSON.parse(await readFile(file, 'utf8')) as { architectures?: unknown };
    return Array.isArray(architectures) && architectures[0] === SUPPORTED_ARCHITECTURE;
  } catch {
    return false;
  }
}
