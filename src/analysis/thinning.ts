/*
 * Fewer points that draw the same picture. Of every pixel column the first, last, least and greatest sample are kept,
 * so that a line through them covers the pixels that a line through all would: after U. Jugel et al., "M4: A
 * Visualization-Oriented Time Series Data Aggregation", PVLDB 7 (2014). Every point that is kept is a sample; nothing is
 * averaged.
 */

/** A line to be thinned. All lists are aligned. */
export interface ThinLine {
  /** Never falls; finite. */
  readonly x: Float64Array;
  /** A value that is not finite is a gap: what is drawn ends before it and begins anew behind it. */
  readonly y: Float64Array;
  /** Around the line: the least of `low` and the greatest of `high` in each column are kept as well. */
  readonly band?: { readonly low: Float64Array; readonly high: Float64Array };
}

/** What is kept. */
export interface Thinned {
  /**
   * Positions of the samples that are kept, ascending: within the range, and one neighbour outside on each side, so that
   * lines leave the plot. Of samples without a finite value one is kept wherever they part two that have one.
   */
  readonly kept: Uint32Array;
  /** Samples within the range, those without a finite value included. */
  readonly total: number;
  /** How many of these are kept. */
  readonly shown: number;
}

/** Columns beyond this are no screen's. */
const MOST_COLUMNS = 16384;
/** Up to so many samples per column all are kept: thinning would save little. */
const DRAWN_AS_IS = 2;

/** The first position whose x is at least `limit`, or above it. */
export function firstAt(x: ArrayLike<number>, limit: number, isAbove = false): number {
  let [low, high] = [0, x.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const value = x[middle] as number;
    if (value < limit || (isAbove && value === limit)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Thins a line for a plot.
 * @param range what of the x axis is shown, both ends included
 * @param columns pixel columns of the plot, at least one
 */
export function thin(line: ThinLine, range: readonly [from: number, to: number], columns: number): Thinned {
  const { x } = line;
  const [from, to] = range;
  const first = firstAt(x, from);
  const end = Math.max(first, firstAt(x, to, true));
  const total = end - first;
  const whole = Math.min(MOST_COLUMNS, Math.max(1, Math.floor(columns)));
  const [before, behind] = [Math.max(0, first - 1), Math.min(x.length, end + 1)];
  if (total <= whole * DRAWN_AS_IS) {
    const kept = Uint32Array.from({ length: behind - before }, (_, at) => before + at);
    return { kept, total, shown: total };
  }
  const picker = new ColumnPicker(line);
  if (before < first) picker.column(before, first);
  for (let column = 0, at = first; at < end; column++) {
    const edge = from + ((column + 1) * (to - from)) / whole;
    const isLast = column + 1 >= whole || !(to > from);
    let next = isLast ? end : at;
    while (next < end && (x[next] as number) < edge) next++;
    picker.column(at, next);
    at = next;
  }
  if (behind > end) picker.column(end, behind);
  const kept = picker.take();
  return { kept, total, shown: firstAt(kept, end) - firstAt(kept, first) };
}

/** Picks samples column by column. */
class ColumnPicker {
  private readonly kept: number[] = [];
  /** The first sample without a value since the last one that was picked; -1 without one. */
  private gap = -1;

  constructor(private readonly line: ThinLine) {}

  /** Picks from the samples `[start, end)` of a column. */
  column(start: number, end: number): void {
    const { y, band } = this.line;
    const [low, high] = [band?.low ?? y, band?.high ?? y];
    let [first, last, least, greatest] = [-1, -1, -1, -1];
    let gaps = 0;
    for (let at = start; at < end; at++) {
      if (!Number.isFinite(y[at] as number)) {
        gaps++;
        continue;
      }
      if (first < 0) first = least = greatest = at;
      last = at;
      if ((low[at] as number) < (low[least] as number)) least = at;
      if ((high[at] as number) > (high[greatest] as number)) greatest = at;
    }
    if (gaps === 0 && this.gap < 0) {
      if (first >= 0) this.pick(first, Math.min(least, greatest), Math.max(least, greatest), last);
    } else this.withGaps(start, end, [first, Math.min(least, greatest), Math.max(least, greatest), last]);
  }

  /** What was picked. */
  take(): Uint32Array {
    if (this.gap >= 0) this.kept.push(this.gap);
    this.gap = -1;
    return Uint32Array.from(this.kept);
  }

  /** Positions ascend and may repeat. */
  private pick(...positions: readonly number[]): void {
    let last = this.kept.length > 0 ? (this.kept[this.kept.length - 1] as number) : -1;
    for (const position of positions) {
      if (position <= last) continue;
      this.kept.push(position);
      last = position;
    }
  }

  private withGaps(start: number, end: number, picks: readonly number[]): void {
    const { y } = this.line;
    for (let at = start, next = 0; at < end; at++) {
      if (!Number.isFinite(y[at] as number)) {
        if (this.gap < 0) this.gap = at;
        continue;
      }
      while (next < picks.length && (picks[next] as number) < at) next++;
      if (picks[next] !== at) continue;
      if (this.gap >= 0) this.kept.push(this.gap);
      this.gap = -1;
      this.pick(at);
    }
  }
}
