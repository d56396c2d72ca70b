import { errorCode, ImcotError } from '../common/errors';
import type { Logger } from '../common/logger';
import type { RecordResult, TrajectoryReader } from '../readers/reader';
import type { FileStat, OpenFile } from './fileSource';
import type { Fingerprint } from './fingerprint';
import { FINGERPRINT_BYTES, fingerprintOf, matchesFingerprint, takeFingerprint } from './fingerprint';
import type { Indexer } from './indexClient';
import { InProcessIndexer } from './indexClient';
import type { IndexEnd } from './lineIndexer';
import { readRecord } from './readRecord';
import { lastLine, wholeTail } from './lastLine';
import type { ReadOptions } from '../readers/trajectorySource';
import type { KeptGroups } from './parquet/parquetTable';
import { LineTable, type RecordTable } from './recordTable';
import type { SidecarStore } from './sidecar';
import { isWrittenAnew, tableOf } from './tableOf';

/** Up to this much is indexed on the asking thread, in small asynchronous reads: a thread takes longer to start. */
const SMALL_BYTES = 8 * 2 ** 20;
/** An index is kept when at least this much was added to it since it was kept last. */
const KEPT_BYTES = 4 * 2 ** 20;

/** What the files of one source share. */
export interface LogFileSettings {
  readonly reader: TrajectoryReader;
  readonly open: (path: string) => Promise<OpenFile>;
  readonly indexer: Indexer;
  readonly sidecars?: SidecarStore;
  readonly logger: Logger;
  /** False for sources of so many files that they can't all stay open. */
  readonly keepOpen: boolean;
  /** Rows of the files that are read in groups. */
  readonly groups: KeptGroups;
}

/** What became of a file since it was looked at last. */
export type FileFate = 'same' | 'changed' | 'replaced' | 'gone';

/** One file of a log: its index and its records. A file that was replaced or truncated needs a new object. */
export class LogFile {
  /** True when the file was indexed to what was its end at that time. */
  indexed = false;
  /** Its length when last seen. */
  size = 0;
  /** Bytes behind the last line end that are no record. */
  incompleteTail = 0;
  /** Why it can't be read (any longer), as a sentence; set by whoever asked it to index. */
  failure: string | undefined;

  private isStale = false;
  private table: RecordTable;
  private seen: FileStat | undefined;
  private print: Fingerprint | undefined;
  private keptEnd = 0;
  private opened: Promise<OpenFile> | undefined;
  private users = 0;
  private closing = false;

  constructor(
    readonly path: string,
    private readonly settings: LogFileSettings,
  ) {
    this.table = tableOf(settings.reader, settings.groups);
  }

  /** Records found so far. */
  get count(): number {
    return this.table.count;
  }

  get indexedBytes(): number {
    return this.indexed ? this.size : this.table.end;
  }

  /** True when the file turned out not to be the one that was indexed: what is known about it means nothing. */
  get stale(): boolean {
    return this.isStale;
  }

  /** Makes the first records known at once, before any indexing. @param head its first bytes @param size its length */
  prime(head: Uint8Array, size: number): void {
    this.size = size;
    this.print = fingerprintOf(head.subarray(0, FINGERPRINT_BYTES));
    if (this.table instanceof LineTable && this.table.end === 0) this.table.prime(head);
  }

  /**
   * Indexes what is new; the first time from the index that was kept, if it still fits.
   * @throws ImcotError when the file can't be read
   */
  index(signal: AbortSignal, onProgress: () => void): Promise<void> {
    return this.use(async (file) => {
      const stat = await file.stat();
      this.size = stat.size;
      const before = this.print ?? (await takeFingerprint(file, Math.min(stat.size, FINGERPRINT_BYTES)));
      if (!this.seen) await this.loadKept(file);
      const small = stat.size - this.table.end <= SMALL_BYTES;
      const indexer = small ? new InProcessIndexer() : this.settings.indexer;
      const end = await this.table.extend(file, indexer, signal, onProgress);
      if (signal.aborted) throw new ImcotError('cancelled', 'Indexing was stopped.');
      // Somebody may have written it anew while it was read: then the index is of two files.
      if (!before || !(await matchesFingerprint(file, before))) this.isStale = true;
      else await this.settle(file, end);
      // Only now: after a failure the file must count as changed, so that it is tried again.
      this.seen = stat;
    });
  }

