import { DisposableOwner } from '../common/disposable';
import { errorMessage, ImcotError } from '../common/errors';
import { Emitter } from '../common/event';
import type { TrajectoryReader } from '../readers/reader';
import type { SourceState } from '../readers/trajectorySource';
import { FileList } from './fileList';
import { follow } from './followFile';
import { LogFile, type LogFileSettings } from './logFile';
import type { LogFiles } from './resolveFiles';
import { stepFiles } from './resolveFiles';

/** Least time between two announcements while indexing, in milliseconds. */
const ANNOUNCE_MS = 40;
/** A file that is written anew this often while it is being indexed is given up until the next look. */
const ATTEMPTS = 5;
/** Of a folder of many files, how many are looked at each time: the newest, and others in turn. */
const NEWEST = 4;
const IN_TURN = 32;

/** What a change means for records that were read before: all are void, this one is, or none. */
export type Voided = 'all' | number | undefined;

/** Keeps the index of a log's files true to the files: indexes, looks for growth, and starts over after rotation. */
export class LogKeeper extends DisposableOwner {
  readonly list: FileList;
  /** Resolves when everything was indexed for the first time. */
  readonly indexed: Promise<SourceState>;

  private readonly changes = this.own(new Emitter<Voided>());
  readonly onDidChange = this.changes.event;
  private settleIndexed: { resolve(state: SourceState): void; reject(error: Error): void } | undefined;
  private readonly abort = new AbortController();
  private work: Promise<void> = Promise.resolve();
  private generation = 0;
  private complete = false;
  private announced = 0;
  private turn = 0;

  constructor(
    private readonly log: LogFiles,
    private readonly settings: LogFileSettings,
    files: LogFile[],
  ) {
    super();
    this.list = new FileList(files);
    this.indexed = new Promise((resolve, reject) => {
      this.settleIndexed = { resolve, reject };
    });
    // Whoever wants to know awaits it; nobody has to.
    this.indexed.catch(() => undefined);
  }

  get reader(): TrajectoryReader {
    return this.settings.reader;
  }

  get state(): SourceState {
    const files = this.list.all;
    const sum = (of: (file: LogFile) => number): number => files.reduce((total, file) => total + of(file), 0);
    const failure = files.find((file) => file.failure !== undefined)?.failure;
    return {
      records: this.list.count,
      complete: this.complete,
      indexedBytes: sum((file) => file.indexedBytes),
      totalBytes: sum((file) => file.size),
      incompleteTail: sum((file) => file.incompleteTail),
      generation: this.generation,
      ...(failure !== undefined && { failure }),
    };
  }

  /** Begins to index, and to follow the files if wanted. */
  start(following: boolean): void {
    void this.enqueue(() => this.indexAll());
    if (following) this.own(follow(this.log.folder ?? this.log.files[0] ?? '', () => this.look()));
  }

  /** Looks at the files and reads what is new. One look at a time. */
  look(): Promise<void> {
    return this.enqueue(async () => {
      if (this.log.folder !== undefined) await this.relist(this.log.folder);
      for (const file of this.chosen()) await this.examine(file);
      await this.indexAll();
    });
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    this.abort.abort();
    const error = new ImcotError('cancelled', `${this.log.name} was closed.`);
    this.settleIndexed?.reject(error);
    // A descriptor that another thread still reads must not be closed: its number could come to mean another file.
    void this.settings.indexer.stop().then(() => this.list.all.forEach((file) => file.close()));
  }

  private enqueue(action: () => Promise<void>): Promise<void> {
    this.work = this.work.then(async () => {
      if (this.isDisposed) return;
      await action().catch((thrown: unknown) => {
        if (!this.isDisposed) this.settings.logger.error(`${this.log.name}: ${errorMessage(thrown)}`);
      });
    });
    return this.work;
  }

  private async indexAll(): Promise<void> {
    for (const { path: file } of this.list.all) {
      if (this.isDisposed) return;
      await this.indexFile(file);
    }
    this.complete = this.list.all.every((file) => file.indexed && file.failure === undefined);
    this.announce(undefined);
    const { failure } = this.state;
    if (this.complete) this.settleIndexed?.resolve(this.state);
    else if (failure !== undefined) this.settleIndexed?.reject(new ImcotError('input', failure));
  }

  private async indexFile(name: string): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const file = this.list.all.find((candidate) => candidate.path === name);
      if (!file || (file.indexed && !file.stale)) return;
      try {
        file.failure = undefined;
        if (!file.stale) await file.index(this.abort.signal, () => this.progress());
      } catch (thrown) {
        if (this.isDisposed) return;
        this.fail(file, errorMessage(thrown));
        return;
      }
      if (!file.stale) return;
      this.startOver(file);
    }
    const file = this.list.all.find((candidate) => candidate.path === name);
    if (file) this.fail(file, `${name} is written anew faster than it can be read.`);
  }

  private async examine(file: LogFile): Promise<void> {
    if (!file.indexed) return;
    try {
      const fate = await file.examine();
      if (fate === 'replaced') this.startOver(file);
      else if (fate === 'gone')
        this.fail(file, `${file.path} is no longer there. What was read of it stays.`);
      else if (fate === 'changed') await this.grow(file);
      else if (file.failure !== undefined) file.failure = undefined;
    } catch (thrown) {
      if (!this.isDisposed) this.fail(file, errorMessage(thrown));
    }
  }

  /** Reads what was appended. An unterminated last record may have become another one. */
  private async grow(file: LogFile): Promise<void> {
    const before = file.count;
    const known = this.list.count;
    file.failure = undefined;
    await file.index(this.abort.signal, () => this.progress());
    this.list.changed();
    if (file === this.list.last) this.announce(this.reader.layout === 'lines' ? known - 1 : 'all');
    else if (file.count !== before) this.renumber();
  }

  private startOver(file: LogFile): void {
    this.settings.logger.info(`${file.path} was replaced or cut off; it is read again.`);
    this.complete = false;
    file.close();
    this.list.replace(file, new LogFile(file.path, this.settings));
    this.renumber();
  }

  /** Records have other positions than before. */
  private renumber(): void {
    this.generation++;
    this.list.changed();
    this.announce('all');
  }

  private async relist(folder: string): Promise<void> {
    const names = await stepFiles(folder);
    const known = new Map(this.list.all.map((file) => [file.path, file]));
    if (names.length === 0 || (names.length === known.size && names.every((name) => known.has(name)))) return;
    const before = this.list.all.map((file) => file.path);
    const files = names.map((name) => known.get(name) ?? new LogFile(name, this.settings));
    for (const file of this.list.all) if (!names.includes(file.path)) file.close();
    this.list.set(files);
    this.complete = false;
    if (before.some((name, at) => names[at] !== name)) this.renumber();
    else this.announce(undefined);
  }

  private chosen(): readonly LogFile[] {
    const { all } = this.list;
    if (all.length <= NEWEST + IN_TURN) return all;
    const older = all.slice(0, -NEWEST);
    const first = this.turn % older.length;
    this.turn = first + IN_TURN;
    return [...older.slice(first, first + IN_TURN), ...all.slice(-NEWEST)];
  }

  private fail(file: LogFile, sentence: string): void {
    if (file.failure !== sentence) this.settings.logger.warn(sentence);
    file.failure = sentence;
    this.list.changed();
    this.announce(undefined);
  }

  private progress(): void {
    this.list.changed();
    if (performance.now() - this.announced >= ANNOUNCE_MS) this.announce(undefined);
  }

  private announce(voided: Voided): void {
    this.announced = performance.now();
    this.list.changed();
    if (!this.isDisposed) this.changes.fire(voided);
  }
}
