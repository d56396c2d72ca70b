import path from 'node:path';
import { throwIfCancelled } from '../common/cancel';
import { errorMessage } from '../common/errors';
import { FileSource } from '../files/fileSource';
import { nodeMetricCodecs } from '../files/metricCodecs';
import { folderOf } from '../files/metricFolder';
import { RawRuns } from '../metrics/rawRun';
import type { FolderAccess, FolderMetricReader, WholeMetricReader } from '../readers/metrics/metricReader';
import { fileState, goneSentence, type LookOptions, type MetricLog } from './metricLog';

/** What a database keeps beside its file while somebody writes to it. */
const BESIDE = ['', '-wal', '-journal'];
/** A file that changes all the time is read again only after so many times as long as reading takes. */
const REST = 5;

/** A file that is read as a whole (JSON in one piece, a database), or a folder of files; again when it has changed. */
export class RereadLog implements MetricLog {
  told = new RawRuns();
  failure: string | undefined;
  size = 0;
  read = 0;
  changedAt = 0;
  /** The state that `told` was read in; undefined while it must be read again. */
  private seen: string | undefined;
  /** A state in which the file looked torn; in the same state once more it is as it is. */
  private doubted: string | undefined;
  private restsUntil = 0;
  /** What a folder's reader has looked at. */
  private touched: ReadonlySet<string>;

  constructor(
    readonly path: string,
    private readonly reader: WholeMetricReader | FolderMetricReader,
    private readonly now: () => number = Date.now,
  ) {
    this.touched = new Set(reader.layout === 'folder' ? [path] : BESIDE.map((end) => path + end));
  }

  async look({ signal, isFollowed }: LookOptions): Promise<boolean> {
    const { failure } = this;
    let changed = false;
    try {
      const state = await this.state();
      if (state.marks[0] === undefined)
        this.failure = this.seen === undefined ? `There is no file ${this.path}.` : goneSentence(this.path);
      else if (state.mark !== this.seen && (this.now() >= this.restsUntil || !isFollowed)) {
        this.changedAt = this.seen === undefined ? state.modified : this.now();
        this.size = state.size;
        changed = await this.readAgain(signal, state.mark);
        this.failure = undefined;
      }
    } catch (thrown) {
      throwIfCancelled(signal);
      this.failure = errorMessage(thrown);
    }
    return changed || failure !== this.failure;
  }

  private async readAgain(signal: AbortSignal, mark: string): Promise<boolean> {
    const started = this.now();
    const told = new RawRuns();
    const touched = await this.readInto(told, signal);
    this.restsUntil = this.now() + REST * (this.now() - started);
    const isFirst = this.read === 0;
    this.read = this.size;
    if (touched) this.touched = touched;
    const isSteady = (await this.state()).mark === mark;
    // Somebody is writing: what was known is better than half of what will be known.
    const isTorn = pointsOf(told) < pointsOf(this.told) && (told.damages.length > 0 || !isSteady);
    if (isTorn && !isFirst && this.doubted !== mark) {
      this.doubted = mark;
      return false;
    }
    this.told = told;
    this.seen = isSteady ? mark : undefined;
    return true;
  }

  /** Reads everything. Resolves to what a folder's reader looked at. */
  private async readInto(told: RawRuns, signal: AbortSignal): Promise<ReadonlySet<string> | undefined> {
    const context = { file: this.path, codecs: nodeMetricCodecs, signal };
    if (this.reader.layout === 'folder') {
      const touched = new Set([this.path]);
      await this.reader.read(noting(folderOf(this.path), path.dirname(this.path), touched), told, context);
      return touched;
    }
    const source = await FileSource.open(this.path);
    try {
      await this.reader.read(source, told, context);
      return undefined;
    } finally {
      await source.close();
    }
  }

  private async state(): Promise<{
    marks: (string | undefined)[];
    mark: string;
    size: number;
    modified: number;
  }> {
    const states = await Promise.all([...this.touched].map(fileState));
    const marks = states.map((state) => state?.mark);
    return {
      marks,
      mark: marks.join(' '),
      size: states.reduce((sum, state) => sum + (state?.size ?? 0), 0),
      modified: Math.max(0, ...states.map((state) => state?.modified ?? 0)),
    };
  }
}

function pointsOf({ runs }: RawRuns): number {
  return runs.reduce(
    (sum, run) => [...run.series.values()].reduce((points, { values }) => points + values.length, sum),
    0,
  );
}

/** Access to a folder that notes what it was asked for. */
function noting(access: FolderAccess, folder: string, touched: Set<string>): FolderAccess {
  const note = (inner: string): string => {
    touched.add(path.join(folder, inner));
    return inner;
  };
  return { list: (inner) => access.list(note(inner)), read: (inner) => access.read(note(inner)) };
}
