import type { StageRole } from './stageCurve';

/** A smoothed curve in units of its own noise, so that curves add up by how much they can be trusted. */
export interface SmoothCurve {
  readonly role: StageRole;
  readonly values: Float64Array;
}

/** Where the joint curves turn, and how strongly; strengths are sums of curves in units of their noise. */
export interface TurningPoints {
  /** Grid place where length and IoU together are lowest before the peak. */
  readonly trough: number;
  /** Grid place where count, length and half of IoU together are highest. */
  readonly peak: number;
  /** Of all curves together, from trough to peak. */
  readonly rise: number;
  /** Of count and length together, from the peak to the mean of the run's last tenth. */
  readonly fall: number;
  /** Of length and IoU together, from the highest value before the trough down to it. */
  readonly dip: number;
  /** Of each curve on its own, from trough to peak; in the order of the curves. */
  readonly rises: readonly number[];
}

/** Turning points this near to either end of a run, as a share of it, can't be told from the end itself. */
export const MARGIN = 0.1;

/** After the peak IoU holds, or goes on rising slowly: it says less than the others where the peak is. */
const IOU_AT_PEAK = 0.5;

/** The roles that mark the trough, and those that must fall after the peak. */
const TROUGH_ROLES: readonly StageRole[] = ['responseLength', 'iou'];
const FALL_ROLES: readonly StageRole[] = ['zoomCount', 'responseLength'];

/**
 * Finds the trough and the peak. @param peakEnd share of the run after which no peak is looked for: 1 - `MARGIN` for a
 * run that is over, 1 for one that may still be rising
 */
export function turningPoints(curves: readonly SmoothCurve[], peakEnd = 1 - MARGIN): TurningPoints {
  const places = curves[0]?.values.length ?? 0;
  const all = sum(curves, places);
  const peaked = sum(curves, places, IOU_AT_PEAK);
  const low = sum(ofRoles(curves, TROUGH_ROLES), places);
  const falling = sum(ofRoles(curves, FALL_ROLES), places);
  const start = Math.ceil(MARGIN * (places - 1));
  const peak = extreme(peaked, start + 1, Math.floor(peakEnd * (places - 1)), 1);
  const trough = extreme(low, start, peak - 1, -1);
  const before = extreme(low, 0, trough, 1);
  const tail = Math.max(1, Math.round(MARGIN * places));
  let end = 0;
  for (let place = places - tail; place < places; place++) end += at(falling, place) / tail;
  return {
    trough,
    peak,
    rise: at(all, peak) - at(all, trough),
    fall: at(falling, peak) - end,
    dip: at(low, before) - at(low, trough),
    rises: curves.map(({ values }) => at(values, peak) - at(values, trough)),
  };
}

/** The curves of some roles; all of them where a run has none of those. */
function ofRoles(curves: readonly SmoothCurve[], roles: readonly StageRole[]): readonly SmoothCurve[] {
  const chosen = curves.filter(({ role }) => roles.includes(role));
  return chosen.length > 0 ? chosen : curves;
}

function sum(curves: readonly SmoothCurve[], places: number, iouWeight = 1): Float64Array {
  const total = new Float64Array(places);
  for (const { role, values } of curves) {
    const weight = role === 'iou' ? iouWeight : 1;
    for (let place = 0; place < places; place++)
      total[place] = (total[place] as number) + weight * (values[place] as number);
  }
  return total;
}

/** The place of the largest (`sign` 1) or smallest (-1) value, the first of equals. */
function extreme(values: Float64Array, from: number, to: number, sign: 1 | -1): number {
  let best = from;
  for (let place = from + 1; place <= to; place++)
    if (sign * (at(values, place) - at(values, best)) > 0) best = place;
  return best;
}

function at(values: Float64Array, place: number): number {
  return values[place] as number;
}
