import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { FolderListing } from './folderListing';
import { checkLoggedPath } from './loggedPath';

/** What became of a path from a log. */
export type LookupResult =
  /** `path` has its links resolved and lies inside an allowed root: open this one. */
  | { readonly status: 'found'; readonly path: string }
  /** `tried` in order; `note` where there is more to say than that nothing was there. */
  | { readonly status: 'missing'; readonly tried: readonly string[]; readonly note?: string }
  | { readonly status: 'denied'; readonly reason: string };

/** Paths that one look-up asks the file system about. */
const MAX_PROBES = 2000;
/** Paths that a result lists. */
const MAX_TRIED = 20;
/** Endings that are tried in place of the logged one: data sets are converted, logs keep the old name. */
const ENDINGS = ['.jpg', '.jpeg', '.png', '.webp', '.JPG', '.JPEG', '.PNG', '.gif', '.tif', '.tiff'];

/**
 * Finds images that a log names: beside the log and in the given roots, by the whole path, by its last parts, by its
 * name one or two folders deeper, and by another ending. Nothing outside the roots is returned, links and `..`
 * included: both sides are compared with their links resolved. Nor is anything outside asked for, but by a link's target.
 */
export class ImageLookup {
  private readonly listing: FolderListing;

  /** @param options.roots folders that may be read, besides that of each log */
  constructor(private readonly options: { readonly roots: readonly string[]; readonly now?: () => number }) {
    this.listing = new FolderListing(options.now);
  }

  /**
   * @param logged the path as the log has it: any text at all
   * @param logFile the log's own file, whose folder is allowed
   */
  async find(logged: string, logFile: string): Promise<LookupResult> {
    const checked = checkLoggedPath(logged);
    if (!checked.ok) return { status: 'denied', reason: checked.reason };
    const named = [folderOfLog(logFile), ...this.options.roots].map((root) => path.resolve(root));
    const roots = await realRoots(named);
    const search = new Search(roots, [...new Set([...named, ...roots])]);
    const whole = (checked.absolute ? ['/'] : roots).map((base) => path.join(base, ...checked.segments));
    const found =
      (await this.byPath(search, roots, whole, checked.segments)) ??
      (await this.byName(search, roots, checked.segments, logFile));
    if (found !== undefined) return found;
    const leaves = roots.length > 0 && !whole.some((candidate) => search.mayAsk(candidate));
    return search.failure(leaves ? 'The path leads out of the folders that may be read' : undefined);
  }

  /** The logged path and its shorter ends below each root, then with other endings. */
  private async byPath(
    search: Search,
    roots: readonly string[],
    whole: readonly string[],
    segments: readonly string[],
  ): Promise<LookupResult | undefined> {
    const candidates = [...whole];
    const plain = segments.slice(segments.lastIndexOf('..') + 1);
    // From the longest end on: a nearer match of the path is the better one.
    for (let first = 0; first < plain.length; first++) {
      candidates.push(...roots.map((root) => path.join(root, ...plain.slice(first))));
    }
    const unique = [...new Set(candidates)];
    return (await search.first(unique)) ?? (await search.first(unique.flatMap(otherEndings)));
  }

  /** The name in the folders below the roots: V*'s pictures stand in one folder per split, which logs do not name. */
  private async byName(
    search: Search,
    roots: readonly string[],
    segments: readonly string[],
    logFile: string,
  ): Promise<LookupResult | undefined> {
    const name = segments.at(-1) ?? '';
    for (const names of [[name], otherEndings(name)]) {
      for (const root of roots) {
        const folders = await this.listing.below(root);
        const hinted = folders.filter((folder) => tellsOf(logFile, path.basename(folder)));
        const rest = folders.filter((folder) => !hinted.includes(folder));
        for (const group of [hinted, rest]) {
          const found = await search.only(
            group.flatMap((folder) => names.map((one) => path.join(folder, one))),
          );
          if (found) return found;
        }
      }
    }
    return undefined;
  }
}

/** Where a table stands that W&B keeps in the folder of a run, from that folder on. */
const IN_RUN = /^files[/\\]media[/\\]table[/\\]/;

/**
 * The folder that belongs to a log: its own, or, of a table in a W&B run, the run's `files`, which paths there begin
 * from.
 */
