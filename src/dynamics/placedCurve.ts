import { exponentialAverage } from '../analysis/smoothing';
import type { Series } from '../metrics/mergeRestarts';
import type { XMode } from '../protocol/dynamicsView';

/** A curve on an x axis: x never falls and is finite. */
export interface PlacedCurve {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly steps: Float64Array;
  /** Positions in the series of these points; absent where they are all of it in their order. */
  readonly order?: Uint32Array;
}

/** What was worked out of a series; it goes with the series, of which there is a new one when points have come. */
interface Kept {
  placed?: { readonly mode: XMode; readonly start: number; readonly curve: PlacedCurve };
  smooth?: { readonly weight: number; readonly values: Float64Array };
}

const known = new WeakMap<Series, Kept>();

function keptOf(series: Series): Kept {
  let kept = known.get(series);
  if (!kept) known.set(series, (kept = {}));
  return kept;
}

/**
 * Puts a curve on an axis. A point without a place there is left out; where clocks went back points are sorted by time.
 * @param start seconds since 1970 at which `relative` is 0
 */
export function placeCurve(series: Series, mode: XMode, start: number): PlacedCurve {
  const kept = keptOf(series);
  if (kept.placed?.mode === mode && Object.is(kept.placed.start, start)) return kept.placed.curve;
  const { steps, wallTimes, values } = series;
  const axis = mode === 'step' ? steps : mode === 'wall' ? wallTimes : wallTimes.map((time) => time - start);
  const curve = rises(axis) ? { x: axis, y: values, steps } : sorted(axis, series);
  kept.placed = { mode, start, curve };
  return curve;
}

/** The exponential average of all points of a series, in the order of its steps. @param weight 0 to 1, exclusive */
export function smoothed(series: Series, weight: number): Float64Array {
  const kept = keptOf(series);
  if (kept.smooth?.weight !== weight)
    kept.smooth = { weight, values: exponentialAverage(series.values, weight) };
  return kept.smooth.values;
}

/** Values of a series in the order of its placed points. */
export function inOrder(values: Float64Array, { order }: PlacedCurve): Float64Array {
  return order ? Float64Array.from(order, (at) => values[at] as number) : values;
}

function rises(axis: Float64Array): boolean {
  let last = -Infinity;
  for (const x of axis) {
    // A NaN is not at least anything.
    if (!(x >= last) || x === Infinity) return false;
    last = x;
  }
  return axis[0] !== -Infinity;
}

function sorted(axis: Float64Array, { steps, values }: Series): PlacedCurve {
  const order = Uint32Array.from(axis.keys())
    .filter((at) => Number.isFinite(axis[at] as number))
    .sort((a, b) => (axis[a] as number) - (axis[b] as number) || a - b);
  const pick = (column: Float64Array): Float64Array => Float64Array.from(order, (at) => column[at] as number);
  return { x: pick(axis), y: pick(values), steps: pick(steps), order };
}
