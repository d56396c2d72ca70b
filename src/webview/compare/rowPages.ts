import { errorMessage } from '../../common/errors';
import { LruCache } from '../../common/lru';
import type { ComparedRow } from '../../protocol/compareView';

/** Rows per request: a few windows' worth. */
const PAGE = 100;
/** Pages kept: 20,000 rows. */
const KEPT = 200;
/** Requests at a time; a fling over many rows must not leave a queue behind. */
const AT_ONCE = 2;

/** The rows of one result, asked for by pages as they come into view. */
export class RowPages {
  private readonly pages = new LruCache<number, readonly ComparedRow[]>(KEPT);
  private readonly asked = new Map<number, Promise<void>>();
  private readonly failed = new Map<number, string>();
  private wanted: number[] = [];
  private round = 0;

  /**
   * @param fetch asks for rows `[start, end)` of the result
   * @param arrived called when rows can be read that could not be before
   */
  constructor(
    private readonly fetch: (start: number, end: number) => Promise<readonly ComparedRow[]>,
    private readonly arrived: () => void,
  ) {}

  /** The row; undefined while it is not here; a sentence when asking for it failed. */
  get(position: number): ComparedRow | string | undefined {
    const page = Math.floor(position / PAGE);
    return this.pages.get(page)?.[position - page * PAGE] ?? this.failed.get(page);
  }

  /** The same once it is here. */
  async at(position: number): Promise<ComparedRow | string | undefined> {
    const page = Math.floor(position / PAGE);
    if (!this.pages.get(page) && !this.failed.has(page)) await this.load(page);
    return this.get(position);
  }

  /** Says which rows are on screen. */
  want(start: number, end: number): void {
    this.wanted = [];
    for (let page = Math.floor(start / PAGE); page * PAGE < end; page++)
      if (!this.pages.get(page) && !this.failed.has(page)) this.wanted.push(page);
    this.pump();
  }

  /** Forgets everything: the result is another one. */
  clear(): void {
    this.round++;
    this.pages.clear();
    this.asked.clear();
    this.failed.clear();
    this.wanted = [];
  }

  private pump(): void {
    while (this.asked.size < AT_ONCE) {
      const page = this.wanted.find((candidate) => !this.asked.has(candidate));
      if (page === undefined) return;
      this.wanted = this.wanted.filter((candidate) => candidate !== page);
      void this.load(page);
    }
  }

  private load(page: number): Promise<void> {
    const running = this.asked.get(page);
    if (running) return running;
    const work = this.ask(page, this.round);
    this.asked.set(page, work);
    return work;
  }

  private async ask(page: number, round: number): Promise<void> {
    try {
      const rows = await this.fetch(page * PAGE, (page + 1) * PAGE);
      if (round !== this.round) return;
      this.pages.set(page, rows, 1);
    } catch (thrown) {
      if (round !== this.round) return;
      this.failed.set(page, errorMessage(thrown));
    }
    this.asked.delete(page);
    this.arrived();
    this.pump();
  }
}
