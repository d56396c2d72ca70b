import { LruCache } from '../../common/lru';
import type { RowView } from '../../protocol/listView';

/** Rows per request: a window or two. What is on its way when a fling ends is waited for. */
const PAGE = 50;
/** Pages kept: 20,000 rows. */
const KEPT = 400;
/** Rows of rollouts that go on are asked for again no sooner than this, in milliseconds. */
const REFRESH = 1000;
/** Requests at a time; a fling over a million rows must not leave a queue behind. */
const AT_ONCE = 2;

/**
 * The list's rows, asked for by pages. Only the pages that are wanted now are asked for; those that scrolled past
 * before their turn came are forgotten.
 */
export class RowCache {
  private pages = new LruCache<number, readonly RowView[]>(KEPT);
  private readonly asked = new Set<number>();
  private readonly failed = new Map<number, string>();
  /** Pages whose rows stand until newer ones are here. */
  private readonly stale = new Set<number>();
  /** Pages with rollouts that may still get events. */
  private readonly open = new Set<number>();
  private refreshed = 0;
  private wanted: number[] = [];
  private round = 0;

  /**
   * @param fetch asks for rows `[start, end)`
   * @param arrived called when rows can be read that could not be before
   */
  constructor(
    private readonly fetch: (start: number, end: number) => Promise<readonly RowView[]>,
    private readonly arrived: () => void,
  ) {}

  /** The row; undefined while it is not here; a sentence when asking for it failed. */
  get(index: number): RowView | string | undefined {
    const page = Math.floor(index / PAGE);
    return this.pages.get(page)?.[index - page * PAGE] ?? this.failed.get(page);
  }

  /** All rows of a file of `count` records, where every one of them happens to be here; undefined where not. */
  all(count: number): readonly RowView[] | undefined {
    const rows: RowView[] = [];
    for (let page = 0; page * PAGE < count; page++) {
      const held = this.pages.get(page);
      if (!held || held.length < Math.min(PAGE, count - page * PAGE)) return undefined;
      rows.push(...held);
    }
    return rows;
  }

  /** Says which rows are on screen. */
  want(start: number, end: number): void {
    this.wanted = [];
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) {
      const rows = this.pages.get(page);
      const needed = Math.min(end - page * PAGE, PAGE);
      const lacks = !rows || rows.length < needed || this.stale.has(page);
      if (lacks && !this.failed.has(page)) this.wanted.push(page);
    }
    this.pump();
  }

  /** Forgets everything: the file is another one. */
  clear(): void {
    this.round++;
    this.pages.clear();
    this.wanted = [];
    this.asked.clear();
    this.failed.clear();
    this.stale.clear();
    this.open.clear();
  }

  /**
   * The file has grown. The rows that are here stand until newer ones come in their place: of pages that have become
   * longer, and now and then of those with rollouts that may still get events.
   * @param last position of the last record before
   * @param count records now
   * @param now milliseconds of any clock
   */
  grew(last: number, count: number, now: number): void {
    this.failed.clear();
    const first = Math.floor(Math.max(0, last) / PAGE);
    if (count > last + 1) for (let page = first; page * PAGE < count; page++) this.outdate(page);
    if (now - this.refreshed < REFRESH) return;
    this.refreshed = now;
    // A line that had no end before may have become another record.
    this.outdate(first);
    for (const page of this.open) this.outdate(page);
  }

  /** Other rows may stand at every position, of so many; what is here stands until those have come. */
  reordered(count: number): void {
    this.failed.clear();
    for (let page = 0; page * PAGE < count; page++) this.outdate(page);
  }

  /** What is on its way may have been read before the change. */
  private outdate(page: number): void {
    if (this.pages.get(page) || this.asked.has(page)) this.stale.add(page);
  }

  private pump(): void {
    while (this.asked.size < AT_ONCE) {
      const page = this.wanted.find((candidate) => !this.asked.has(candidate));
      if (page === undefined) return;
      this.wanted = this.wanted.filter((candidate) => candidate !== page);
      void this.load(page);
    }
  }

  private async load(page: number): Promise<void> {
    const { round } = this;
    this.asked.add(page);
    // What grows while the answer is on its way makes the page stale anew.
    this.stale.delete(page);
    try {
      const rows = await this.fetch(page * PAGE, (page + 1) * PAGE);
      if (round !== this.round) return;
      this.pages.set(page, keptWhereEqual(this.pages.get(page) ?? [], rows), 1);
      if (rows.some(goesOn)) this.open.add(page);
      else this.open.delete(page);
    } catch (thrown) {
      if (round !== this.round) return;
      this.failed.set(page, thrown instanceof Error ? thrown.message : 'unknown error');
    }
    this.asked.delete(page);
    this.arrived();
    this.pump();
  }
}

/** Whether more may become known of a rollout: it runs, or its reward was not there yet. */
function goesOn(row: RowView): boolean {
  return (
    row.status === 'ok' && row.reward === undefined && row.outcome !== 'cancelled' && row.outcome !== 'error'
  );
}

/** The new rows, as the old objects where nothing changed, so that what was drawn of them can stay. */
function keptWhereEqual(old: readonly RowView[], rows: readonly RowView[]): readonly RowView[] {
  return rows.map((row, index) => {
    const known = old[index];
    return known && JSON.stringify(known) === JSON.stringify(row) ? known : row;
  });
}
