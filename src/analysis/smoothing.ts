/**
 * TensorBoard's smoothing: an exponential moving average that starts at zero and is divided by the weight it has gathered,
 * so that its head is not pulled to zero. A value that is not finite passes through and moves nothing; a series of one
 * constant value comes back as it is. After `resmoothDataset` in TensorBoard's
 * `tensorboard/webapp/widgets/line_chart_v2/data_transformer.ts`.
 *
 * @param values in the order of their steps
 * @param weight share of the past, 0 (none) to 1; clamped to that range
 * @returns as many numbers as `values`
 */
export function exponentialAverage(values: ArrayLike<number>, weight: number): Float64Array {
  const smoothed = Float64Array.from(values);
  const past = Math.min(1, Math.max(0, Number.isFinite(weight) ? weight : 0));
  const first = smoothed[0];
  if (first === undefined || smoothed.every((value) => value === first)) return smoothed;
  let last = 0;
  let count = 0;
  // What is left of the zero that the average began with; a power for each of many points would take most of the time.
  let left = 1;
  for (let at = 0; at < smoothed.length; at++) {
    const value = smoothed[at] ?? NaN;
    if (!Number.isFinite(value)) continue;
    last = last * past + (1 - past) * value;
    count++;
    if (left > Number.EPSILON / 4) left = past ** count;
    // At weight 1 no weight is ever gathered; TensorBoard shows the sum, which is zero, and so do we.
    smoothed[at] = past === 1 ? last : last / (1 - left);
  }
  return smoothed;
}

/** How a local polynomial is fitted. */
export interface LocalFit {
  /** Distance at which a neighbour counts no more, in grid places; positive. */
  readonly halfWidth: number;
  /** 1: a line through the neighbourhood; 2: a parabola, which flattens peaks and troughs less. */
  readonly degree: 1 | 2;
}

/** The weights by which one place is smoothed: `weights[k]` belongs to grid place `from + k`. */
export interface Taps {
  readonly from: number;
  readonly weights: Float64Array;
}

/**
 * Local polynomial smoothing on an even grid with tricube weights, as a linear map: the value at a place is that of the
 * polynomial fitted to its neighbours, so edges and gaps need no padding. The weights fall with the cube of the distance
 * as in W. S. Cleveland, "Robust Locally Weighted Regression and Smoothing Scatterplots", JASA 74 (1979), without its
 * robustness rounds. Where a gap leaves fewer than degree + 2 neighbours, the neighbourhood grows until it has them.
 */
export class LocalSmoother {
  /** One entry per grid place. */
  readonly taps: readonly Taps[];

  /** @param present per grid place, whether there is a value; the values elsewhere are never read */
  constructor(present: readonly boolean[], fit: LocalFit) {
    const reach = Math.max(1, fit.halfWidth);
    const whole = present.every(Boolean);
    let inner: Float64Array | undefined;
    this.taps = present.map((_, place) => {
      // Without gaps all places away from the edges are smoothed alike.
      const isInner = whole && place >= reach && place + reach <= present.length - 1;
      if (!isInner) return tapsAt(present, place, fit);
      const taps = inner === undefined ? tapsAt(present, place, fit) : undefined;
      inner ??= taps?.weights;
      return taps ?? { from: place - ((inner as Float64Array).length >> 1), weights: inner as Float64Array };
    });
  }

  /** The smoothed values at every place of the grid; `values` has one number per place. */
  apply(values: Float64Array): Float64Array {
    const smoothed = new Float64Array(this.taps.length);
    for (let place = 0; place < smoothed.length; place++) {
      const { from, weights } = this.taps[place] as Taps;
      let sum = 0;
      for (let tap = 0; tap < weights.length; tap++)
        sum += (weights[tap] as number) * (values[from + tap] as number);
      smoothed[place] = sum;
    }
    return smoothed;
  }
}

function tapsAt(present: readonly boolean[], place: number, fit: LocalFit): Taps {
  const length = present.length;
  let reach = Math.max(1, fit.halfWidth);
  let from = 0;
  let to = 0;
  for (;;) {
    from = Math.max(0, Math.ceil(place - reach + 1e-9));
    to = Math.min(length - 1, Math.floor(place + reach - 1e-9));
    let neighbours = 0;
    for (let at = from; at <= to; at++) if (present[at] === true) neighbours++;
    if (neighbours >= fit.degree + 2 || (from === 0 && to === length - 1)) break;
    reach *= 1.25;
  }
  const kernel = new Float64Array(to - from + 1);
  for (let at = from; at <= to; at++) {
    if (present[at] === true) kernel[at - from] = (1 - (Math.abs(at - place) / reach) ** 3) ** 3;
  }
  return { from, weights: fittedWeights(kernel, from - place, reach, fit.degree) };
}

/** What each neighbour adds to the fitted polynomial's value at distance 0. */
function fittedWeights(kernel: Float64Array, first: number, reach: number, degree: 1 | 2): Float64Array {
  const moments = [0, 0, 0, 0, 0];
  kernel.forEach((weight, at) => {
    const distance = (first + at) / reach;
    for (let power = 0, term = weight; power <= 4; power++, term *= distance)
      moments[power] = (moments[power] ?? 0) + term;
  });
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0, m4 = 0] = moments;
  const determinant = m0 * (m2 * m4 - m3 * m3) - m1 * (m1 * m4 - m2 * m3) + m2 * (m1 * m3 - m2 * m2);
  const lineDeterminant = m0 * m2 - m1 * m1;
  let [a, b, c] = [1 / m0, 0, 0];
  if (degree === 2 && determinant > 1e-9 * m0 ** 3) {
    [a, b, c] = [m2 * m4 - m3 * m3, m2 * m3 - m1 * m4, m1 * m3 - m2 * m2].map(
      (cofactor) => cofactor / determinant,
    ) as [number, number, number];
  } else if (lineDeterminant > 1e-9 * m0 ** 2) {
    [a, b] = [m2 / lineDeterminant, -m1 / lineDeterminant];
  }
  return kernel.map((weight, at) => {
    const distance = (first + at) / reach;
    return weight * (a + b * distance + c * distance * distance);
  });
}
