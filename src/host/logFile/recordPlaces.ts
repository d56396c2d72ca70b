import type { Disposable } from '../../common/disposable';
import { parseJson } from '../../common/json';
import type { RecordResult } from '../../readers/reader';
import type { TrajectorySource } from '../../readers/trajectorySource';

/** Bytes of a record in its file. */
export interface RecordBytes {
  readonly start: number;
  readonly end: number;
}

function bytesOf(record: RecordResult): RecordBytes {
  return record.status === 'ok' ? record.trajectory.origin.bytes : record.bytes;
}

/** Which record of a log stands where. The log is opened and indexed when that is asked for the first time. */
export class RecordPlaces implements Disposable {
  private opening: Promise<TrajectorySource> | undefined;

  constructor(private readonly open: () => Promise<TrajectorySource>) {}

  /** @throws ImcotError `missing` when there is no such record, or as opening does */
  async bytesOf(index: number): Promise<RecordBytes> {
    const source = await this.source();
    return bytesOf(await source.record(index));
  }

  /**
   * The record to which the line at a byte belongs.
   * @param line its text, or the beginning of it: in a log of events it names its trajectory
   */
  async indexAt(start: number, line: string): Promise<number | undefined> {
    const source = await this.source();
    const { records } = await source.indexed();
    if (source.format === 'imcot') {
      const named = trajectoryOf(line);
      // Records of a log that several runs were written to are counted anew by each.
      if (named !== undefined && named < records && contains(await source.record(named), start)) return named;
    }
    let [low, high] = [0, records - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (bytesOf(await source.record(middle)).start <= start) low = middle;
      else high = middle - 1;
    }
    return records > 0 && contains(await source.record(low), start) ? low : undefined;
  }

  private source(): Promise<TrajectorySource> {
    if (!this.opening) {
      const opening = this.open();
      this.opening = opening;
      // It may go better the next time.
      opening.catch(() => (this.opening = undefined));
    }
    return this.opening;
  }

  dispose(): void {
    this.opening?.then(
      (source) => source.dispose(),
      () => undefined,
    );
    this.opening = undefined;
  }
}

/** Blanks before a record count as its line. */
function contains(record: RecordResult, start: number): boolean {
  const { start: first, end } = bytesOf(record);
  return start >= first - 64 && start < end;
}

/** The trajectory that an event names. */
function trajectoryOf(line: string): number | undefined {
  const named = /^\s*\{"t":\s*(\d{1,9})[,}]/.exec(line)?.[1];
  if (named !== undefined) return Number(named);
  const parsed = parseJson(line);
  const t =
    parsed.ok && typeof parsed.value === 'object' && parsed.value !== null
      ? Reflect.get(parsed.value, 't')
      : undefined;
  return typeof t === 'number' && Number.isSafeInteger(t) && t >= 0 ? t : undefined;
}
