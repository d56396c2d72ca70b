import { LruCache } from '../../common/lru';
import type { RowView } from '../../protocol/trajectoryView';

/** Rows per request: a few windows' worth. */
const PAGE = 100;
/** Pages kept: 20,000 rows. */
const KEPT = 200;
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
      if ((!rows || rows.length < needed) && !this.failed.has(page)) this.wanted.push(page);
    }
    this.pump();
  }

  /** Forgets everything: the file is another one. */
  clear(): void {
    this.round++;
    this.pages.clear();
    this.asked.clear();
    this.failed.clear();
  }

  /** Forgets the rows from `index` on, which may have grown or changed. */
  forgetFrom(index: number, count: number): void {
    for (let page = Math.floor(index / PAGE); page * PAGE < count; page++) this.pages.delete(page);
    this.failed.clear();
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
    try {
      const rows = await this.fetch(page * PAGE, (page + 1) * PAGE);
      if (round !== this.round) return;
      this.pages.set(page, rows, 1);
    } catch (thrown) {
      if (round !== this.round) return;
      this.failed.set(page, thrown instanceof Error ? thrown.message : 'unknown error');
    }
    this.asked.delete(page);
    this.arrived();
    this.pump();
  }
}
