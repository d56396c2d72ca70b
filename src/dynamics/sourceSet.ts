import path from 'node:path';
import { findSources, type FoundSource } from '../files/findSources';
import { sniffMetricFile, type AnyMetricReader } from '../files/metricFile';
import { findMetricSources, type MetricSource } from '../files/metricSources';
import { fileState, type FileState, type MetricLog } from './metricLog';
import { RereadLog } from './rereadLog';
import { StreamedLog } from './streamedLog';

/** A source of metrics and its files, each with what it tells. */
export interface WatchedSource {
  /** What it is known by, also when its files change: links are remembered by it. */
  readonly key: string;
  readonly source: MetricSource;
  readonly logs: readonly MetricLog[];
}

/** A folder is searched again after this, or after so many times as long as searching it took. */
const SEARCH_MS = 3000;
const SEARCH_REST = 20;
/** Logs of rollouts are looked for again after this where files have come. */
const DUMPS_MS = 30_000;
/** Beginning of a file that decides what it is. */
const HEAD_BYTES = 64 * 1024;

/** What there is to read in the files and folders that were opened; found again while they change. */
export class SourceSet {
  /** In the order in which they were found. */
  sources: readonly WatchedSource[] = [];
  /** Logs of rollouts. */
  dumps: readonly FoundSource[] = [];
  /** Sentences about what can't be read or was left out. */
  problems: readonly string[] = [];
  /** Whether it was searched at all. */
  isSearched = false;
  private readonly sniffed = new Map<
    string,
    { readonly state: FileState; readonly reader: AnyMetricReader | undefined }
  >();
  private isDue = { search: 0, dumps: 0 };
  private newFiles = false;

  constructor(
    private readonly paths: readonly string[],
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Searches, where it is time to. Resolves to whether anything else is there than before. @throws only when the signal fires */
  async search(signal: AbortSignal): Promise<boolean> {
    const started = this.now();
    if (started < this.isDue.search) return false;
    const found = await findMetricSources(this.paths, signal, (file) => this.sniff(file));
    let { dumps } = this;
    let dumpProblems: readonly { readonly path: string; readonly reason: string }[] = [];
    const notices = [...found.notices];
    if (!this.isSearched || (this.newFiles && started >= this.isDue.dumps)) {
      const found = await findSources(this.paths, { signal });
      dumps = found.sources;
      dumpProblems = found.problems;
      this.newFiles = false;
      this.isDue.dumps = this.now() + DUMPS_MS;
    }
    this.isDue.search = this.now() + Math.max(SEARCH_MS, SEARCH_REST * (this.now() - started));
    const before = this.signature();
    this.dumps = dumps;
    this.sources = this.watched(found.sources.filter((source) => !isDumpItself(source, dumps)));
    const isDump = (file: string): boolean =>
      dumps.some((dump) => dump.path === file || dump.files.includes(file));
    const isRead = (file: string): boolean =>
      found.sources.some((one) => one.path === file || one.files.includes(file));
    const reasons = [
      ...found.problems.filter((problem) => !isDump(problem.path)),
      ...dumpProblems.filter(
        (problem) => !isRead(problem.path) && !found.problems.some((one) => one.path === problem.path),
      ),
    ].map(({ reason }) => reason);
    if (!this.isSearched || reasons.length > 0) this.problems = [...new Set([...reasons, ...notices])];
    const isFirst = !this.isSearched;
    this.isSearched = true;
    return isFirst || before !== this.signature();
  }

  get logs(): readonly MetricLog[] {
    return this.sources.flatMap(({ logs }) => logs);
  }

  private signature(): string {
    const files = [...this.logs.map((log) => log.path), ...this.dumps.flatMap((dump) => dump.files)];
    return [...files, ...this.problems].join('\n');
  }

  /** Those that were known keep what they have read; one that is gone stays. */
  private watched(found: readonly MetricSource[]): WatchedSource[] {
    const known = new Map(this.sources.map((one) => [one.key, one]));
    const now = found.map((source): WatchedSource => {
      const key = keyOf(source);
      const before = known.get(key);
      const isSame = before?.source.reader === source.reader;
      const logs = source.files.map(
        (file) =>
          (isSame ? before.logs.find((log) => log.path === file) : undefined) ?? openLog(file, source.reader),
      );
      known.delete(key);
      return { key, source, logs };
    });
    return [...now, ...known.values()];
  }

  /** What a file is; it is read only where it may have become something else. */
  private async sniff(file: string): Promise<AnyMetricReader | undefined> {
    const state = await fileState(file);
    const known = this.sniffed.get(file);
    if (state && known) {
      const isSame = known.state.mark === state.mark;
      const isLong =
        known.state.identity === state.identity && Math.min(known.state.size, state.size) >= HEAD_BYTES;
      if (isSame || isLong) return known.reader;
    }
    this.newFiles ||= !known;
    const reader = await sniffMetricFile(file);
    // A file that tells nothing now, as one that is being written anew, is still what it was.
    const kept = reader ?? known?.reader;
    if (state) this.sniffed.set(file, { state, reader: kept });
    return kept;
  }
}

function openLog(file: string, reader: AnyMetricReader): MetricLog {
  return reader.layout === 'stream' ? new StreamedLog(file, reader) : new RereadLog(file, reader);
}

/** Event files are known by their folder, a trainer's state by the folder that checkpoints stand in. */
function keyOf({ path: own, files, reader }: MetricSource): string {
  const folder = path.dirname(files[0] ?? own);
  if (reader.format === 'tensorboard') return folder;
  if (reader.format !== 'trainer-state') return own;
  return /^checkpoint-\d+$/.test(path.basename(folder)) ? path.dirname(folder) : folder;
}

/** Lines of rollouts with numbers in them look like lines of metrics; what they are, the reader of rollouts knows better. */
function isDumpItself({ files, reader }: MetricSource, dumps: readonly FoundSource[]): boolean {
  const looksAlike = reader.format === 'metrics-jsonl' || reader.format === 'csv';
  return looksAlike && dumps.some((dump) => dump.files.some((file) => files.includes(file)));
}
