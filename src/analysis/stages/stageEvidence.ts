import { randomDraws } from '../randomDraws';
import { LocalSmoother } from '../smoothing';
import { curveNoise } from './curveNoise';
import type { CurveNoise } from './curveNoise';
import type { StageGrid } from './stageGrid';
import { turningPoints } from './turningPoints';
import type { SmoothCurve, TurningPoints } from './turningPoints';

/** Half-width of the smoother that measures noise, as a share of the run: narrow, so that no turn of a curve is taken for noise. */
const NOISE_HALF_WIDTH = 0.08;
/** Runs of noise that the strengths are compared with. */
const NOISE_RUNS = 60;

/** How far a run's turning points stand above those of noise: in standard deviations of noise, above its mean. */
export interface Strengths {
  readonly rise: number;
  readonly fall: number;
  readonly dip: number;
  /** Of each curve on its own; in the order of the grid's curves. */
  readonly rises: readonly number[];
}

/** A run's turning points and what noise alone would give. */
export interface StageEvidence {
  readonly grid: StageGrid;
  readonly noises: readonly CurveNoise[];
  /** Correlation of neighbouring places, mean of the curves: they are too short for one estimate each. */
  readonly correlation: number;
  readonly smooth: readonly SmoothCurve[];
  readonly points: TurningPoints;
  readonly strengths: Strengths;
}

/** How evidence is gathered. */
export interface EvidenceOptions {
  /** Of the parabola smoother, as a share of the run. */
  readonly halfWidth: number;
  readonly seed: number;
  /** See `turningPoints`. */
  readonly peakEnd: number;
}

/**
 * Finds a run's turning points, and the same in runs of autoregressive noise that has the run's own correlation: what
 * noise makes of itself, searched for its best places in the same way, is the scale of every strength.
 */
export function stageEvidence(
  grid: StageGrid,
  noises: readonly CurveNoise[],
  options: EvidenceOptions,
): StageEvidence {
  const smoothers = smoothersOf(grid, options.halfWidth);
  const correlation = noises.reduce((sum, noise) => sum + noise.correlation, 0) / noises.length;
  const smooth = smoothCurves(
    grid,
    smoothers,
    grid.curves.map(({ values }) => values),
    noises,
  );
  const points = turningPoints(smooth, options.peakEnd);
  const unit = noises.map(() => ({ spread: 1, correlation }));
  const draws = randomDraws(options.seed);
  const noise = Array.from({ length: NOISE_RUNS }, () => {
    const values = grid.curves.map(() => autoregression(grid.places, correlation, draws.normal));
    return turningPoints(smoothCurves(grid, smoothers, values, unit), options.peakEnd);
  });
  const strength = (of: (points: TurningPoints) => number): number => standardised(of(points), noise.map(of));
  return {
    grid,
    noises,
    correlation,
    smooth,
    points,
    strengths: {
      rise: strength(({ rise }) => rise),
      fall: strength(({ fall }) => fall),
      dip: strength(({ dip }) => dip),
      rises: grid.curves.map((_, at) => strength(({ rises }) => rises[at] ?? 0)),
    },
  };
}

/** The noise of each curve of a grid. */
export function gridNoises(grid: StageGrid): CurveNoise[] {
  const smoothers = smoothersOf(grid, NOISE_HALF_WIDTH);
  return grid.curves.map((curve, at) => curveNoise(curve, smoothers[at] as LocalSmoother));
}

/** One smoother per curve; curves with the same gaps share theirs. */
export function smoothersOf(grid: StageGrid, halfWidth: number): LocalSmoother[] {
  const byGaps = new Map<string, LocalSmoother>();
  return grid.curves.map(({ present }) => {
    const gaps = present.map(Number).join('');
    let smoother = byGaps.get(gaps);
    if (!smoother) {
      smoother = new LocalSmoother(present, { halfWidth: halfWidth * grid.places, degree: 2 });
      byGaps.set(gaps, smoother);
    }
    return smoother;
  });
}

/** Curves smoothed and divided by their noise; a constant curve is zero throughout and says nothing. */
export function smoothCurves(
  grid: StageGrid,
  smoothers: readonly LocalSmoother[],
  values: readonly Float64Array[],
  noises: readonly CurveNoise[],
): SmoothCurve[] {
  return grid.curves.map(({ role }, at) => {
    const smoothed = (smoothers[at] as LocalSmoother).apply(values[at] as Float64Array);
    const { spread } = noises[at] as CurveNoise;
    for (let place = 0; place < smoothed.length; place++)
      smoothed[place] = spread > 0 ? (smoothed[place] as number) / spread : 0;
    return { role, values: smoothed };
  });
}

function autoregression(places: number, correlation: number, normal: () => number): Float64Array {
  const values = new Float64Array(places);
  const fresh = Math.sqrt(1 - correlation * correlation);
  let value = normal();
  for (let place = 0; place < places; place++) {
    values[place] = value;
    value = correlation * value + fresh * normal();
  }
  return values;
}

function standardised(value: number, noise: readonly number[]): number {
  const mean = noise.reduce((sum, one) => sum + one, 0) / noise.length;
  const variance = noise.reduce((sum, one) => sum + (one - mean) ** 2, 0) / (noise.length - 1);
  return variance > 0 ? (value - mean) / Math.sqrt(variance) : 0;
}
