import { throwIfCancelled } from '../common/cancel';
import { errorCode } from '../common/errors';
import { rowsOfLine } from '../files/columnTable';
import type { FileStat, OpenFile } from '../files/fileSource';
import { FileSource } from '../files/fileSource';
import type { Fingerprint } from '../files/fingerprint';
import { matchesFingerprint, takeFingerprint } from '../files/fingerprint';
import { readRecord } from '../files/readRecord';
import { resolveFiles } from '../files/resolveFiles';
import { resumableLines } from '../files/resumableLines';
import { sniffLog } from '../files/sniffFile';
import { streamRecords } from '../files/streamRecords';
import type { RecordResult, TrajectoryReader } from '../readers/reader';
import { READERS } from '../readers/registry';

/** Up to where a file was read, and proof of what was read. */
export interface ScannedFile {
  readonly path: string;
  readonly mark: Fingerprint;
  /** State of the file when reading began. */
  readonly size: number;
  readonly modified: string;
  /** Records of the log before this file, and up to what `mark` covers. */
  readonly first: number;
  readonly records: number;
  /** 1 where a whole record without a line end stands behind. */
  readonly tail: number;
}

/** What a scan hands over. */
export interface ScanTarget {
  /** Records from this position on are read (again). */
  cut(count: number): void;
  /** The next record. */
  add(record: RecordResult): void;
  /** Bytes that have been read, of how many in all. */
  progress(read: number, size: number): void;
}

/**
 * Follows the records of a log from its beginning, in memory that does not grow with it. Files whose records are lines go
 * on where the last reading ended; of several files only those from the first changed one on are read again.
 */
export class LogScan {
  private files: ScannedFile[] = [];
  private reader: TrajectoryReader | undefined;

  constructor(private readonly paths: readonly string[]) {}

  /** What was read, to be kept; the records up to the last file's are settled. */
  get scanned(): readonly ScannedFile[] {
    return this.files;
  }

  /** Takes up what an earlier session kept. */
  restore(files: readonly ScannedFile[]): void {
    this.files = [...files];
  }

  /**
   * The format, known after it was asked for once; a log that was replaced may be of another one.
   * @throws ImcotError when the log can't be opened
   */
  async format(): Promise<string> {
    return (await this.chooseReader(await this.names())).format;
  }

  /**
   * Reads what is new.
   * @returns whether anything was
   * @throws ImcotError `cancelled`, after which reading can go on; or what reading throws
   */
  async read(target: ScanTarget, signal: AbortSignal): Promise<boolean> {
    throwIfCancelled(signal);
    const names = await this.names();
    const reader = await this.chooseReader(names);
    const opened = await Promise.all(names.map((name) => stateOf(name)));
    const size = opened.reduce((sum, state) => sum + state.size, 0);
    let before = 0;
    let changed = false;
    for (const [at, name] of names.entries()) {
      const state = opened[at];
      if (!state) continue;
      const known = this.files[at];
      const isSeen = known?.path === name && known.size === state.size && known.modified === state.modified;
      if (!isSeen || changed) {
        const begun = before;
        const tell = (end: number): void => target.progress(Math.min(size, begun + end), size);
        changed = (await this.readFile(at, name, reader, target, signal, tell)) || changed;
      }
      before += state.size;
      target.progress(before, size);
    }
    if (this.files.length > names.length) {
      this.files.length = names.length;
      target.cut(this.settled());
      changed = true;
    }
    return changed;
  }

  private async names(): Promise<readonly string[]> {
    const [only] = this.paths;
    return (await resolveFiles(only !== undefined && this.paths.length === 1 ? only : this.paths)).files;
  }

  /** One that is empty for a moment keeps its reader. */
  private async chooseReader(names: readonly string[]): Promise<TrajectoryReader> {
    try {
      const { reader } = await sniffLog(names, READERS, (name) => FileSource.open(name));
      if (this.reader?.format !== reader.format) this.reader = withWholePrompts(reader);
    } catch (thrown) {
      if (!this.reader || errorCode(thrown) === 'missing') throw thrown;
    }
    return this.reader;
  }

  private settled(): number {
    const last = this.files.at(-1);
    return last ? last.first + last.records + last.tail : 0;
  }

