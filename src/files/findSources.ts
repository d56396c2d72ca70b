import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import type { FormatId, TrajectoryReader } from '../readers/reader';
import { fileError } from './fileErrors';
import { outgrownTables } from './outgrownTables';
import { byNumbers, FOLDER_FILES, STEP_FILES } from './resolveFiles';
import { sniffFile, type SniffResult } from './sniffFile';
import { walkFolder, WALK_LIMITS, type WalkedFolder, type WalkLimits } from './walkFolder';

/** A log that can be opened: one file, or the step files of one folder in the order of their steps. */
export interface FoundSource {
  /** What a person calls it: the file, or the folder of step files. */
  readonly path: string;
  readonly files: readonly string[];
  readonly format: FormatId;
  /** The format for people. */
  readonly label: string;
}

/** What a search came back with. */
export interface FoundSources {
  readonly sources: readonly FoundSource[];
  /** Paths that were named, or met on the way, and can't be read; each with a sentence. */
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
  /** Sentences about what the search left out. */
  readonly notices: readonly string[];
}

/** Settings of a search. */
export interface FindOptions {
  readonly signal?: AbortSignal;
  readonly limits?: WalkLimits;
  /** Tells what a file is; one that remembers makes a second search of the same folders cheap. */
  readonly sniff?: (file: string) => Promise<SniffResult>;
}

/** Files that no log format uses and that folders of runs are full of: not worth opening. Everything else is sniffed. */
export const NEVER_LOGS =
  /\.(png|jpe?g|webp|gif|bmp|tiff?|svg|mp4|safetensors|pt|pth|bin|onnx|npy|npz|gz|zst|zip|tar|py|pyc|so|js|ts|css|html|md)$/i;

type Kind = Pick<FoundSource, 'format' | 'label'>;

const kindOf = ({ format, label }: TrajectoryReader): Kind => ({ format, label });

interface Sniffed {
  readonly file: string;
  readonly found: Kind | undefined;
}

class Search {
  readonly sources: FoundSource[] = [];
  readonly problems: { path: string; reason: string }[] = [];
  readonly notices: string[] = [];
  private readonly seen = new Set<string>();
  private readonly ofFolders: [parent: string, log: { files: string[]; kind: Kind }][] = [];

  private readonly sniffFile: (file: string) => Promise<SniffResult>;

  constructor(private readonly options: FindOptions) {
    this.sniffFile = options.sniff ?? ((file) => sniffFile(file));
  }

  /** One path as the user named it: an error is theirs to hear. */
  async named(target: string): Promise<void> {
    try {
      const entry = await stat(target);
      if (entry.isDirectory()) return await this.folder(withoutEndSlash(target));
      const result = await this.sniffFile(target);
      if ('reason' in result) this.problems.push({ path: target, reason: result.reason });
      else await this.keep({ path: target, files: [target], ...kindOf(result.reader) });
    } catch (thrown) {
      if (this.options.signal?.aborted) throw thrown;
      this.problems.push({ path: target, reason: fileError(thrown, target).message });
    }
  }

  private async folder(root: string): Promise<void> {
    const walk = await walkFolder(root, this.options.limits ?? WALK_LIMITS, this.options.signal);
    this.problems.push(...walk.unreadable);
    this.notices.push(...walk.notices);
    for (const folder of walk.folders) await this.filesOf(folder);
    for (const [folder, { files, kind }] of this.ofFolders.splice(0))
      await this.keep({ path: folder, files: files.sort(byNumbers), ...kind });
  }

