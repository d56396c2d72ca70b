import { throwIfCancelled } from '../common/cancel';
import { errorMessage, ImcotError } from '../common/errors';
import { FileSource } from '../files/fileSource';
import { matchesFingerprint, type Fingerprint } from '../files/fingerprint';
import { nodeMetricCodecs } from '../files/metricCodecs';
import { ReadAhead } from '../files/readAhead';
import { RawRuns } from '../metrics/rawRun';
import type { MetricStream, StreamMetricReader } from '../readers/metrics/metricReader';
import { ConsumedBytes } from './consumedBytes';
import { fileState, goneSentence, type FileState, type LookOptions, type MetricLog } from './metricLog';

const PIECE_BYTES = 1 << 20;
/** A file that is written anew this often while it is read is given up until the next look. */
const ATTEMPTS = 5;
/**
 * Nobody adds to a file that has not changed for so long: then a last row without a line end is taken as far as it goes.
 * Should it grow all the same it is read from the beginning, so with a large file one waits longer.
 */
const QUIET = { bytes: 64 * 1024 * 1024, ms: 60_000, largeMs: 3_600_000 };

/** A file as far as it was read. */
interface Reading {
  readonly told: RawRuns;
  readonly stream: MetricStream;
  print: Fingerprint | undefined;
  read: number;
  finished: boolean;
}

/** A file that is read piece by piece: only what is new, and from the beginning once it is another file. */
export class StreamedLog implements MetricLog {
  failure: string | undefined;
  size = 0;
  changedAt = 0;
  private reading: Reading;
  private seen: FileState | undefined;

  constructor(
    readonly path: string,
    private readonly reader: StreamMetricReader,
    private readonly now: () => number = Date.now,
  ) {
    this.reading = this.begin();
  }

  get told(): RawRuns {
    return this.reading.told;
  }

  get read(): number {
    return this.reading.read;
  }

  async look(options: LookOptions): Promise<boolean> {
    const { failure } = this;
    let changed = false;
    try {
      const state = await fileState(this.path);
      this.failure = state || !this.seen ? undefined : goneSentence(this.path);
      if (state === undefined && !this.seen) this.failure = `There is no file ${this.path}.`;
      if (state && state.mark !== this.seen?.mark) {
        this.changedAt = this.seen ? this.now() : state.modified;
        this.size = state.size;
        changed = await this.catchUp(options);
        // Kept only now: what failed is tried again.
        this.seen = state;
      }
      changed = this.settle(options) || changed;
    } catch (thrown) {
      throwIfCancelled(options.signal);
      this.failure = errorMessage(thrown);
    }
    return changed || failure !== this.failure;
  }

  private begin(): Reading {
    const told = new RawRuns();
    const stream = this.reader.start(told, { file: this.path, codecs: nodeMetricCodecs });
    return { told, stream, print: undefined, read: 0, finished: false };
  }

  private async catchUp(options: LookOptions): Promise<boolean> {
    const source = await FileSource.open(this.path);
    try {
      const before = this.reading;
      const { read } = before;
      let reading = before;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const consumed = await resume(source, reading);
        if (consumed && (await readOn(source, reading, consumed, options))) {
          this.reading = reading;
          return reading !== before || reading.read !== read;
        }
        // Shown once it has been read: until then what was there before stays.
        reading = this.begin();
      }
      throw new ImcotError('input', `${this.path} is written anew faster than it can be read.`);
    } finally {
      await source.close();
    }
  }

  /** Takes the last row of a file that nobody adds to. */
  private settle({ isFollowed }: LookOptions): boolean {
    const { stream, told, read, finished } = this.reading;
    const quiet = read <= QUIET.bytes ? QUIET.ms : QUIET.largeMs;
    if (finished || stream.pending === 0 || (isFollowed && this.now() - this.changedAt < quiet)) return false;
    const damages = told.damages.length;
    stream.finish();
    // A torn end is what a file looks like whose writer was stopped, and no damage.
    told.damages.length = damages;
    this.reading.finished = true;
    return true;
  }
}

/** Where to go on; undefined when the file must be read from its beginning, into another reading. */
async function resume(source: FileSource, reading: Reading): Promise<ConsumedBytes | undefined> {
  if (!reading.print) return ConsumedBytes.none();
  if (reading.finished && (await source.size()) !== reading.read) return undefined;
  return ConsumedBytes.resume(source, reading.print);
}

/** Reads to the end of the file. Resolves to false when it has become another one meanwhile. */
async function readOn(
  source: FileSource,
  reading: Reading,
  consumed: ConsumedBytes,
  { signal, onProgress }: LookOptions,
): Promise<boolean> {
  const ahead = new ReadAhead((target, offset) => source.readInto(target, offset), consumed.end, PIECE_BYTES);
  try {
    for (;;) {
      throwIfCancelled(signal);
      const piece = await ahead.next();
      if (piece.length === 0) break;
      reading.stream.write(piece);
      consumed.add(piece);
      reading.read = consumed.end;
      onProgress?.();
    }
  } finally {
    // Whatever stopped it: what was read is never read again.
    reading.print = consumed.print;
    await ahead.settle();
  }
  return matchesFingerprint(source, reading.print);
}
