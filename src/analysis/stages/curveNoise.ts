import type { LocalSmoother, Taps } from '../smoothing';
import type { GridCurve } from './stageGrid';

/** What a curve does beside its smooth course: a first-order autoregression, one step per grid place. */
export interface CurveNoise {
  /** Standard deviation, in the curve's own unit; positive unless the curve is constant. */
  readonly spread: number;
  /** Correlation of neighbouring places, 0 to `MAX_CORRELATION`. */
  readonly correlation: number;
}

/** Beyond this, noise and a slow course can't be told apart on a hundred places. */
const MAX_CORRELATION = 0.95;
/** A spread below this share of the curve's own is taken for it: curves without noise would weigh without bound. */
const LEAST_SHARE = 0.01;
/** Neighbouring pairs below which a correlation can't be estimated; 0 is assumed then. */
const LEAST_PAIRS = 10;
/** Places at which the smoother's effect on noise is worked out. */
const PROBES = 9;

/** A linear combination of neighbouring places: what smoothing leaves at one of them. */
interface Leftover {
  readonly from: number;
  readonly weights: Float64Array;
}

/**
 * Estimates spread and correlation from what a narrow smoother leaves of a curve. Smoothing takes a part of the noise
 * along, most of it when neighbours are correlated, so the leftovers look smaller and less correlated than the noise
 * was. How much so follows exactly from the smoother's weights; the correlation is the one that would leave the
 * leftovers' own, found by bisection, and the spread is scaled back accordingly.
 */
export function curveNoise(curve: GridCurve, smoother: LocalSmoother): CurveNoise {
  const { present, values } = curve;
  const course = smoother.apply(values);
  const left = values.map((value, place) =>
    present[place] === true ? value - (course[place] as number) : 0,
  );
  const [variance, product, pairs] = moments(left, present);
  const floor = LEAST_SHARE * ownSpread(values, present);
  const response = responseOf(present, smoother);
  if (variance === 0 || !response) return { spread: floor, correlation: 0 };
  const correlation = pairs < LEAST_PAIRS ? 0 : matching(product / variance, response);
  const kept = covariance(response.own, correlation);
  return { spread: Math.max(floor, Math.sqrt(variance / kept)), correlation };
}

function moments(
  left: Float64Array,
  present: readonly boolean[],
): [variance: number, product: number, pairs: number] {
  let [squares, count, products, pairs] = [0, 0, 0, 0];
  left.forEach((value, place) => {
    if (present[place] !== true) return;
    squares += value * value;
    count++;
    if (present[place + 1] !== true) return;
    products += value * (left[place + 1] as number);
    pairs++;
  });
  return [count === 0 ? 0 : squares / count, pairs === 0 ? 0 : products / pairs, pairs];
}

function ownSpread(values: Float64Array, present: readonly boolean[]): number {
  const known = [...values].filter((_, place) => present[place] === true);
  const centre = mean(known);
  return Math.sqrt(mean(known.map((value) => (value - centre) ** 2)));
}

/** Lags of the noise that a pair of leftovers depends on, and how strongly: mean over the probes. */
interface Response {
  /** Of a leftover with itself; index is the lag. */
  readonly own: Float64Array;
  /** Of a leftover with that of the next place. */
  readonly next: Float64Array;
}

/** How leftovers answer to noise, at pairs of neighbours spread over the curve; single places where it has no pairs. */
function responseOf(present: readonly boolean[], smoother: LocalSmoother): Response | undefined {
  const all = present.flatMap((is, place) => (is ? [place] : []));
  const paired = all.filter((place) => present[place + 1] === true);
  const from = paired.length >= LEAST_PAIRS ? paired : all;
  if (from.length === 0) return undefined;
  const own = new Float64Array(2 * present.length);
  const next = new Float64Array(2 * present.length);
  const probes = Math.min(PROBES, from.length);
  for (let probe = 0; probe < probes; probe++) {
    const place = from[Math.floor(((probe + 0.5) * from.length) / probes)] ?? 0;
    const here = leftover(smoother, place);
    addLags(own, here, here, 1 / probes);
    addLags(next, here, leftover(smoother, Math.min(place + 1, present.length - 1)), 1 / probes);
  }
  return { own, next };
}

function leftover(smoother: LocalSmoother, place: number): Leftover {
  const { from, weights } = smoother.taps[place] as Taps;
  const minus = weights.map((weight) => -weight);
  minus[place - from] = (minus[place - from] as number) + 1;
  return { from, weights: minus };
}

function addLags(lags: Float64Array, a: Leftover, b: Leftover, share: number): void {
  for (let i = 0; i < a.weights.length; i++) {
    for (let j = 0; j < b.weights.length; j++) {
      const lag = Math.abs(a.from + i - b.from - j);
      lags[lag] = (lags[lag] as number) + share * (a.weights[i] as number) * (b.weights[j] as number);
    }
  }
}

/** What noise of spread 1 and some correlation gives. */
function covariance(lags: Float64Array, correlation: number): number {
  let sum = 0;
  for (let lag = 0, power = 1; lag < lags.length && power > 1e-12; lag++, power *= correlation)
    sum += power * (lags[lag] as number);
  return sum;
}

/** The correlation of noise whose leftovers have neighbours correlated by `wanted`. */
function matching(wanted: number, response: Response): number {
  const expected = (correlation: number): number =>
    covariance(response.next, correlation) / covariance(response.own, correlation);
  let [low, high] = [0, MAX_CORRELATION];
  if (wanted <= expected(low)) return low;
  if (wanted >= expected(high)) return high;
  for (let round = 0; round < 12; round++) {
    const middle = (low + high) / 2;
    if (expected(middle) < wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
