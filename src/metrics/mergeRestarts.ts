import type { RawRun, RawSeries } from './rawRun';

/** A curve: steps rise, one value each. All lists are aligned. */
export interface Series {
  readonly key: string;
  readonly steps: Float64Array;
  readonly values: Float64Array;
  /** Seconds since 1970; NaN where the file does not tell. */
  readonly wallTimes: Float64Array;
  /** Which part of the run each point comes from, and its row there: the way back to its bytes. */
  readonly parts: Float64Array;
  readonly rows: Float64Array;
}

/** Curves of one run after its restarts were merged. */
export interface MergedRun {
  /** In the order in which keys first appeared. */
  readonly series: ReadonlyMap<string, Series>;
  /** Steps at which a restart wrote anew, ascending: marks for the axis. */
  readonly breaks: readonly number[];
}

interface Point {
  readonly step: number;
  readonly part: number;
  readonly row: number;
  readonly value: number;
}

/** The parts of a run in the order in which they were written, such as the event files of one folder. */
export type RunParts = readonly RawRun[];

/**
 * Joins the parts of a run into curves. Where a step was written more than once, the last written value counts, as the
 * writers' own viewers show it; a purge voids everything before it from its step on, for every key. Rows without a step
 * are no points of a curve.
 */
export function mergeRestarts(parts: RunParts): MergedRun {
  const keys = new Set(parts.flatMap((part) => [...part.series.keys()]));
  const breaks = new Set<number>();
  const voids = purges(parts, breaks);
  const series = new Map<string, Series>();
  for (const key of keys) {
    const points = lastWritten(key, parts, voids, breaks);
    if (points.length > 0) series.set(key, toSeries(key, points, parts));
  }
  return { series, breaks: [...breaks].sort((a, b) => a - b) };
}

/** Rows of part `part` before `row` are void from `step` on. */
interface Void {
  readonly part: number;
  readonly row: number;
  readonly step: number;
}

function purges(parts: RunParts, breaks: Set<number>): Void[] {
  return parts.flatMap((part, index) =>
    part.breaks.flatMap(({ kind, row, step }) => {
      if (step === undefined) return [];
      breaks.add(step);
      return kind === 'purge' ? [{ part: index, row, step }] : [];
    }),
  );
}

function isVoid(point: Point, voids: readonly Void[]): boolean {
  return voids.some(
    ({ part, row, step }) =>
      point.step >= step && (point.part < part || (point.part === part && point.row < row)),
  );
}

function lastWritten(key: string, parts: RunParts, voids: readonly Void[], breaks: Set<number>): Point[] {
  const byStep = new Map<number, Point>();
  let last = -Infinity;
  for (const [part, run] of parts.entries()) {
    const series = run.series.get(key);
    if (!series) continue;
    for (const point of pointsOf(series, run, part)) {
      if (Number.isNaN(point.step) || isVoid(point, voids)) continue;
      // A key that goes back in its steps was written by somebody who started again from there.
      if (point.step < last) breaks.add(point.step);
      last = point.step;
      byStep.set(point.step, point);
    }
  }
  return [...byStep.values()].sort((a, b) => a.step - b.step);
}

function* pointsOf(series: RawSeries, run: RawRun, part: number): Generator<Point> {
  for (let index = 0; index < series.rows.length; index++) {
    const row = series.rows.at(index);
    yield { step: run.steps.at(row), part, row, value: series.values.at(index) };
  }
}

function toSeries(key: string, points: readonly Point[], parts: RunParts): Series {
  const column = (of: (point: Point) => number): Float64Array => Float64Array.from(points, of);
  return {
    key,
    steps: column(({ step }) => step),
    values: column(({ value }) => value),
    wallTimes: column(({ part, row }) => parts[part]?.wallTimes.at(row) ?? NaN),
    parts: column(({ part }) => part),
    rows: column(({ row }) => row),
  };
}
