import { DisposableOwner } from '../../common/disposable';
import type { Event } from '../../common/event';
import { Emitter } from '../../common/event';
import type { Logger } from '../../common/logger';
import type {
  ListHostApi,
  ListReading,
  RowFilter,
  RowQuery,
  RowView,
  RowsFound,
  SiblingBoxes,
  SiblingGroup,
} from '../../protocol/listView';
import type { TrajectoryView } from '../../protocol/trajectoryView';
import { RowsClient } from '../../rows/rowsClient';
import { checkIndex, checkRange } from './pageRequests';
import { checkQuery } from './queryRequests';
import { siblingBoxes } from './siblingBoxes';

/** What the list of one editor is made of. */
export interface ListRowsOptions {
  /** The built `rowsWorker.js`. */
  readonly workerPath: string;
  readonly cacheFolder: string;
  readonly logger: Logger;
  /** The log's files or folder. @throws ImcotError where they may not be read */
  paths(): Promise<readonly string[]>;
  /** Rows of records. */
  rowsIn(ranges: RowFilter['ranges']): Promise<readonly RowView[]>;
  /** Name of the formula that rewards are worked out by; as the records have them where undefined. */
  formula?(): string | undefined;
  /** The view of a record; undefined for one that can't be read. */
  view(index: number): Promise<TrajectoryView | undefined>;
}

/**
 * Filters, sorts and groups the records of one editor's log. The thread that does it starts when that is first asked
 * for: a log that is only looked through is never read as a whole.
 */
export class ListRows extends DisposableOwner implements ListHostApi {
  private readonly readings = this.own(new Emitter<ListReading>());
  private client: RowsClient | undefined;
  private opened: Promise<void> = Promise.resolve();

  /** The log is being read. */
  readonly onReading: Event<ListReading> = this.readings.event;

  constructor(private readonly options: ListRowsOptions) {
    super();
  }

  async listQuery(query: RowQuery): Promise<RowsFound> {
    const checked = checkQuery(query);
    return (await this.remote()).query(checked, this.options.formula?.());
  }

  async listRows(result: number, start: number, end: number): Promise<readonly RowView[]> {
    const range = checkRange(start, end);
    const remote = await this.remote();
    const indices = await remote.slice(checkIndex(result), range.start, range.end);
    return this.options.rowsIn([...indices].map((index) => [index, index + 1] as const));
  }

  async listPositionOf(result: number, index: number): Promise<number | undefined> {
    return (await this.remote()).positionOf(checkIndex(result), checkIndex(index));
  }

  async listValues(field: string): Promise<readonly string[]> {
    // Nobody waits for a log to be read only to be offered some values.
    return this.client && !this.client.isDisposed ? this.client.remote.valuesOf(String(field)) : [];
  }

  async siblings(index: number): Promise<SiblingGroup | undefined> {
    return (await this.remote()).siblings(checkIndex(index), this.options.formula?.());
  }

  async siblingBoxes(index: number): Promise<SiblingBoxes | undefined> {
    return siblingBoxes(index, {
      siblings: (of) => this.siblings(of),
      view: (of) => this.options.view(of),
    });
  }

  async stopReading(): Promise<void> {
    await this.client?.remote.stopReading();
  }

  /** The thread, started anew where it has crashed. What may be read is checked at each request. */
  private async remote(): Promise<RowsClient['remote']> {
    const { workerPath, cacheFolder, logger } = this.options;
    const paths = await this.options.paths();
    if (!this.client || this.client.isDisposed) {
      this.client = new RowsClient(workerPath, logger);
      this.client.onReading((reading) => this.readings.fire(reading));
      this.opened = this.client.remote.open({ paths, cacheFolder });
    }
    await this.opened;
    return this.client.remote;
  }

  override dispose(): void {
    this.client?.dispose();
    super.dispose();
  }
}
