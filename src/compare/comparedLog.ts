import type { AskedQuestion } from '../analysis/compare/askedQuestion';
import { askedQuestion } from '../analysis/compare/askedQuestion';
import type { ComparedRecords } from '../analysis/compare/comparison';
import type { SourceContent } from '../files/supersession';
import { ContentDigest } from '../files/supersession';
import type { RecordResult } from '../readers/reader';
import { fieldsOfRecord } from '../rows/fieldsOfRecord';
import { LogScan } from '../rows/logScan';
import { RowTable } from '../rows/rowTable';

/** A log that was read once, as far as comparing needs it: its fields, what its rollouts ask, and a digest of all. */
export class ComparedLog implements ComparedRecords {
  readonly table = new RowTable();
  readonly asked: (AskedQuestion | undefined)[] = [];
  private readonly digest = new ContentDigest();
  private format = '';

  private constructor(private readonly paths: readonly string[]) {}

  /**
   * Reads a log.
   * @param tell records so far and the share of the log, 0 to 1; called often
   * @throws ImcotError `cancelled` by the signal; what `LogScan` throws
   */
  static async read(
    paths: readonly string[],
    signal: AbortSignal,
    tell: (records: number, done: number) => void,
  ): Promise<ComparedLog> {
    const log = new ComparedLog(paths);
    const scan = new LogScan(paths);
    log.format = await scan.format();
    const target = {
      // From its beginning and once: nothing is ever read again.
      cut: () => undefined,
      add: (record: RecordResult) => log.add(record),
      progress: (read: number, size: number) => tell(log.count, size === 0 ? 1 : read / size),
    };
    await scan.read(target, signal);
    return log;
  }

  /** Id of its format. */
  get formatId(): string {
    return this.format;
  }

  get count(): number {
    return this.table.count;
  }

  /** What tells it from other logs, and from copies of it. */
  content(): SourceContent {
    return this.digest.content(this.paths.join('\n'));
  }

  isBad(row: number): boolean {
    return this.asked[row] === undefined;
  }

  correct(row: number): boolean | undefined {
    return this.value('correct', row);
  }

  zooms(row: number): number | undefined {
    return this.value('zooms', row);
  }

  tokens(row: number): number | undefined {
    return this.value('tokens', row);
  }

  /** The value of a field of the table; undefined where it is not recorded. */
  value<T>(field: string, row: number): T | undefined {
    return this.table.column(field)?.get(row) as T | undefined;
  }

  private add(record: RecordResult): void {
    this.table.add(fieldsOfRecord(this.table.count, record));
    this.asked.push(record.status === 'ok' ? askedQuestion(record.trajectory.prompt) : undefined);
    if (record.status === 'ok') this.digest.add(record.trajectory);
  }
}
