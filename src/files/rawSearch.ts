import { DisposableOwner } from '../common/disposable';
import { errorCode, errorMessage } from '../common/errors';
import type { Event } from '../common/event';
import { Emitter } from '../common/event';
import type { Match } from './rawLinesMatches';
import { MatchStore, MAX_MATCHES } from './rawLinesMatches';
import type { LogQuery } from './rawLinesPattern';
import { patternOf } from './rawLinesPattern';
import type { RawLog } from './rawLog';

/** How a search stands. */
export interface SearchState {
  readonly status: 'running' | 'done' | 'stopped' | 'failed';
  /** Matches found so far, and how many of them can be gone to. */
  readonly count: number;
  readonly kept: number;
  /** Bytes looked through, of how many. */
  readonly scanned: number;
  readonly total: number;
  /** Parts of the file that hold a match, see `MARK_PARTS`. */
  readonly marks: readonly number[];
  /** Why it ended early, as a sentence. */
  readonly reason?: string;
}

/**
 * One search in a log, from a place to the end and from the beginning to that place, in a thread that is ended with it.
 * What the file grows by later is not looked through.
 */
export class RawSearch extends DisposableOwner {
  private readonly stopping = new AbortController();
  private readonly changed = this.own(new Emitter<SearchState>());
  private readonly store: MatchStore;
  private readonly total: number;
  private scanned = 0;
  private status: SearchState['status'] = 'running';
  private reason: string | undefined;

  /** More was found or looked through, or the search ended. */
  readonly onDidChange: Event<SearchState> = this.changed.event;
  /** Resolves when it has ended, however that was. */
  readonly ended: Promise<void>;

  /**
   * Begins to look.
   * @param from the start of a row: matches from there on are found first
   * @param limitMs see `runRawJob`
   * @throws ImcotError `usage` or `limit` for a query that can't be looked for
   */
  constructor(log: RawLog, query: LogQuery, from: number, limitMs?: number) {
    super();
    // Here as well as in the thread: what is wrong with it is said at once.
    patternOf(query);
    this.total = log.state.size;
    const middle = Math.max(0, Math.min(from, this.total));
    this.store = new MatchStore(this.total);
    this.ended = this.run(log, query, middle, limitMs);
  }

  get state(): SearchState {
    const { status, scanned, total, store, reason } = this;
    return {
      status,
      count: store.count,
      kept: store.kept,
      scanned,
      total,
      marks: store.marks,
      ...(reason !== undefined && { reason }),
    };
  }

  /** The nearest match from a byte on, or before it, round the end; among those found so far. */
  nearest(offset: number, forward: boolean): Match | undefined {
    return this.store.nearest(offset, forward, this.status === 'done');
  }

  /** Matches that touch `[start, end)`. */
  within(start: number, end: number, limit: number): Match[] {
    return this.store.within(start, end, limit);
  }

  private async run(log: RawLog, query: LogQuery, middle: number, limitMs?: number): Promise<void> {
    const ranges = [[middle, this.total] as const, [0, middle] as const];
    const beat = new SharedArrayBuffer(16);
    new Float64Array(beat)[0] = -1;
    try {
      await log.job(
        { kind: 'search', query, ranges, keep: MAX_MATCHES, beat },
        (answer) => {
          if (answer.type !== 'matches') return;
          const { batch } = answer;
          this.store.add(batch);
          this.scanned = batch.range === 0 ? batch.scanned - middle : this.total - middle + batch.scanned;
          this.tell();
        },
        this.stopping.signal,
        limitMs,
      );
      this.status = 'done';
      this.scanned = this.total;
    } catch (thrown) {
      this.status = errorCode(thrown) === 'cancelled' ? 'stopped' : 'failed';
      if (this.status === 'failed') this.reason = errorMessage(thrown);
    }
    this.tell();
  }

  private tell(): void {
    if (!this.isDisposed) this.changed.fire(this.state);
  }

  /** Ends it; what was found stays. */
  stop(): void {
    this.stopping.abort();
  }

  override dispose(): void {
    this.stop();
    super.dispose();
  }
}
