import { errorMessage, ImcotError } from '../common/errors';
import type { Event } from '../common/event';
import { Emitter } from '../common/event';
import { LruCache } from '../common/lru';
import type { FormatId, RecordResult } from '../readers/reader';
import type { ReadOptions, SourceState, TrajectorySource } from '../readers/trajectorySource';
import type { RecordAddress } from './fileList';
import type { LogKeeper } from './logKeeper';

/** Budget for records that were read, in bytes. */
const CACHE_BYTES = 64 * 2 ** 20;
/** A parsed record takes about this many times the bytes of its line. */
const PARSED_FACTOR = 4;

/** The records of a log as the rest of the program sees them: kept known by a `LogKeeper`, read on demand. */
export class LogSource implements TrajectorySource {
  readonly format: FormatId;
  readonly label: string;
  readonly onDidChange: Event<SourceState>;
  private readonly changes = new Emitter<SourceState>();
  private readonly cache = new LruCache<number, RecordResult>(CACHE_BYTES);
  private disposed = false;
  /** Counts the changes that make records void: what was read before one must not be kept after it. */
  private voided = 0;

  constructor(
    readonly name: string,
    private readonly keeper: LogKeeper,
  ) {
    ({ format: this.format, label: this.label } = keeper.reader);
    this.onDidChange = this.changes.event;
    keeper.onDidChange((change) => {
      if (change !== undefined) this.voided++;
      if (change === 'all') this.cache.clear();
      else if (change !== undefined) this.cache.delete(change);
      this.changes.fire(this.state);
    });
  }

  get state(): SourceState {
    return this.keeper.state;
  }

  indexed(): Promise<SourceState> {
    return this.keeper.indexed;
  }

  /** Looks whether the files have changed and reads what is new; following does this by itself. */
  refresh(): Promise<void> {
    return this.keeper.look();
  }

  async record(index: number, options: ReadOptions = {}): Promise<RecordResult> {
    for (;;) {
      this.checkDisposed();
      const kept = this.cache.get(index);
      if (kept) return kept;
      const { generation, complete, failure, records } = this.state;
      const address = this.keeper.list.locate(index);
      if (!address) {
        if (failure !== undefined) throw new ImcotError('missing', failure);
        if (complete || !Number.isInteger(index) || index < 0) {
          throw new ImcotError('missing', `${this.name} has no record ${index}; it has ${records}.`);
        }
        await this.nextChange();
        continue;
      }
      const result = await this.read(address, index, options);
      // The file was replaced in the meantime: what was read is of neither generation.
      if (result && generation === this.state.generation) return result;
    }
  }

  /**
   * The records from `start` up to but not including `end`, as far as they are known at this moment. Neighbours are
   * read together.
   */
  async records(start: number, end: number): Promise<readonly RecordResult[]> {
    const results: RecordResult[] = [];
    for (let index = start; index < Math.min(end, this.state.records); index++) {
      results.push(await this.record(index, { withPictures: false }));
    }
    return results;
  }

  /**
   * The last record of all, without waiting for the index where records are lines; its position is -1 while the index
   * is not complete.
   * @throws ImcotError `missing` when there is none
   */
  async lastRecord(): Promise<RecordResult> {
    const found = this.state.complete ? undefined : await this.keeper.list.last?.lastRecord();
    if (found) return found;
    const { records } = this.state.complete ? this.state : await this.indexed();
    return this.record(records - 1);
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.changes.fire(this.state);
    this.changes.dispose();
    this.cache.clear();
    this.keeper.dispose();
  }

  private async read(
    { file, local }: RecordAddress,
    index: number,
    options: ReadOptions,
  ): Promise<RecordResult | undefined> {
    const { voided } = this;
    try {
      const result = await file.record(local, index, options);
      // Without its pictures a record is not what the next one may ask for; its row is kept by the table.
      const isWhole = options.withPictures !== false || !this.keeper.reader.pictureColumns;
      if (
        result &&
        isWhole &&
        voided === this.voided &&
        this.keeper.list.locate(index)?.file === file &&
        !this.disposed
      ) {
        this.cache.set(index, result, costOf(result));
      }
      return result;
    } catch (thrown) {
      this.checkDisposed();
      const reason = errorMessage(thrown);
      return { status: 'bad', reason, file: file.path, index, bytes: { start: 0, end: 0 } };
    }
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => {
      const subscription = this.onDidChange(() => {
        subscription.dispose();
        resolve();
      });
    });
  }

  private checkDisposed(): void {
    if (this.disposed) throw new ImcotError('cancelled', `${this.name} was closed.`);
  }
}

function costOf(result: RecordResult): number {
  if (result.status === 'bad') return 2 * result.reason.length + 200;
  const { bytes } = result.trajectory.origin;
  let cost = (bytes.end - bytes.start) * PARSED_FACTOR;
  for (const image of result.images.values()) cost += image.length;
  return cost;
}
