import { DisposableOwner } from '../common/disposable';
import { errorCode, errorMessage, ImcotError } from '../common/errors';
import type { Event } from '../common/event';
import { Emitter } from '../common/event';
import { follow } from './followFile';
import type { FileStat, OpenFile } from './fileSource';
import type { Fingerprint } from './fingerprint';
import { FINGERPRINT_BYTES, matchesFingerprint, takeFingerprint } from './fingerprint';
import type { RawRow } from './rawLines';
import { rowsBefore, rowsFrom } from './rawLines';
import { countLines, LinePlaces } from './rawLinesIndex';
import type { StepRows } from './rawLinesJobs';
import { runRawJob } from './rawLinesThread';

/** What grew by less is counted on the asking thread: a new thread for each line of a live log would cost more. */
const SMALL_BYTES = 1 << 22;

/** How a log stands. A snapshot. */
export interface RawLogState {
  /** Bytes. */
  readonly size: number;
  /** Counts how often the file was replaced or became shorter: offsets of an older generation mean nothing any more. */
  readonly generation: number;
  /** Line ends found so far, and up to which byte. */
  readonly feeds: number;
  readonly counted: number;
  /** Why it can't be read any longer, as a sentence. */
  readonly failure?: string;
}

/** How to open a log. */
export interface RawLogOptions {
  readonly open: (file: string) => Promise<OpenFile>;
  /** The built `logWorker.js`. */
  readonly workerPath: string;
  /** Time between two looks at the file in milliseconds; absent: it is not looked at. */
  readonly pollMs?: number;
}

/** Rows around a place. */
export interface RowsAround {
  readonly rows: readonly RawRow[];
  readonly size: number;
  readonly generation: number;
}

/** One life of the file: it ends when the file is replaced or becomes shorter. */
interface Life {
  readonly file: OpenFile;
  readonly places: LinePlaces;
  readonly ended: AbortController;
  /** Jobs of threads that read the descriptor: it is closed after them. */
  readonly jobs: Set<Promise<unknown>>;
  seen: FileStat;
  print: Fingerprint | undefined;
}

/** A text file of any size, open to be looked at: rows by byte, line numbers as they become known, steps. */
export class RawLog extends DisposableOwner {
  private readonly changed = this.own(new Emitter<RawLogState>());
  private readonly began = this.own(new Emitter<void>());
  private counting: Promise<void> | undefined;
  private generation = 1;
  private failure: string | undefined;
  private knownSteps: { readonly size: number; readonly rows: StepRows | undefined } | undefined;

  /** The file grew, was replaced, or more of its lines are known. */
  readonly onDidChange: Event<RawLogState> = this.changed.event;
  /** Another generation begins. */
  readonly onDidBeginAnew: Event<void> = this.began.event;

  private constructor(
    readonly path: string,
    private life: Life,
    private readonly options: RawLogOptions,
  ) {
    super();
    if (options.pollMs !== undefined) this.own(follow(path, () => this.look(), options.pollMs));
    this.count();
  }

  /**
   * Opens a file; its lines are counted from then on.
   * @throws ImcotError as `options.open`
   */
  static async open(path: string, options: RawLogOptions): Promise<RawLog> {
    return new RawLog(path, await beginLife(path, options), options);
  }

  get state(): RawLogState {
    const { seen, places } = this.life;
    return {
      size: Math.max(seen.size, places.end),
      generation: this.generation,
      feeds: places.feeds,
      counted: places.end,
      ...(this.failure !== undefined && { failure: this.failure }),
    };
  }

  /** Rows around the one that holds a byte: up to `before` before it, up to `count` from it on. */
  async rows(offset: number, before: number, count: number): Promise<RowsAround> {
    const { generation } = this;
    const { file } = this.life;
    const from = await rowsFrom(file, offset, Math.max(1, count));
    const first = from.rows[0];
    const earlier = first && before > 0 ? (await rowsBefore(file, first.start, before)).rows : [];
    return { rows: [...earlier, ...(count > 0 ? from.rows : [])], size: from.size, generation };
  }

  /** The line, from 0, on which a byte stands; `undefined` while unknown. */
  lineOf(offset: number): Promise<number | undefined> {
    return this.life.places.lineOf(this.life.file, offset);
  }

  /** Where a line, from 0, begins; `undefined` while unknown, or where there is none. */
  startOf(line: number): Promise<number | undefined> {
    return this.life.places.startOf(this.life.file, line);
  }

  /** Bytes of the file, fewer at its end. */
  read(offset: number, length: number): Promise<Uint8Array> {
    return this.life.file.read(offset, length);
  }

  /**
   * Where steps stand, when this is a file of metrics that has any: read once from end to end in a thread, and again
   * after the file has grown.
   */
  async steps(signal: AbortSignal): Promise<StepRows | undefined> {
    const { size } = this.state;
    if (this.knownSteps?.size === size) return this.knownSteps.rows;
    let rows: StepRows | undefined;
    await this.job(
      { kind: 'steps' },
      (answer) => {
        if (answer.type === 'steps') rows = answer.rows;
      },
      signal,
    );
    this.knownSteps = { size, rows };
    return rows;
  }

