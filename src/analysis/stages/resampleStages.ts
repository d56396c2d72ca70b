import { randomDraws } from '../randomDraws';
import type { RandomDraws } from '../randomDraws';
import type { LocalSmoother } from '../smoothing';
import { smoothCurves, smoothersOf } from './stageEvidence';
import type { StageEvidence } from './stageEvidence';
import { turningPoints } from './turningPoints';

/** Runs that are put together anew from a run's own course and noise. */
export const RESAMPLED_RUNS = 100;
/** Half-widths that take turns, as shares of the chosen one: where a curve turns depends on how much it is smoothed. */
const WIDTHS = [0.3, 0.5, 0.75, 1] as const;
/** Half-width of the course that noise is put back onto, as a share of the run. */
const COURSE_HALF_WIDTH = 0.1;
/** Share of the resampled runs that an interval leaves out on each side. */
const LEFT_OUT = 0.05;
/** Boundaries that move by less than this share of the run count as the same. */
export const SAME_PLACE = 0.06;

/** A range of grid places, both ends included. */
export type PlaceRange = readonly [from: number, to: number];

/** How well the turning points hold when the noise falls differently. */
export interface Resampled {
  readonly trough: PlaceRange;
  readonly peak: PlaceRange;
  /** Share of the resampled runs whose boundaries, those that `which` asks for, stayed where they were. */
  readonly stable: number;
}

/** What is resampled. */
export interface ResampleOptions {
  readonly halfWidth: number;
  readonly seed: number;
  readonly peakEnd: number;
  /** Whether the peak must hold its place too, or the trough alone. */
  readonly which: 'trough' | 'both';
}

/**
 * Residual block bootstrap: blocks of what smoothing left, the same blocks for all curves so that they stay correlated as
 * they are, are put back onto the smooth course in random order, and the boundaries are searched again with one of four
 * half-widths. Blocks after H. R. Künsch, "The jackknife and the bootstrap for general stationary observations", Annals of
 * Statistics 17 (1989), wrapped around the ends.
 */
export function resampleStages(evidence: StageEvidence, options: ResampleOptions): Resampled {
  const { grid, noises, points } = evidence;
  const smoothers = WIDTHS.map((share) => smoothersOf(grid, share * options.halfWidth));
  const courses = smoothersOf(grid, COURSE_HALF_WIDTH).map((smoother, at) =>
    smoother.apply(grid.curves[at]?.values ?? new Float64Array()),
  );
  const leftovers = grid.curves.map((curve, at) => {
    const course = courses[at] as Float64Array;
    const left = curve.values.map((value, place) =>
      curve.present[place] === true ? value - (course[place] as number) : 0,
    );
    const known = curve.present.filter(Boolean).length;
    const size = Math.sqrt(left.reduce((sum, one) => sum + one * one, 0) / known);
    // What smoothing took along of the noise is given back: leftovers get the spread that the noise has.
    return size > 0 ? left.map((one) => (one * (noises[at]?.spread ?? 0)) / size) : left;
  });
  const draws = randomDraws(options.seed);
  const found = Array.from({ length: RESAMPLED_RUNS }, (_, round) => {
    const order = blocks(grid.places, blockLength(grid.places, evidence.correlation), draws);
    const values = courses.map((course, at) => shuffled(course, leftovers[at] as Float64Array, order));
    const chosen = smoothers[round % smoothers.length] as LocalSmoother[];
    return turningPoints(smoothCurves(grid, chosen, values, noises), options.peakEnd);
  });
  const near = (a: number, b: number): boolean => Math.abs(a - b) <= SAME_PLACE * grid.places;
  const stayed = found.filter(
    ({ trough, peak }) =>
      near(trough, points.trough) && (options.which === 'trough' || near(peak, points.peak)),
  );
  return {
    trough: range(
      found.map(({ trough }) => trough),
      points.trough,
    ),
    peak: range(
      found.map(({ peak }) => peak),
      points.peak,
    ),
    stable: stayed.length / found.length,
  };
}

function shuffled(course: Float64Array, leftovers: Float64Array, order: Int32Array): Float64Array {
  const values = new Float64Array(course.length);
  for (let place = 0; place < values.length; place++)
    values[place] = (course[place] as number) + (leftovers[order[place] as number] as number);
  return values;
}

/** Blocks must be longer than noise remembers, and short enough that there are eight of them. */
function blockLength(places: number, correlation: number): number {
  const memory = (2 * (1 + correlation)) / (1 - Math.min(0.9, correlation));
  return Math.max(2, Math.round(Math.min(places / 8, Math.max(places ** (1 / 3), memory))));
}

function blocks(places: number, length: number, draws: RandomDraws): Int32Array {
  const order = new Int32Array(places);
  for (let place = 0; place < places; place += length) {
    const start = Math.floor(draws.uniform() * places);
    for (let at = 0; at < length && place + at < places; at++) order[place + at] = (start + at) % places;
  }
  return order;
}

function range(places: readonly number[], found: number): PlaceRange {
  const sorted = [...places].sort((a, b) => a - b);
  const cut = Math.floor(LEFT_OUT * sorted.length);
  const from = sorted[cut] ?? found;
  const to = sorted[sorted.length - 1 - cut] ?? found;
  return [Math.min(from, found), Math.max(to, found)];
}