  /** Asks the file system. Cheap while nothing has changed. Never throws for a file that is gone. */
  async examine(): Promise<FileFate> {
    const { seen } = this;
    if (this.isStale) return 'replaced';
    if (!seen) return 'changed';
    try {
      return await this.use(async (file) => {
        const named = await file.statByName();
        if (named.identity !== seen.identity) return 'replaced';
        const now = await file.stat();
        if (now.size < this.table.end) return 'replaced';
        if (now.size === this.size && now.modified === seen.modified) return 'same';
        // Nobody appends to such a file: it was written anew, or is being written.
        if (isWrittenAnew(this.settings.reader.layout)) return 'replaced';
        if (this.print && !(await matchesFingerprint(file, this.print))) return 'replaced';
        return 'changed';
      });
    } catch (thrown) {
      // Opening it again may have shown it.
      if (this.stale) return 'replaced';
      if (errorCode(thrown) === 'missing') return 'gone';
      throw thrown;
    }
  }

  /**
   * A record; `undefined` when this file has no such record.
   * @param local position in this file
   * @param index position in the source
   */
  async record(
    local: number,
    index: number,
    { withPictures = true }: ReadOptions = {},
  ): Promise<RecordResult | undefined> {
    const lines = await this.use((file) => this.table.lines(file, local, withPictures));
    return lines.length === 0
      ? undefined
      : readRecord(this.settings.reader, lines, { file: this.path, index });
  }

  /** The last record, found from the end, with -1 for its position; `undefined` where a record is not a line. */
  async lastRecord(): Promise<RecordResult | undefined> {
    if (this.settings.reader.layout !== 'lines') return undefined;
    const line = await this.use(async (file) => lastLine(file, await file.size()));
    return line && readRecord(this.settings.reader, [line], { file: this.path, index: -1 });
  }

  /** Closes the file as soon as nobody reads it. */
  close(): void {
    this.closing = true;
    this.closeWhenIdle();
  }

  private async loadKept(file: OpenFile): Promise<void> {
    if (this.settings.reader.layout !== 'lines') return;
    const kept = await this.settings.sidecars?.load(file);
    if (!kept || kept.end < this.table.end) return;
    this.table = new LineTable(kept);
    this.keptEnd = kept.end;
    this.settings.logger.debug(`${this.path}: the kept index has ${kept.count} records.`);
  }

  private async settle(file: OpenFile, end: IndexEnd): Promise<void> {
    await this.settleTail(file, end);
    this.print = await takeFingerprint(file, end.end);
    this.isStale = this.print === undefined;
    this.size = end.size;
    this.indexed = true;
    if (this.table instanceof LineTable && end.end - this.keptEnd >= KEPT_BYTES) {
      const kept = await this.settings.sidecars?.save(file, this.table.lineIndex);
      if (kept) this.keptEnd = end.end;
    }
  }

  private async settleTail(file: OpenFile, { end, size, openRecord }: IndexEnd): Promise<void> {
    this.table.setTail();
    this.incompleteTail = openRecord < 0 ? 0 : size - end;
    const tail = await wholeTail(file, openRecord, size);
    if (!tail) return;
    this.table.setTail(tail);
    this.incompleteTail = 0;
  }

  private async use<T>(action: (file: OpenFile) => Promise<T>): Promise<T> {
    if (this.closing) throw new ImcotError('cancelled', `${this.path} was closed.`);
    this.users++;
    try {
      this.opened ??= this.openSame();
      return await action(await this.opened);
    } finally {
      this.users--;
      this.closeWhenIdle();
    }
  }

  private async openSame(): Promise<OpenFile> {
    try {
      const file = await this.settings.open(this.path);
      const now = this.seen && (await file.stat());
      if (now && (now.identity !== this.seen?.identity || now.size < this.table.end)) {
        this.isStale = true;
        await file.close();
        throw new ImcotError('missing', `${this.path} is not the file any more that was indexed.`);
      }
      return file;
    } catch (thrown) {
      this.opened = undefined;
      throw thrown;
    }
  }

  private closeWhenIdle(): void {
    if (this.users > 0 || (this.settings.keepOpen && !this.closing)) return;
    const { opened } = this;
    this.opened = undefined;
    opened?.then((file) => file.close()).catch(() => undefined);
  }
}
