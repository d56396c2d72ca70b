import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { errorCode, errorMessage } from '../common/errors';
import { fileError } from './fileErrors';
import { NEVER_LOGS } from './findSources';
import type { AnyMetricReader } from './metricFile';
import { sniffMetricFile } from './metricFile';
import { walkFolder, type WalkLimits } from './walkFolder';

/** Metrics that can be read: one file, or the event files of one folder, or a folder that holds one run. */
export interface MetricSource {
  /** What a person calls it: the file, or the folder. */
  readonly path: string;
  /** In the order in which they were written. */
  readonly files: readonly string[];
  readonly reader: AnyMetricReader;
  /** The folder that was searched, from which names are told; the file's own where it was named. */
  readonly root: string;
}

/** What a search came back with. */
export interface FoundMetrics {
  readonly sources: readonly MetricSource[];
  /** Paths that were named and are no metrics, or that can't be read; each with a sentence. */
  readonly problems: readonly { readonly path: string; readonly reason: string }[];
  /** Sentences about what the search left out. */
  readonly notices: readonly string[];
}

interface FoundFile {
  readonly file: string;
  readonly reader: AnyMetricReader;
  readonly root: string;
}

/** What belongs to a database or to a reader's own folders, and is nothing by itself. */
const BESIDE = /(?:-wal|-shm|-journal)$/;
/** Folders of a run of MLflow's file store: their files have no names by which anything could tell them. */
const INNER_FOLDERS = ['metrics', 'params', 'tags'];

class Search {
  readonly files: FoundFile[] = [];
  readonly problems: { path: string; reason: string }[] = [];
  readonly notices: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly sniff: typeof sniffMetricFile,
    private readonly limits: WalkLimits | undefined,
  ) {}

  async named(target: string): Promise<void> {
    try {
      const entry = await stat(target);
      if (entry.isDirectory()) return await this.folder(path.normalize(`${target}/.`));
      const reader = await this.sniff(target);
      if (reader) await this.keep({ file: target, reader, root: path.dirname(target) });
      else if (entry.isFile() && entry.size === 0)
        this.problems.push({ path: target, reason: `${target} is empty: nothing was written to it so far.` });
      else this.problems.push({ path: target, reason: `${target} is no file of metrics that is read here.` });
    } catch (thrown) {
      this.signal?.throwIfAborted();
      this.problems.push({ path: target, reason: fileError(thrown, target).message });
    }
  }

  private async folder(target: string): Promise<void> {
    const root = target.replace(/(?<=.)[\\/]\.?$/, '');
    const walk = await walkFolder(root, this.limits, this.signal);
    this.problems.push(...walk.unreadable);
    this.notices.push(...walk.notices);
    const inner = new Set<string>();
    for (const { path: folder, files } of walk.folders) {
      if (inner.has(folder) || inner.has(path.dirname(folder))) {
        inner.add(folder);
        continue;
      }
      for (const name of files.filter((file) => !NEVER_LOGS.test(file) && !BESIDE.test(file))) {
        this.signal?.throwIfAborted();
        const reader = await this.met(path.join(folder, name), root);
        if (reader?.layout === 'folder') for (const own of INNER_FOLDERS) inner.add(path.join(folder, own));
      }
    }
  }

  /** A file met in a folder: one that holds no metrics is nobody's error, one that may not be read is. */
  private async met(file: string, root: string): Promise<AnyMetricReader | undefined> {
    try {
      const reader = await this.sniff(file);
      if (reader) await this.keep({ file, reader, root });
      return reader;
    } catch (thrown) {
      if (errorCode(thrown) !== 'input') this.problems.push({ path: file, reason: errorMessage(thrown) });
      return undefined;
    }
  }

  /** Adds a file unless another of the given paths has brought it already. */
  private async keep(found: FoundFile): Promise<void> {
    const real = await realpath(found.file);
    if (!this.seen.has(real)) this.files.push(found);
    this.seen.add(real);
  }
}

/** By names with their numbers as numbers: event files and W&B's run folders carry the time of their start. */
const byName = new Intl.Collator('en', { numeric: true }).compare;

/** Files that belong together, in the order in which the first of each was met. */
function toSources(files: readonly FoundFile[]): MetricSource[] {
  const events = new Map<string, FoundFile[]>();
  const sources: (MetricSource | { readonly events: string })[] = [];
  for (const found of withoutCheckpoints(withoutConsoles(files))) {
    const { file, reader, root } = found;
    const folder = path.dirname(file);
    if (reader.format !== 'tensorboard') {
      const own = reader.layout === 'folder' ? folder : file;
      sources.push({ path: own, files: [file], reader, root });
    } else {
      const known = events.get(folder);
      if (!known) sources.push({ events: folder });
      events.set(folder, [...(known ?? []), found]);
    }
  }
  return sources.flatMap((source) => {
    if (!('events' in source)) return source;
    const own = (events.get(source.events) ?? []).sort((a, b) => byName(a.file, b.file));
    const [first] = own;
    if (!first) return [];
    // A single file that was named keeps its name; several are their folder.
    const isNamed = own.length === 1 && first.root === source.events;
    const { reader, root } = first;
    return { path: isNamed ? first.file : source.events, files: own.map(({ file }) => file), reader, root };
  });
}

/** W&B keeps what was printed beside a run's file, and in it: there it is read. */
function withoutConsoles(files: readonly FoundFile[]): FoundFile[] {
  const ofWandb = files.filter(({ reader }) => reader.format === 'wandb');
  const copies = new Set(ofWandb.map(({ file }) => path.join(path.dirname(file), 'files', 'output.log')));
  return files.filter(({ file }) => !copies.has(file));
}

const CHECKPOINT = /^checkpoint-(\d+)$/;

/**
 * Transformers keeps `trainer_state.json` in the output folder and a copy of what there was in each checkpoint: of all
 * of one output folder, its own counts, and else the latest checkpoint's.
 */
function withoutCheckpoints(files: readonly FoundFile[]): FoundFile[] {
  const stepOf = ({ file, reader }: FoundFile): number | undefined => {
    const step = CHECKPOINT.exec(path.basename(path.dirname(file)))?.[1];
    return reader.format === 'trainer-state' ? Number(step ?? Infinity) : undefined;
  };
  const outputOf = (found: FoundFile): string => {
    const folder = path.dirname(found.file);
    return stepOf(found) === Infinity ? folder : path.dirname(folder);
  };
  const latest = new Map<string, number>();
  for (const found of files) {
    const step = stepOf(found);
    if (step !== undefined) latest.set(outputOf(found), Math.max(step, latest.get(outputOf(found)) ?? 0));
  }
  return files.filter((found) => {
    const step = stepOf(found);
    return step === undefined || step === latest.get(outputOf(found));
  });
}

/**
 * Finds files of metrics in files and folders. Folders are searched downwards; what a file is, its content decides. A
 * file that holds no metrics is an error where it was named, and passed over where it was merely met.
 * @param sniff tells what a file is; one that remembers makes a second search of the same folders cheap
 * @throws only when the signal fires
 */
export async function findMetricSources(
  paths: readonly string[],
  signal?: AbortSignal,
  sniff = sniffMetricFile,
  limits?: WalkLimits,
): Promise<FoundMetrics> {
  const search = new Search(signal, sniff, limits);
  for (const target of paths) await search.named(target);
  return { sources: toSources(search.files), problems: search.problems, notices: search.notices };
}