  private async readFile(
    at: number,
    name: string,
    reader: TrajectoryReader,
    target: ScanTarget,
    signal: AbortSignal,
    tell: (end: number) => void,
  ): Promise<boolean> {
    const file = await FileSource.open(name);
    try {
      const state = await file.stat();
      const goesOn = await this.goesOn(at, file, state, reader);
      const known = goesOn ? this.files[at] : undefined;
      this.files.length = at;
      const first = this.settled();
      const begun = { path: name, first, end: known?.mark.end ?? 0, records: known?.records ?? 0 };
      target.cut(first + begun.records);
      const reading = new FileReading(file, reader, state, begun);
      try {
        await reading.run(target, signal, tell);
      } finally {
        // What a reading that was stopped has come to counts too: the next one goes on from there.
        const scanned = await reading.scanned();
        if (scanned) this.files.push(scanned);
      }
      return true;
    } finally {
      await file.close();
    }
  }

  /** Whether what was read of a file is still there, so that reading goes on behind it. */
  private async goesOn(
    at: number,
    file: OpenFile,
    now: FileStat,
    reader: TrajectoryReader,
  ): Promise<boolean> {
    const known = this.files[at];
    if (known?.path !== file.name || !isResumable(reader) || now.size < known.mark.end) return false;
    // Of the same length but changed since: its middle may be new, where no fingerprint looks.
    if (now.size === known.size && now.modified !== known.modified) return false;
    return matchesFingerprint(file, known.mark);
  }
}

/** Files whose lines are records one by one can be read on. */
const isResumable = ({ layout }: TrajectoryReader): boolean => layout === 'lines' || layout === 'columns';

interface Begun {
  readonly path: string;
  readonly first: number;
  readonly end: number;
  readonly records: number;
}

/** One reading of one file. */
class FileReading {
  private end: number;
  private records: number;
  private tail = 0;
  private isWhole = false;

  constructor(
    private readonly file: OpenFile,
    private readonly reader: TrajectoryReader,
    private readonly state: FileStat,
    private readonly begun: Begun,
  ) {
    this.end = begun.end;
    this.records = begun.records;
  }

  async run(target: ScanTarget, signal: AbortSignal, tell: (end: number) => void): Promise<void> {
    if (isResumable(this.reader)) await this.readLines(target, signal, tell);
    else await this.readTable(target, signal);
    this.isWhole = true;
  }

  /** How far it came; undefined where no proof of it can be taken, so that the file is read again. */
  async scanned(): Promise<ScannedFile | undefined> {
    const { path, first } = this.begun;
    const mark = await takeFingerprint(this.file, this.end).catch(() => undefined);
    if (!mark) return undefined;
    // What was not read to its end is of no known size: it is looked at again.
    const { size, modified } = this.isWhole ? this.state : { size: -1, modified: '' };
    return { path, mark, size, modified, first, records: this.records, tail: this.tail };
  }

  private async readLines(
    target: ScanTarget,
    signal: AbortSignal,
    tell: (end: number) => void,
  ): Promise<void> {
    const { file, reader } = this;
    for await (const batch of resumableLines(file, this.begun.end)) {
      throwIfCancelled(signal);
      let count = 0;
      for (const line of batch.lines) {
        for (const part of reader.layout === 'columns' ? rowsOfLine(line) : [line]) {
          const index = this.begun.first + this.records + count++;
          target.add(readRecord(reader, [part], { file: file.name, index }));
        }
      }
      // A last line without its end stands in the table, and is read again when more comes.
      if (batch.isTail) this.tail = count;
      else this.records += count;
      this.end = batch.end;
      tell(batch.end);
    }
  }

  private async readTable(target: ScanTarget, signal: AbortSignal): Promise<void> {
    const options = { readers: [this.reader], figuresOnly: true, signal };
    for await (const record of streamRecords(this.file.name, options)) {
      target.add(record);
      this.records++;
    }
    this.end = this.state.size;
  }
}

/** The same reader, asked for all of a record's text whether or not pictures are left out. */
function withWholePrompts(reader: TrajectoryReader): TrajectoryReader {
  return {
    ...reader,
    sniff: (input) => reader.sniff(input),
    read: (values, context) => reader.read(values, { ...context, figuresOnly: false }),
  };
}

async function stateOf(name: string): Promise<FileStat> {
  const file = await FileSource.open(name);
  try {
    return await file.stat();
  } finally {
    await file.close();
  }
}
