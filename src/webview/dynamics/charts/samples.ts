import type { LineView } from '../../../protocol/dynamicsView';
import type { ChartModel } from './stackModel';
import { axisPlace } from './valueAxis';
import type { XScale } from './xScale';

/** A real sample of a curve. */
export interface Sample {
  readonly x: number;
  readonly y: number;
  readonly step: number;
}

/** Index of the first entry that is not below `x`; the lists' length when there is none. `places` rises. */
export function lowerBound(places: ArrayLike<number>, x: number): number {
  let [low, high] = [0, places.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((places[middle] ?? Infinity) < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sampleAt(line: LineView, at: number): Sample | undefined {
  const [x, y, step] = [line.x[at], line.y[at], line.steps[at]];
  if (x === undefined || y === undefined || step === undefined || !Number.isFinite(y)) return undefined;
  return { x, y, step };
}

function walkFrom(line: LineView, start: number, way: -1 | 1): Sample | undefined {
  for (let at = start; at >= 0 && at < line.x.length; at += way) {
    const sample = sampleAt(line, at);
    if (sample) return sample;
  }
  return undefined;
}

/** The sample with a finite value that is nearest to a place; the earlier one of two at the same distance. */
export function nearestSample(line: LineView, x: number): Sample | undefined {
  const at = lowerBound(line.x, x);
  const [before, after] = [walkFrom(line, at - 1, -1), walkFrom(line, at, 1)];
  if (!before || !after) return before ?? after;
  return x - before.x <= after.x - x ? before : after;
}

/** The nearest sample of any of the lines. */
export function nearestOf(lines: readonly LineView[], x: number): Sample | undefined {
  let best: Sample | undefined;
  for (const line of lines) {
    const sample = nearestSample(line, x);
    if (sample && (!best || Math.abs(sample.x - x) < Math.abs(best.x - x))) best = sample;
  }
  return best;
}

/** The next place after (or before) `x` at which any of the lines has a sample, so many samples on. */
export function neighbourPlace(
  lines: readonly LineView[],
  x: number,
  way: -1 | 1,
  count = 1,
): number | undefined {
  let place: number | undefined;
  for (let from = x, turn = 0; turn < count; turn++) {
    let next: number | undefined;
    for (const line of lines) {
      let start = way > 0 ? lowerBound(line.x, from) : lowerBound(line.x, from) - 1;
      while (way > 0 && (line.x[start] ?? Infinity) <= from) start++;
      const sample = walkFrom(line, start, way);
      if (sample && (next === undefined || (way > 0 ? sample.x < next : sample.x > next))) next = sample.x;
    }
    if (next === undefined) break;
    place = next;
    from = next;
  }
  return place;
}

/** The raw lines of charts. */
export function rawLines(charts: readonly ChartModel[]): LineView[] {
  return charts.flatMap((chart) => chart.lines.map((line) => line.curve.raw));
}

/** Where so many pixels and more belong to each point there is room for a mark at each, CSS pixels. */
const MARK_ROOM = 28;

/**
 * Indices of the points in view that need a mark to be seen: those with a gap or an end on both sides and those beside a
 * gap in the middle of the line; all of them where they lie far apart.
 */
export function markedPoints(line: LineView, scale: XScale, isLogarithmic: boolean): number[] {
  const { x, y } = line;
  const isThere = (at: number): boolean => !Number.isNaN(axisPlace(y[at] ?? NaN, isLogarithmic));
  const first = lowerBound(x, scale.from);
  let behind = lowerBound(x, scale.to);
  if (x[behind] === scale.to) behind++;
  const isSparse = (behind - first) * MARK_ROOM <= scale.width;
  const found: number[] = [];
  for (let at = first; at < behind; at++) {
    if (!isThere(at)) continue;
    const [left, right] = [isThere(at - 1), isThere(at + 1)];
    const isBeside = (!left && at > 0) || (!right && at < x.length - 1);
    if (isSparse || isBeside || (!left && !right)) found.push(at);
  }
  return found;
}
