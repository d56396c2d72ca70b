import type { AggregateState } from '../analysis/rolloutCurves/rolloutAggregate';
import { RolloutAggregate } from '../analysis/rolloutCurves/rolloutAggregate';
import { throwIfCancelled } from '../common/cancel';
import { errorCode, errorMessage } from '../common/errors';
import { rowsOfLine } from '../files/columnTable';
import type { FileStat, OpenFile } from '../files/fileSource';
import type { Fingerprint } from '../files/fingerprint';
import { matchesFingerprint, takeFingerprint } from '../files/fingerprint';
import { readRecord } from '../files/readRecord';
import { resumableLines } from '../files/resumableLines';
import { streamRecords } from '../files/streamRecords';
import type { RecordResult, TrajectoryReader } from '../readers/reader';

/** Up to where a file was read, and proof of what was read. */
export interface FileMark extends Fingerprint {
  /** State of the file when reading began. */
  readonly size: number;
  readonly modified: string;
}

/** A file's part of the curves as it is kept. */
export interface KeptFile {
  readonly path: string;
  readonly mark: FileMark;
  /** More can't be added to it: if the file has grown it is read anew. */
  readonly isClosed: boolean;
  readonly state: AggregateState;
}

/** What a reading needs. */
export interface FileReading {
  readonly reader: TrajectoryReader;
  readonly signal: AbortSignal;
  /** More files follow this one, which is finished then. */
  readonly isLast: boolean;
  /** After each piece: up to which byte the file has been read, and how many bytes that piece had. */
  readonly onProgress: (end: number, bytes: number) => Promise<void>;
  readonly onBad: (bad: Extract<RecordResult, { status: 'bad' }>) => void;
}

/** Files whose lines are records one by one go on where reading ended; all others are read anew when they change. */
const isResumable = ({ layout }: TrajectoryReader): boolean => layout === 'lines' || layout === 'columns';

/** One file of a log of rollouts, summed up as far as it was read. */
export class RolloutFile {
  private aggregate = new RolloutAggregate();
  /** The same with a last line that has no line end yet: the next reading comes to that line again. */
  private withTail: RolloutAggregate | undefined;
  private mark: FileMark | undefined;
  private isClosed = false;
  /** How far lines have been read that are being read now. */
  private reading: { readonly file: OpenFile; end: number; readonly now: FileStat } | undefined;
  /** The state in which the file was when all of it was read; absent before, and while it is being read. */
  private seen: FileStat | undefined;

  constructor(
    readonly path: string,
    kept?: KeptFile,
  ) {
    if (!kept) return;
    this.aggregate = new RolloutAggregate(kept.state);
    ({ mark: this.mark, isClosed: this.isClosed } = kept);
  }

  /** What is known of it. */
  get curves(): RolloutAggregate {
    return this.withTail ?? this.aggregate;
  }

  /** Whether the file was read to its end and has not changed since. */
  isAsSeen({ identity, size, modified }: FileStat): boolean {
    const { seen } = this;
    return seen?.identity === identity && seen.size === size && seen.modified === modified;
  }

  /** What can be kept of it, also while it is read; nothing where no proof of what was read can be taken. */
  async kept(): Promise<KeptFile | undefined> {
    const { path, isClosed, aggregate, reading } = this;
    const mark = reading ? await markOf(reading.file, reading.end, reading.now) : this.mark;
    return mark && { path, mark, isClosed, state: aggregate.state() };
  }

  /**
   * Reads what is new, or all of it where what was read is not there any more.
   * @throws ImcotError `cancelled`, after which reading can go on; or what reading throws
   */
  async read(file: OpenFile, reading: FileReading): Promise<void> {
    const now = await file.stat();
    this.seen = undefined;
    this.withTail = undefined;
    const goesOn = await this.goesOn(file, now, reading.reader);
    if (goesOn === 'whole' && this.mark) {
      this.mark = { ...this.mark, size: now.size, modified: now.modified };
      this.seen = now;
      return;
    }
    const end = goesOn && this.mark ? this.mark.end : 0;
    if (!goesOn) {
      this.aggregate = new RolloutAggregate();
      this.mark = undefined;
      this.isClosed = false;
    }
    if (isResumable(reading.reader)) await this.readLines(file, end, now, reading);
    else await this.readWhole(file, now, reading);
    if (!reading.isLast) {
      this.curves.close();
      this.aggregate.close();
      this.isClosed = true;
    }
    // Without proof the file is read again the next time.
    if (this.mark) this.seen = now;
  }

  /** Whether what was read is still there and reading goes on behind it; `whole`: and nothing is behind it. */
  private async goesOn(file: OpenFile, now: FileStat, reader: TrajectoryReader): Promise<boolean | 'whole'> {
    const { mark } = this;
    if (!mark || now.size < mark.end) return false;
    // Of the same length but changed since: its middle may be new, where no fingerprint looks.
    if (now.size === mark.size && now.modified !== mark.modified) return false;
    if (!(await matchesFingerprint(file, mark))) return false;
    if (now.size === mark.end) return 'whole';
    return isResumable(reader) && !this.isClosed;
  }

  private async readLines(
    file: OpenFile,
    from: number,
    now: FileStat,
    { reader, signal, onProgress, onBad }: FileReading,
  ): Promise<void> {
    const reached = { file, end: from, now };
    this.reading = reached;
    try {
      for await (const batch of resumableLines(file, from)) {
        throwIfCancelled(signal);
        if (batch.isTail) this.withTail = new RolloutAggregate(structuredClone(this.aggregate.state()));
        const into = this.withTail ?? this.aggregate;
        for (const line of batch.lines) {
          for (const part of reader.layout === 'columns' ? rowsOfLine(line) : [line]) {
            const place = { file: file.name, index: into.records, figuresOnly: true };
            addRecord(into, readRecord(reader, [part], place), onBad);
          }
        }
        const bytes = batch.end - reached.end;
        reached.end = batch.end;
        await onProgress(batch.end, bytes);
      }
    } finally {
      this.reading = undefined;
      this.mark = await markOf(file, reached.end, now);
    }
  }

  private async readWhole(
    file: OpenFile,
    now: FileStat,
    { reader, signal, isLast, onProgress, onBad }: FileReading,
  ): Promise<void> {
    try {
      const options = { readers: [reader], figuresOnly: true, signal };
      for await (const result of streamRecords(file.name, options)) addRecord(this.aggregate, result, onBad);
    } catch (thrown) {
      // Of several files one may be broken, or not written yet; a log of one file is the caller's to hear of.
      if (signal.aborted || isLast || errorCode(thrown) !== 'input') throw thrown;
      const reason = errorMessage(thrown);
      const index = this.aggregate.records;
      addRecord(
        this.aggregate,
        { status: 'bad', reason, file: file.name, index, bytes: { start: 0, end: 0 } },
        onBad,
      );
    }
    this.mark = await markOf(file, now.size, now);
    await onProgress(now.size, now.size);
  }
}

async function markOf(
  file: OpenFile,
  end: number,
  { size, modified }: FileStat,
): Promise<FileMark | undefined> {
  const print = await takeFingerprint(file, end);
  return print && { ...print, size, modified };
}

function addRecord(into: RolloutAggregate, result: RecordResult, onBad: FileReading['onBad']): void {
  if (result.status === 'ok') into.add(result.trajectory);
  else {
    into.addBad();
    onBad(result);
  }
}
