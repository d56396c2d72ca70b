import type { RandomDraws } from '../../src/analysis/randomDraws';
import { randomDraws } from '../../src/analysis/randomDraws';
import type { StageCurve, StageRole } from '../../src/analysis/stages/stageCurve';

/** What a made run is: three stages, or one of the kinds that have none. */
export type StageRunKind = 'three stages' | 'white' | 'autocorrelated' | 'trend' | 'saturating' | 'collapse';

/** A made training run and its truth. */
export interface StageRun {
  readonly kind: StageRunKind;
  readonly curves: readonly StageCurve[];
  /** First steps of stage 2 and stage 3; absent where there are no stages. */
  readonly boundaries?: readonly [number, number];
  readonly length: number;
  /** Standard deviation of the noise, as a share of each curve's base. */
  readonly noise: number;
}

const ROLES: readonly StageRole[] = ['zoomCount', 'responseLength', 'iou'];
/** Level of each curve, in its unit. */
const BASES = [1, 200, 0.3] as const;
const OTHERS: readonly StageRunKind[] = ['white', 'autocorrelated', 'trend', 'saturating', 'collapse'];

/** `count` runs with three stages, then as many without, each 60 to 2,000 steps with 2 to 10 % noise. */
export function stageRuns(seed: number, count: number): StageRun[] {
  const draws = randomDraws(seed);
  return Array.from({ length: 2 * count }, (_, at) =>
    oneRun(draws, at < count ? 'three stages' : (OTHERS[at % OTHERS.length] as StageRunKind)),
  );
}

type Shape = (at: number) => readonly [number, number, number];

function oneRun(draws: RandomDraws, kind: StageRunKind): StageRun {
  const between = (low: number, high: number): number => low + (high - low) * draws.uniform();
  const length = Math.floor(Math.exp(between(Math.log(60), Math.log(2000))));
  const noise = between(0.02, 0.1);
  const staged = kind === 'three stages' ? threeStages(between) : undefined;
  const shape = staged?.shape ?? shapeOf(kind, between);
  const phi = staged ? between(0, 0.3) : kind === 'autocorrelated' ? between(0.3, 0.7) : 0;
  const missing = draws.uniform() < 0.25 ? Math.floor(3 * draws.uniform()) : -1;
  const steps = Array.from({ length }, (_, step) => step);
  const curves = ROLES.map((concept, role) => {
    const base = BASES[role] as number;
    const wander = autoregression(length, phi, draws);
    const values = steps.map(
      (step) => base * ((shape(step / (length - 1))[role] as number) + noise * (wander[step] as number)),
    );
    return { concept, steps, values };
  });
  return {
    kind,
    curves: curves.filter((_, role) => role !== missing),
    ...(staged && {
      boundaries: staged.turns.map((turn) => Math.round(turn * (length - 1))) as [number, number],
    }),
    length,
    noise,
  };
}

type Between = (low: number, high: number) => number;

function threeStages(between: Between): { shape: Shape; turns: readonly [number, number] } {
  const trough = between(0.15, 0.38);
  const peak = between(0.5, 0.72);
  const burst = between(0.25, 0.5) * trough;
  const rise = between(0.6, 1.6);
  const settle = between(0.3, 0.7);
  const low = between(0.75, 0.95);
  const left = rise * (1 - settle);
  const count = path(
    [0, between(0.5, 0.9)],
    [burst, between(0.9, 1.2)],
    [trough, 1],
    [peak, 1 + rise],
    [1, 1 + left],
  );
  const words = path(
    [0, between(0.95, 1.1)],
    [burst, between(1.1, 1.7)],
    [trough, low],
    [peak, low * (1 + 0.6 * rise)],
    [1, low * (1 + 0.6 * left)],
  );
  const iou = path(
    [0, between(0.85, 1.1)],
    [trough, low],
    [peak, low * between(1.4, 1.8)],
    [1, low * between(1.35, 1.7)],
  );
  return { shape: (at) => [count(at), words(at), iou(at)], turns: [trough, peak] };
}

function shapeOf(kind: StageRunKind, between: Between): Shape {
  const signs = [0, 1, 2].map(() => (between(0, 1) < 0.5 ? -1 : 1));
  const each = (of: (sign: number) => number): [number, number, number] =>
    signs.map(of) as [number, number, number];
  if (kind === 'trend') return (at) => each((sign) => 1 + 0.5 * sign * (at - 0.5));
  if (kind === 'saturating') {
    const tau = between(0.1, 0.4);
    return (at) => each((sign) => 1 + 0.4 * sign * (1 - Math.exp(-at / tau)));
  }
  if (kind === 'collapse') {
    const middle = between(0.3, 0.7);
    return (at) => {
      const alive = 1 / (1 + Math.exp(20 * (at - middle)));
      return [1.2 * alive + 0.02, 0.6 + 0.4 * alive, 0.7 + 0.3 * alive];
    };
  }
  return () => [1, 1, 1];
}

/** A cubic through points, level at the ends and wherever the direction changes, so that it turns at its points only. */
function path(...points: readonly (readonly [at: number, value: number])[]): (at: number) => number {
  const x = points.map(([at]) => at);
  const y = points.map(([, value]) => value);
  const slopes = y.slice(1).map((value, k) => (value - y[k]!) / (x[k + 1]! - x[k]!));
  const tangents = y.map((_, k) => {
    const [before, after] = [slopes[k - 1] ?? 0, slopes[k] ?? 0];
    return before * after > 0 ? 2 / (1 / before + 1 / after) : 0;
  });
  return (at) => {
    let k = 0;
    while (k < x.length - 2 && at >= x[k + 1]!) k++;
    const width = x[k + 1]! - x[k]!;
    const t = (at - x[k]!) / width;
    const change = y[k + 1]! - y[k]!;
    const blend = t * t * (3 - 2 * t);
    return y[k]! + blend * change + width * t * (1 - t) * ((1 - t) * tangents[k]! - t * tangents[k + 1]!);
  };
}

function autoregression(length: number, phi: number, draws: RandomDraws): Float64Array {
  const values = new Float64Array(length);
  let value = draws.normal();
  for (let step = 0; step < length; step++) {
    values[step] = value;
    value = phi * value + Math.sqrt(1 - phi * phi) * draws.normal();
  }
  return values;
}