  /**
   * Does a job in a thread; ended with this life of the file.
   * @throws as `runRawJob`
   */
  async job(
    what: DistributiveOmit<Parameters<typeof runRawJob>[1], 'descriptor' | 'name'>,
    report: Parameters<typeof runRawJob>[2],
    signal: AbortSignal,
    limitMs?: number,
  ): Promise<void> {
    const { file, ended, jobs } = this.life;
    const { descriptor } = file;
    if (descriptor === undefined)
      throw new ImcotError('internal', `${this.path} can't be read from another thread.`);
    const job = { ...what, descriptor, name: this.path };
    const either = eitherSignal(signal, ended.signal);
    const running = runRawJob(this.options.workerPath, job, report, either.signal, limitMs);
    jobs.add(running);
    return running.finally(() => {
      jobs.delete(running);
      either.release();
    });
  }

  /** Looks at the file: whether it grew, became shorter or was replaced. Called by itself while the file is followed. */
  async look(): Promise<void> {
    if (this.isDisposed) return;
    const { life } = this;
    try {
      const named = await life.file.statByName();
      const now = await life.file.stat();
      const isSame = now.size === life.seen.size && now.modified === life.seen.modified;
      if (named.identity === life.seen.identity && isSame && this.failure === undefined) return;
      if (named.identity !== life.seen.identity || (await isAnother(life, now))) await this.beginAnew();
      else {
        life.seen = now;
        life.print ??= await printOf(life.file, now.size);
        this.failure = undefined;
        this.count();
        this.tell();
      }
    } catch (thrown) {
      this.fail(life, thrown);
    }
  }

  private fail(life: Life, thrown: unknown): void {
    if (this.isDisposed || life !== this.life || errorCode(thrown) === 'cancelled') return;
    if (this.failure === errorMessage(thrown)) return;
    this.failure = errorMessage(thrown);
    this.tell();
  }

  private async beginAnew(): Promise<void> {
    const life = await beginLife(this.path, this.options);
    const before = this.life;
    this.life = life;
    this.generation++;
    this.failure = undefined;
    this.knownSteps = undefined;
    this.counting = undefined;
    endLife(before);
    if (this.isDisposed) return endLife(life);
    this.began.fire();
    this.count();
    this.tell();
  }

  private tell(): void {
    if (!this.isDisposed) this.changed.fire(this.state);
  }

  /** Counts the lines that are new. */
  private count(): void {
    if (this.counting || this.isDisposed) return;
    const { life } = this;
    const counting = this.countOn(life)
      .catch((thrown: unknown) => this.fail(life, thrown))
      .finally(() => {
        if (this.counting !== counting) return;
        this.counting = undefined;
        // It may have grown while it was counted.
        if (this.failure === undefined && life.places.end < life.seen.size) this.count();
      });
    this.counting = counting;
  }

  private async countOn(life: Life): Promise<void> {
    const { places, file, ended } = life;
    const { end: from, feeds } = places;
    if (life.seen.size - from <= SMALL_BYTES) {
      const add = (batch: Parameters<LinePlaces['add']>[0]): void => places.add(batch);
      const read = (target: Uint8Array, offset: number): Promise<number> => file.readInto(target, offset);
      const counted = countLines(read, from, feeds, add, () => ended.signal.aborted, 1 << 18);
      life.jobs.add(counted);
      await counted.finally(() => life.jobs.delete(counted));
      this.tell();
      return;
    }
    await this.job(
      { kind: 'lines', from, feeds },
      (answer) => {
        if (answer.type !== 'lines') return;
        places.add(answer.batch);
        if (life === this.life) this.tell();
      },
      ended.signal,
    );
  }

  override dispose(): void {
    if (this.isDisposed) return;
    super.dispose();
    endLife(this.life);
  }
}

/** A signal that fires when either does, until it is released. */
function eitherSignal(first: AbortSignal, second: AbortSignal) {
  const both = new AbortController();
  const abort = (): void => both.abort();
  if (first.aborted || second.aborted) abort();
  first.addEventListener('abort', abort);
  second.addEventListener('abort', abort);
  const release = (): void => {
    first.removeEventListener('abort', abort);
    second.removeEventListener('abort', abort);
  };
  return { signal: both.signal, release };
}

/** `Omit` on each member of a union. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

async function printOf(file: OpenFile, size: number): Promise<Fingerprint | undefined> {
  return size === 0 ? undefined : takeFingerprint(file, Math.min(size, FINGERPRINT_BYTES));
}

async function beginLife(path: string, { open }: RawLogOptions): Promise<Life> {
  const file = await open(path);
  const seen = await file.stat();
  return {
    file,
    seen,
    places: new LinePlaces(),
    ended: new AbortController(),
    jobs: new Set(),
    print: await printOf(file, seen.size),
  };
}

/** Whether an open file is no longer what it was: shorter than what is known, or with another beginning. */
async function isAnother(life: Life, now: FileStat): Promise<boolean> {
  if (now.size < life.seen.size || now.size < life.places.end) return true;
  return life.print !== undefined && !(await matchesFingerprint(life.file, life.print));
}

function endLife({ ended, jobs, file }: Life): void {
  ended.abort();
  void Promise.allSettled(jobs).then(() => file.close());
}
