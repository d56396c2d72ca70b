import type { RowFilter } from '../../protocol/listView';

type Range = readonly [start: number, end: number];

/** Which records stand in the list, and where. */
export interface ListOrder {
  /** What the list is narrowed to by somebody else than its own filter box. */
  readonly filter: RowFilter | undefined;
  /** How many records there are in it, where it is not all of them. */
  readonly total: number | undefined;
  /** How many rows there are when so many records are known. */
  count(records: number): number;
  /** The record at a position; undefined where there is none, or it is not known yet. */
  indexAt(position: number): number | undefined;
  /** Where a record stands; undefined where it does not, or that is not known yet. */
  positionOf(index: number): number | undefined;
}

/**
 * Which records stand in the list, and where: positions in the list to indices in the file and back. Without a filter
 * they are the same. Immutable; each question costs the logarithm of the number of ranges.
 */
export class RowOrder implements ListOrder {
  /** Position of each range's first record; one more at the end, which is how many there are in all. */
  private readonly starts: readonly number[];

  constructor(readonly filter: RowFilter | undefined) {
    const starts = [0];
    let total = 0;
    for (const [start, end] of filter?.ranges ?? []) starts.push((total += end - start));
    this.starts = starts;
  }

  /** How many records the filter names, known yet or not; undefined without a filter. */
  get total(): number | undefined {
    return this.filter && this.starts[this.starts.length - 1];
  }

  /** How many rows there are when so many records are known. */
  count(records: number): number {
    if (!this.filter) return records;
    const { ranges } = this.filter;
    const at = lastAtMost(ranges.length, (i) => ranges[i]?.[0] ?? 0, records - 1);
    const range = ranges[at];
    return range ? (this.starts[at] ?? 0) + Math.min(range[1], records) - range[0] : 0;
  }

  /** The record at a position; undefined beyond the last one that the filter names. */
  indexAt(position: number): number | undefined {
    if (!this.filter) return position;
    if (position < 0) return undefined;
    const { ranges } = this.filter;
    const at = lastAtMost(ranges.length, (i) => this.starts[i] ?? 0, position);
    const range = ranges[at];
    const index = range && range[0] + position - (this.starts[at] ?? 0);
    return range && index !== undefined && index < range[1] ? index : undefined;
  }

  /** Where a record stands; undefined where it is filtered out. */
  positionOf(index: number): number | undefined {
    if (!this.filter) return index;
    const { ranges } = this.filter;
    const at = lastAtMost(ranges.length, (i) => ranges[i]?.[0] ?? 0, index);
    const range = ranges[at];
    return range && index < range[1] ? (this.starts[at] ?? 0) + index - range[0] : undefined;
  }

  /** The records at positions `[start, end)`. */
  ranges(start: number, end: number): Range[] {
    if (!this.filter) return end > start ? [[start, end]] : [];
    const { ranges } = this.filter;
    const found: Range[] = [];
    const first = lastAtMost(ranges.length, (i) => this.starts[i] ?? 0, start);
    for (let at = Math.max(0, first); at < ranges.length; at++) {
      const begin = this.starts[at] ?? 0;
      const range = ranges[at];
      if (!range || begin >= end) break;
      const from = range[0] + Math.max(0, start - begin);
      const to = Math.min(range[1], range[0] + end - begin);
      if (to > from) found.push([from, to]);
    }
    return found;
  }
}

/** The last of `count` ascending values that is at most `limit`; -1 where none is. */
function lastAtMost(count: number, valueAt: (i: number) => number, limit: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
