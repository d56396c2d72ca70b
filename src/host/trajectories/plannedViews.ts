import { LruCache } from '../../common/lru';
import type { RowView } from '../../protocol/listView';
import type { PlannedView } from './trajectoryViewModel';

/** Budget for the views that are kept, in bytes of their records. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** What a record is for the page: its view with the plans of its pictures, or the row of a bad one. */
export type Planned = PlannedView | Extract<RowView, { status: 'bad' }>;

/** A view, and what keeping it costs: the bytes of its record. */
export interface MadeView {
  readonly planned: Planned;
  readonly cost: number;
}

/**
 * The views of a session's records, each made once however many ask for it at a time: a page asks for a record and then
 * for all its pictures together. What was begun before `forget` is answered, and not kept.
 */
export class PlannedViews {
  private readonly kept = new LruCache<number, Planned>(KEPT_BYTES);
  private readonly underWay = new Map<number, Promise<MadeView>>();
  /** The record that was made last stays whatever it costs: its pictures are asked for next. */
  private latest: { readonly index: number; readonly planned: Planned } | undefined;

  /**
   * From what is kept, from the same work under way, or by `make`.
   * @throws whatever `make` throws; failures are not kept
   */
  async get(index: number, make: () => Promise<MadeView>): Promise<Planned> {
    const known = this.latest?.index === index ? this.latest.planned : this.kept.get(index);
    if (known) return known;
    const running = this.underWay.get(index);
    if (running) return (await running).planned;
    const work = make();
    this.underWay.set(index, work);
    try {
      const { planned, cost } = await work;
      if (this.underWay.get(index) === work) {
        this.latest = { index, planned };
        this.kept.set(index, planned, cost);
      }
      return planned;
    } finally {
      if (this.underWay.get(index) === work) this.underWay.delete(index);
    }
  }

  /** Forgets one view, or all. */
  forget(index?: number): void {
    if (index === undefined) {
      this.kept.clear();
      this.underWay.clear();
      this.latest = undefined;
      return;
    }
    this.kept.delete(index);
    this.underWay.delete(index);
    if (this.latest?.index === index) this.latest = undefined;
  }
}