function folderOfLog(logFile: string): string {
  const own = path.dirname(path.resolve(logFile));
  for (let folder = own; path.dirname(folder) !== folder; folder = path.dirname(folder)) {
    const isRun = /^(?:offline-)?run-\d/.test(path.basename(folder));
    if (isRun && IN_RUN.test(path.relative(folder, path.resolve(logFile)))) return path.join(folder, 'files');
  }
  return path.dirname(logFile);
}

/**
 * Whether a log's path tells of a folder: one of its own folders is called so, or its name has it as whole words, as
 * `result_direct_attributes.jsonl` has `direct_attributes`. Letters within a word tell nothing.
 */
function tellsOf(logFile: string, folder: string): boolean {
  const parts = logFile.split(/[\\/]/);
  if (parts.slice(0, -1).includes(folder)) return true;
  const words = (name: string): string => `_${name.replaceAll(/[^\p{L}\p{N}]+/gu, '_')}_`;
  return words(parts.at(-1) ?? '').includes(words(folder).replaceAll(/_+/g, '_'));
}

/** One look-up's questions to the file system, counted. */
class Search {
  private readonly tried: string[] = [];
  private probes = 0;
  private refusal: string | undefined;
  private note: string | undefined;

  /**
   * @param roots allowed folders, links resolved: what is found must be inside of one
   * @param askable the same folders as named and as resolved: nothing else is asked for
   */
  constructor(
    private readonly roots: readonly string[],
    private readonly askable: readonly string[],
  ) {}

  /** Whether a path lies inside an allowed folder by its text. */
  mayAsk(candidate: string): boolean {
    return this.askable.some((root) => isInside(candidate, root));
  }

  /** The first that is an allowed file. */
  async first(candidates: readonly string[]): Promise<LookupResult | undefined> {
    for (const candidate of candidates) {
      const found = await this.probe(candidate);
      if (found !== undefined) return { status: 'found', path: found };
    }
    return undefined;
  }

  /** The one that is an allowed file; none is chosen when there are several: a wrong picture is worse than none. */
  async only(candidates: readonly string[]): Promise<LookupResult | undefined> {
    const found = new Set<string>();
    for (const candidate of candidates) {
      const file = await this.probe(candidate);
      if (file !== undefined) found.add(file);
    }
    const [file, second] = found;
    if (file === undefined) return undefined;
    if (second === undefined) return { status: 'found', path: file };
    const note = `Several files have this name, so none was taken: ${[...found].slice(0, 4).join(', ')}`;
    return { status: 'missing', tried: this.tried, note };
  }

  failure(leaves: string | undefined): LookupResult {
    const refusal = this.refusal ?? leaves;
    if (refusal !== undefined) {
      const next = 'and no file of that name is in them. Put the image beside the log, or allow its folder.';
      return { status: 'denied', reason: `${refusal}, ${next}` };
    }
    const note = this.probes >= MAX_PROBES ? `The search ended after ${MAX_PROBES} paths.` : this.note;
    return { status: 'missing', tried: this.tried, ...(note !== undefined && { note }) };
  }

  private async probe(candidate: string): Promise<string | undefined> {
    if (!this.mayAsk(candidate) || this.probes >= MAX_PROBES) return undefined;
    this.probes++;
    if (this.tried.length < MAX_TRIED) this.tried.push(candidate);
    try {
      const real = await realpath(candidate);
      if (!this.roots.some((root) => isInside(real, root))) {
        this.refusal ??= 'A link leads out of the folders that may be read';
        return undefined;
      }
      if ((await stat(real)).isFile()) return real;
      this.note ??= `${candidate} is not a regular file.`;
    } catch {
      // Not there, not readable or no name for this file system: all the same to the search.
    }
    return undefined;
  }
}

function isInside(file: string, root: string): boolean {
  const relative = path.relative(root, file);
  return (
    relative !== '' &&
    relative !== '..' &&
    !relative.startsWith(`..${path.sep}`) &&
    !path.isAbsolute(relative)
  );
}

/** Roots that exist, with their links resolved, each once. */
async function realRoots(roots: readonly string[]): Promise<string[]> {
  const real = await Promise.all(roots.map((root) => realpath(root).catch(() => undefined)));
  return [...new Set(real.filter((root): root is string => root !== undefined))];
}

function otherEndings(file: string): string[] {
  const own = path.extname(file);
  const stem = own === '' ? file : file.slice(0, -own.length);
  return ENDINGS.filter((ending) => ending !== own).map((ending) => stem + ending);
}
