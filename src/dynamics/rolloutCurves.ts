import { stat } from 'node:fs/promises';
import { curvesOfAggregates } from '../analysis/rolloutCurves/curvesOfAggregates';
import { throwIfCancelled } from '../common/cancel';
import type { Logger } from '../common/logger';
import { silentLogger } from '../common/logger';
import { fileError } from '../files/fileErrors';
import type { FileStat } from '../files/fileSource';
import { FileSource } from '../files/fileSource';
import { resolveFiles } from '../files/resolveFiles';
import { sniffLog } from '../files/sniffFile';
import type { RecordResult, TrajectoryReader } from '../readers/reader';
import { READERS } from '../readers/registry';
import { RolloutCache } from './rolloutCache';
import type { FileReading } from './rolloutFile';
import { RolloutFile } from './rolloutFile';
import type { RolloutCurves, RolloutRun } from './rolloutRun';

/** Options of `openRolloutCurves`. */
export interface RolloutCurvesOptions {
  /** Where curves are kept between sessions; nowhere when absent. */
  readonly cacheFolder?: string;
  readonly logger?: Logger;
  /** Hears of each record that can't be read, in the order of the log, again where a file is read anew. */
  readonly onBad?: (bad: Extract<RecordResult, { status: 'bad' }>) => void;
}

/** New bytes after which curves are kept anew while a log is read, and once it has been read. */
const KEEP_WHILE_READING = 256 * 2 ** 20;
const KEEP_WHEN_READ = 1 << 18;

/**
 * The curves of a log of rollouts: a file, files that belong together, or a folder of step files. Nothing is read before
 * `refresh`. Files whose records are lines go on where the last reading ended; of a folder only files that are new or
 * have changed are read; event logs, Parquet and archives are read anew when they change.
 */
export function openRolloutCurves(
  paths: readonly string[],
  options: RolloutCurvesOptions = {},
): Promise<RolloutCurves> {
  return Promise.resolve(new LogCurves(paths, options));
}

/** A file of the log in its present state. */
interface PresentFile {
  readonly path: string;
  readonly state: FileStat;
}

class LogCurves implements RolloutCurves {
  run: RolloutRun = curvesOfAggregates([]);
  private files: readonly RolloutFile[] = [];
  private reader: TrajectoryReader | undefined;
  private readonly cache: RolloutCache | undefined;
  private unkept = 0;
  /** Refreshing happens one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly paths: readonly string[],
    private readonly options: RolloutCurvesOptions,
  ) {
    const { cacheFolder, logger = silentLogger } = options;
    this.cache = cacheFolder === undefined ? undefined : new RolloutCache(cacheFolder, paths, logger);
  }

  refresh(signal: AbortSignal, onProgress: (read: number, size: number) => void): Promise<boolean> {
    const refreshed = this.last.then(() => this.look(signal, onProgress));
    this.last = refreshed.catch(() => undefined);
    return refreshed;
  }

  private async look(
    signal: AbortSignal,
    onProgress: (read: number, size: number) => void,
  ): Promise<boolean> {
    throwIfCancelled(signal);
    const [only] = this.paths;
    const { files: names } = await resolveFiles(
      only !== undefined && this.paths.length === 1 ? only : this.paths,
    );
    const present = await Promise.all(
      names.map(async (name) => ({ path: name, state: await stateOf(name) })),
    );
    if (this.isAsSeen(present)) return false;
    const reader = await this.chooseReader(names);
    const known = new Map(this.files.map((file) => [file.path, file]));
    this.files = names.map((name) => known.get(name) ?? new RolloutFile(name));
    try {
      await this.readAll(present, reader, signal, onProgress);
    } finally {
      // What a reading that was stopped has come to counts too: the next one goes on from there.
      this.run = curvesOfAggregates(this.files.map(({ curves }) => curves));
    }
    await this.keep(KEEP_WHEN_READ);
    return true;
  }

  private isAsSeen(present: readonly PresentFile[]): boolean {
    return (
      present.length === this.files.length &&
      present.every(({ path, state }, at) => {
        const file = this.files[at];
        return file?.path === path && file.isAsSeen(state);
      })
    );
  }

  /** A log that was replaced may be of another format; one that is empty for a moment keeps its own. */
  private async chooseReader(names: readonly string[]): Promise<TrajectoryReader> {
    const open = (name: string): Promise<FileSource> => FileSource.open(name);
    try {
      const { reader } = await sniffLog(names, READERS, open);
      if (this.reader?.format !== reader.format) {
        this.reader = forCurves(reader);
        const kept = (await this.cache?.load(reader.format)) ?? [];
        this.files = kept.map((file) => new RolloutFile(file.path, file));
      }
    } catch (thrown) {
      if (!this.reader) throw thrown;
    }
    return this.reader;
  }

  private async readAll(
    present: readonly PresentFile[],
    reader: TrajectoryReader,
    signal: AbortSignal,
    onProgress: (read: number, size: number) => void,
  ): Promise<void> {
    const size = present.reduce((sum, { state }) => sum + state.size, 0);
    const onBad = this.options.onBad ?? (() => undefined);
    let before = 0;
    for (const [at, file] of this.files.entries()) {
      throwIfCancelled(signal);
      const state = present[at]?.state;
      if (!state) continue;
      if (!file.isAsSeen(state)) {
        const isLast = at === this.files.length - 1;
        const tell = async (end: number, bytes: number): Promise<void> => {
          onProgress(Math.min(size, before + end), size);
          this.unkept += bytes;
          await this.keep(KEEP_WHILE_READING);
        };
        await readFile(file, { reader, signal, isLast, onBad, onProgress: tell });
      }
      before += state.size;
      onProgress(Math.min(size, before), size);
    }
  }

  /** @param least new bytes below which it is not worth the writing */
  private async keep(least: number): Promise<void> {
    if (!this.cache || !this.reader || this.unkept < least) return;
    this.unkept = 0;
    const kept = await Promise.all(this.files.map((file) => file.kept()));
    await this.cache.save(
      this.reader.format,
      kept.filter((file) => file !== undefined),
    );
  }
}

/** The same reader, asked for what curves are made of. */
function forCurves(reader: TrajectoryReader): TrajectoryReader {
  return {
    ...reader,
    sniff: (input) => reader.sniff(input),
    read: (values, context) => reader.read(values, { ...context, forCurves: true }),
  };
}

async function stateOf(file: string): Promise<FileStat> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true });
    return { identity: `${dev}:${ino}`, size: Number(size), modified: String(mtimeNs) };
  } catch (thrown) {
    throw fileError(thrown, file);
  }
}

async function readFile(file: RolloutFile, reading: FileReading): Promise<void> {
  const opened = await FileSource.open(file.path);
  try {
    await file.read(opened, reading);
  } finally {
    await opened.close();
  }
}
