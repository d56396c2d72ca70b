import type { MatchBatch } from './rawLinesJobs';

/** Matches that are kept with their places; further ones are counted. They take 16 MB. */
export const MAX_MATCHES = 1_000_000;
/** Parts into which the file is divided for marks on the scroll bar. */
export const MARK_PARTS = 1000;

/** A match, in bytes. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Position among all matches in file order, from 0; absent while that can't be known. */
  readonly index?: number;
}

/** Ascending pairs of offsets. */
class MatchRun {
  private starts = new Float64Array(64);
  private ends = new Float64Array(64);
  length = 0;

  add(starts: Float64Array, ends: Float64Array): void {
    const wanted = this.length + starts.length;
    if (wanted > this.starts.length) {
      const room = Math.max(wanted, this.starts.length * 2);
      this.starts = grown(this.starts, room);
      this.ends = grown(this.ends, room);
    }
    this.starts.set(starts, this.length);
    this.ends.set(ends, this.length);
    this.length = wanted;
  }

  at(index: number): Match | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return { start: this.starts[index] as number, end: this.ends[index] as number };
  }

  /** Position of the first match that begins at `offset` or later. */
  lowerBound(offset: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.starts[middle] as number) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function grown(values: Float64Array, room: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(room);
  larger.set(values);
  return larger;
}

/**
 * The matches of a search that went from some place to the file's end and then from its beginning to that place: two
 * ascending runs, of which the second comes first in the file.
 */
export class MatchStore {
  private readonly later = new MatchRun();
  private readonly earlier = new MatchRun();
  private readonly marked = new Uint8Array(MARK_PARTS);
  private total = 0;

  /** @param size the file's length, over which marks are spread */
  constructor(private readonly size: number) {}

  /** All matches, kept or not. */
  get count(): number {
    return this.total;
  }

  get kept(): number {
    return this.later.length + this.earlier.length;
  }

  /** Parts of the file, of `MARK_PARTS`, that hold a match. */
  get marks(): readonly number[] {
    return [...this.marked.keys()].filter((part) => this.marked[part] === 1);
  }

  /** Takes what was found since the last batch. */
  add(batch: MatchBatch): void {
    const run = batch.range === 0 ? this.later : this.earlier;
    run.add(batch.starts, batch.ends);
    for (const start of batch.starts) this.mark(start);
    // Of those that are not kept no more is known than where the search stands.
    if (batch.count - this.total > batch.starts.length) this.mark(batch.scanned - 1);
    this.total = batch.count;
  }

  private mark(offset: number): void {
    const part = Math.floor((offset / Math.max(1, this.size)) * MARK_PARTS);
    this.marked[Math.max(0, Math.min(MARK_PARTS - 1, part))] = 1;
  }

  /**
   * The nearest kept match that begins at `offset` or later, or before it; round the file's end.
   * @param complete whether all is looked through, so that positions are known
   */
  nearest(offset: number, forward: boolean, complete: boolean): Match | undefined {
    const { earlier, later, kept } = this;
    if (kept === 0) return undefined;
    const bound = earlier.lowerBound(offset) + later.lowerBound(offset);
    const wanted = forward ? bound % kept : (bound - 1 + kept) % kept;
    const match = wanted < earlier.length ? earlier.at(wanted) : later.at(wanted - earlier.length);
    const isKnown = complete && kept === this.total;
    return match && { ...match, ...(isKnown && { index: wanted }) };
  }

  /** Kept matches that touch `[start, end)`, at most `limit`. */
  within(start: number, end: number, limit: number): Match[] {
    const found: Match[] = [];
    for (const run of [this.earlier, this.later]) {
      // A match may have begun before; they do not overlap, so only the one before can reach in.
      for (let at = Math.max(0, run.lowerBound(start) - 1); found.length < limit; at++) {
        const match = run.at(at);
        if (!match || match.start >= end) break;
        if (match.end > start) found.push(match);
      }
    }
    return found;
  }
}
