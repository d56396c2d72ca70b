import { LruCache } from '../../common/lru';
import type { CurveId, TableView } from '../../protocol/dynamicsView';

export type TableRow = TableView['rows'][number];
type Fetch = (curves: readonly CurveId[], start: number, end: number) => Promise<TableView>;

/** Rows per request: a few windows' worth. */
const PAGE = 200;
const KEPT = 100;
/** The most rows per request when many are copied. */
const COPIED = 5000;

/** The rows of the table, asked for by pages as they come into view. */
export class TableRows {
  private pages = new LruCache<number, readonly TableRow[]>(KEPT);
  private readonly asked = new Set<number>();
  private curves: readonly CurveId[] = [];
  private round = 0;
  private count = 0;

  /**
   * @param fetch asks for rows `[start, end)`
   * @param arrived called when rows have come, or their number has
   * @param failed called with what went wrong
   */
  constructor(
    private readonly fetch: Fetch,
    private readonly arrived: () => void,
    private readonly failed: (thrown: unknown) => void,
  ) {}

  /** How many rows there are, as far as is known. */
  get total(): number {
    return this.count;
  }

  /** Takes other curves, or the same ones with other points; what was known is forgotten. */
  use(curves: readonly CurveId[]): void {
    this.round++;
    this.curves = curves;
    this.pages.clear();
    this.asked.clear();
    if (curves.length === 0) this.count = 0;
    else void this.load(0);
  }

  /** The row; undefined while it is not here. */
  get(index: number): TableRow | undefined {
    const page = Math.floor(index / PAGE);
    return this.pages.get(page)?.[index - page * PAGE];
  }

  /** Says which rows are on screen. */
  want(start: number, end: number): void {
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++) {
      if (!this.pages.get(page) && !this.asked.has(page)) void this.load(page);
    }
  }

  private async load(page: number): Promise<void> {
    const { round } = this;
    this.asked.add(page);
    try {
      const { total, rows } = await this.fetch(this.curves, page * PAGE, (page + 1) * PAGE);
      if (round !== this.round) return;
      this.count = total;
      this.pages.set(page, rows, 1);
      this.asked.delete(page);
      this.arrived();
    } catch (thrown) {
      // Not asked again by itself: what fails once would fail at every scroll.
      if (round === this.round) this.failed(thrown);
    }
  }

  /** Rows `[start, end)`, all of them. @throws what asking for them throws */
  async range(start: number, end: number): Promise<TableRow[]> {
    const all: TableRow[] = [];
    for (let from = start; from < end; from += COPIED) {
      const { rows } = await this.fetch(this.curves, from, Math.min(end, from + COPIED));
      all.push(...rows);
    }
    return all;
  }

  /** The row of a step, or the one before which it would stand. @throws what asking for rows throws */
  async indexOf(step: number): Promise<number> {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      const row = this.get(middle) ?? (await this.fetch(this.curves, middle, middle + 1)).rows[0];
      if (row && row.step < step) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
