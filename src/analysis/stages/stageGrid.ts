import { distinctSteps, forEachPoint } from './stageCurve';
import type { RoleCurve, StageRole } from './stageCurve';

/**
 * Places of the common grid at most. A boundary is then good to 0.8 % of the run, far below what noise leaves, and a
 * simulated run costs some tens of microseconds.
 */
export const MAX_PLACES = 120;

/** A curve on the common grid. */
export interface GridCurve {
  readonly role: StageRole;
  /** The mean of the values nearest to each place; 0 where there are none. */
  readonly values: Float64Array;
  readonly present: readonly boolean[];
}

/** Curves with differing steps brought onto one even grid over the steps that they share in covering. */
export interface StageGrid {
  readonly places: number;
  /** Step of place 0 and of the last place. */
  readonly first: number;
  readonly last: number;
  readonly curves: readonly GridCurve[];
}

/** Bins curves onto an even grid with as many places as the best recorded curve has steps, `MAX_PLACES` at most. */
export function toGrid(curves: readonly RoleCurve[]): StageGrid {
  let first = Infinity;
  let last = -Infinity;
  for (const { curve } of curves) {
    forEachPoint(curve, (step) => {
      first = Math.min(first, step);
      last = Math.max(last, step);
    });
  }
  const recorded = Math.max(0, ...curves.map(({ curve }) => distinctSteps(curve)));
  const places = Math.min(MAX_PLACES, recorded);
  return { places, first, last, curves: curves.map((one) => onGrid(one, places, first, last)) };
}

/** The step in the middle of a place. */
export function stepOf(grid: StageGrid, place: number): number {
  return grid.places < 2 ? grid.first : grid.first + ((grid.last - grid.first) * place) / (grid.places - 1);
}

/** The recorded step nearest to a place: among those of the curves that the grid was made of. */
export function recordedStep(grid: StageGrid, curves: readonly RoleCurve[], place: number): number {
  const wanted = stepOf(grid, place);
  let nearest = wanted;
  let distance = Infinity;
  for (const { curve } of curves) {
    forEachPoint(curve, (step) => {
      const off = Math.abs(step - wanted);
      if (off < distance) [nearest, distance] = [step, off];
    });
  }
  return nearest;
}

function onGrid({ role, curve }: RoleCurve, places: number, first: number, last: number): GridCurve {
  const sums = new Float64Array(places);
  const counts = new Float64Array(places);
  const scale = last > first ? (places - 1) / (last - first) : 0;
  forEachPoint(curve, (step, value) => {
    const place = Math.round((step - first) * scale);
    sums[place] = (sums[place] as number) + value;
    counts[place] = (counts[place] as number) + 1;
  });
  const present = Array.from(counts, (count) => count > 0);
  const values = sums.map((sum, place) => (present[place] === true ? sum / (counts[place] as number) : 0));
  return { role, values: withoutSpikes(values, present), present };
}

/** Deviations from a running median beyond this many robust standard deviations are cut back to it. */
const SPIKE = 6;

/**
 * One broken step must not bend a curve. Each value is held within `SPIKE` robust standard deviations (1.4826 times the
 * median absolute deviation) of the median of itself and three neighbours on each side; normal noise never gets there.
 */
function withoutSpikes(values: Float64Array, present: readonly boolean[]): Float64Array {
  const known = values.filter((_, place) => present[place] === true);
  const centres = known.map((_, at) => median(known.slice(Math.max(0, at - 3), at + 4)));
  const bound = SPIKE * 1.4826 * median(known.map((value, at) => Math.abs(value - (centres[at] as number))));
  if (!(bound > 0)) return values;
  let at = 0;
  return values.map((value, place) => {
    if (present[place] !== true) return value;
    const centre = centres[at++] as number;
    return Math.min(centre + bound, Math.max(centre - bound, value));
  });
}

function median(values: Float64Array): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2;
}
