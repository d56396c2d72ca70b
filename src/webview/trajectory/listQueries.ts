import { errorCode, errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { ListReading, RowView, RowsFound } from '../../protocol/listView';
import type { TrajectoryHostApi } from '../../protocol/trajectoryView';
import type { Store } from '../shared/store';
import type { PageState } from './pageState';
import type { RowCache } from './rowCache';
import { formulaWords } from './rewardFormulaWords';
import { RowOrder } from './rowOrder';
import { TableOrder } from './tableOrder';
import { countWords, numberWords } from './words';

type FoundRows = Extract<RowsFound, { status: 'ok' }>;

/** Rows that are asked for with a new result, so that its first window is drawn at once. */
const FIRST_ROWS = 100;
/** A log that grows is searched anew no sooner than this after the last time, in milliseconds, and so many times as long. */
const LEAST_PAUSE = 2000;
const PAUSE_FACTOR = 5;

/** What the queries need of the page around them. */
export interface ListQueryActions {
  say(words: string): void;
  select(index: number): void;
}

/** Asks the host for the records that filter box and column headers want, and keeps the list in their order. */
export class ListQueries {
  private asked = 0;
  private took = 0;
  private later: ReturnType<typeof setTimeout> | undefined;
  private seen = '';

  constructor(
    private readonly store: Store<PageState>,
    private readonly host: () => RemoteApi<TrajectoryHostApi>,
    private readonly cache: RowCache,
    private readonly actions: ListQueryActions,
  ) {
    store.watch(
      ({ source }) =>
        source.status === 'ready' && source.complete
          ? [source.generation, source.records, source.incompleteTail, source.writtenAt].join(' ')
          : '',
      (state) => this.sourceIs(state),
    );
    // Somebody else has narrowed the list, or shown all of it.
    store.watch(
      ({ order }) => order,
      (order) => {
        if (this.isActive && !(order instanceof TableOrder) && this.seen !== '') void this.run(false);
      },
    );
  }

  /** Whether anything is filtered or sorted. */
  get isActive(): boolean {
    const { search, sort } = this.store.get();
    return search.trim() !== '' || sort !== undefined;
  }

  /** Filters by an expression or words. */
  search(text: string): void {
    if (text === this.store.get().search) return;
    this.store.update({ search: text });
    void this.run(false);
  }

  /** Sorts by a field: ascending, descending, and then as in the file. */
  sortBy(field: string): void {
    const { sort } = this.store.get();
    const next =
      sort?.field !== field
        ? { field, descending: false }
        : sort.descending
          ? undefined
          : { field, descending: true };
    this.store.update({ sort: next });
    void this.run(false);
  }

  /** Shows all records again, in the order of the file; what somebody else narrowed the list to stays. */
  clear(): void {
    if (!this.isActive) return;
    this.store.update({ search: '', sort: undefined });
    void this.run(false);
  }

  /** By another formula rewards differ: rows are forgotten, and what is asked is asked once more. */
  async useFormula(name: string): Promise<void> {
    try {
      const formula = await this.host().useFormula(name);
      this.store.update({ formula, shownFormula: formula });
      this.cache.clear();
      if (this.isActive) void this.run(false);
      this.actions.say(formulaWords(formula));
    } catch (thrown) {
      this.actions.say(errorMessage(thrown));
    }
  }

  /** Ends the reading of the log: the list has what was read. */
  stop(): void {
    this.host()
      .stopReading()
      .catch((thrown: unknown) => this.actions.say(errorMessage(thrown)));
  }

  /** The host reads the log. */
  reading(reading: ListReading): void {
    if (this.store.get().found.status === 'working')
      this.store.update({ found: { status: 'working', reading } });
  }

  /** Rows at positions of the list as it is now. */
  async rows(start: number, end: number): Promise<readonly RowView[]> {
    const { order } = this.store.get();
    if (order instanceof TableOrder) {
      const rows = await this.host().listRows(order.result, start, end);
      order.learn(start, rows);
      return rows;
    }
    if (order instanceof RowOrder && order.filter) return this.host().rowsIn(order.ranges(start, end));
    return this.host().rows(start, end);
  }

  /** Chooses the record at a position in the list, if there is one. */
  selectAt(position: number): void {
    const index = this.store.get().order.indexAt(position);
    if (index !== undefined) return this.actions.select(index);
    void this.fetchIndex(position).then((found) => {
      if (found !== undefined) this.actions.select(found);
    });
  }

  /** Whether the list has a record. */
  async has(index: number): Promise<boolean> {
    const { order } = this.store.get();
    if (!(order instanceof TableOrder)) return order.positionOf(index) !== undefined;
    const position = await this.host()
      .listPositionOf(order.result, index)
      .catch(() => undefined);
    if (position !== undefined) order.place(index, position);
    return position !== undefined;
  }

  /** Values that occur in a text field; none where the log has not been read. */
  async valuesOf(field: string): Promise<readonly string[]> {
    return this.host()
      .listValues(field)
      .catch(() => []);
  }

  /** The record at a position whose row is not here. */
  private async fetchIndex(position: number): Promise<number | undefined> {
    const { order } = this.store.get();
    if (!(order instanceof TableOrder) || position < 0 || position >= order.total) return undefined;
    const rows = await this.rows(position, position + 1).catch(() => []);
    return rows[0]?.index;
  }

  /** Everything is known of the file as it is now, or more has come to it. */
  private sourceIs(state: string): void {
    const isFirst = this.seen === '';
    if (state === '' || state === this.seen) return;
    this.seen = state;
    if (!this.isActive) return;
    if (isFirst) void this.run(false);
    else {
      this.later ??= setTimeout(
        () => {
          this.later = undefined;
          if (this.isActive) void this.run(true);
        },
        Math.max(LEAST_PAUSE, PAUSE_FACTOR * this.took),
      );
    }
  }

  /**
   * @param isSame the same is asked of a file that has grown: rows of an earlier answer stand until those of this one are
   *   here; where no answer had come yet there are none
   */
  private async run(isSame: boolean): Promise<void> {
    const asked = ++this.asked;
    const { search, sort, order, selected, found: before } = this.store.get();
    const stands = isSame && before.status === 'ok' && order instanceof TableOrder;
    if (!this.isActive) {
      this.cache.clear();
      this.store.update({ order: new RowOrder(order.filter), found: { status: 'none' } });
      this.actions.say('All rollouts');
      return;
    }
    if (!stands) this.store.update({ found: { status: 'working' } });
    const begun = performance.now();
    try {
      const ranges = order.filter?.ranges;
      const found = await this.host().listQuery({
        text: search,
        selected,
        ...(sort && { sort }),
        ...(ranges && { ranges }),
      });
      if (asked !== this.asked) return;
      if (found.status === 'error') this.store.update({ found });
      else await this.show(asked, found, stands);
    } catch (thrown) {
      // One that was given up for a newer one is not missed.
      if (asked !== this.asked || errorCode(thrown) === 'cancelled') return;
      this.store.update({ found: { status: 'failed', message: errorMessage(thrown) } });
    }
    this.took = performance.now() - begun;
  }

  private async show(asked: number, found: FoundRows, stands: boolean): Promise<void> {
    const first = await this.host().listRows(found.result, 0, FIRST_ROWS);
    if (asked !== this.asked) return;
    const { order: old, selected } = this.store.get();
    const order = new TableOrder(old.filter, found.result, found.count);
    order.learn(0, first);
    if (found.position !== undefined) order.place(selected, found.position);
    if (stands) this.cache.reordered(old.total ?? 0);
    else this.cache.clear();
    this.store.update({ order, found });
    if (stands) return;
    this.actions.say(`${numberWords(found.count)} of ${countWords(found.scanned, 'rollout')}`);
    const top = order.indexAt(0);
    if (order.positionOf(selected) === undefined && top !== undefined) this.actions.select(top);
  }
}