  private async filesOf(folder: WalkedFolder): Promise<void> {
    const sniffed: Sniffed[] = [];
    for (const name of folder.files.filter((file) => !NEVER_LOGS.test(file))) {
      this.options.signal?.throwIfAborted();
      const file = path.join(folder.path, name);
      sniffed.push({ file, found: await this.sniff(file) });
    }
    const inSteps = new Set<Sniffed>();
    for (const { name, format } of STEP_FILES) {
      const steps = stepFiles(sniffed, name, format);
      const first = steps.find(({ found }) => found)?.found;
      if (!first) continue;
      await this.keep({ path: folder.path, files: steps.map(({ file }) => file), ...first });
      for (const entry of steps) inSteps.add(entry);
    }
    const outgrown = await this.outgrown(sniffed);
    for (const { file, found } of sniffed.filter(
      (entry) => !inSteps.has(entry) && !outgrown.has(entry.file),
    )) {
      if (found?.format === FOLDER_FILES.format && path.basename(file) === FOLDER_FILES.name)
        this.inFolders(path.dirname(folder.path), file, found);
      else if (found) await this.keep({ path: file, files: [file], ...found });
    }
  }

  /** Tables whose rows all stand in a later one too; says that they don't count. */
  private async outgrown(sniffed: readonly Sniffed[]): Promise<ReadonlyMap<string, string>> {
    const tables = sniffed.filter(({ found }) => found?.format === 'wandb-table').map(({ file }) => file);
    const outgrown = await outgrownTables(tables, this.options.signal);
    for (const winner of new Set(outgrown.values())) {
      const count = [...outgrown.values()].filter((file) => file === winner).length;
      this.notices.push(
        count === 1
          ? `An earlier table is left out: ${winner} holds all its rows.`
          : `${count} earlier tables are left out: ${winner} holds all their rows.`,
      );
    }
    return outgrown;
  }

  /** A rollout that has a folder to itself: those beside it belong to the same log. */
  private inFolders(parent: string, file: string, kind: Kind): void {
    const known = this.ofFolders.find(([folder]) => folder === parent);
    if (known) known[1].files.push(file);
    else this.ofFolders.push([parent, { files: [file], kind }]);
  }

  /** A file met in a folder: one that is no log is nobody's error, one that may not be read is. */
  private async sniff(file: string): Promise<Kind | undefined> {
    const result = await this.sniffFile(file);
    if (!('reason' in result)) return kindOf(result.reader);
    // Names come as text: bytes that are no UTF-8 are lost, and with them the way to the file.
    if (result.code === 'missing' && file.includes('\ufffd'))
      this.problems.push({ path: file, reason: `${file} can't be opened: its name is not UTF-8.` });
    else if (result.code !== 'input') this.problems.push({ path: file, reason: result.reason });
    return undefined;
  }

  /** Adds a source without those of its files that another of the given paths has brought already. */
  private async keep(source: FoundSource): Promise<void> {
    const files: string[] = [];
    for (const file of source.files) {
      const real = await realpath(file);
      if (!this.seen.has(real)) files.push(file);
      this.seen.add(real);
    }
    if (files.length > 0) this.sources.push({ ...source, files });
  }
}

/** `dump/` is the same log as `dump`. */
const withoutEndSlash = (folder: string): string =>
  path.dirname(folder) === folder ? folder : path.join(path.dirname(folder), path.basename(folder));

/**
 * The step files of a folder, when it is one of verl's or TRL's: files with such names of which at least one is
 * recognised and none is something else. Unrecognised ones (half written, broken) belong to it, so that their bad
 * records are counted.
 */
function stepFiles(sniffed: readonly Sniffed[], name: RegExp, format: FormatId): readonly Sniffed[] {
  const numbered = sniffed.filter(({ file }) => name.test(path.basename(file)));
  const steps = numbered.filter(({ found }) => !found || found.format === format);
  return steps.some(({ found }) => found) ? steps : [];
}

/**
 * Finds the logs in files and folders. Folders are searched downwards; what a file is, its content decides.
 * Numbered step files in one folder are one source. A file that is no log is an error where it was named, and passed
 * over where it was merely met.
 * @throws only when `options.signal` is aborted
 */
export async function findSources(
  paths: readonly string[],
  options: FindOptions = {},
): Promise<FoundSources> {
  const search = new Search(options);
  for (const target of paths) await search.named(target);
  return { sources: search.sources, problems: search.problems, notices: search.notices };
}
