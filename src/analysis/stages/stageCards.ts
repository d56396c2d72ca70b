import { conceptName, forEachPoint } from './stageCurve';
import type { StageConcept, StageCurve } from './stageCurve';

/** The stages in the paper's words. */
export const STAGE_NAMES = [
  'initial exploration',
  'high-frequency zooming',
  'efficient exploitation',
] as const;

/** What a curve did within a stage. */
export interface StageChange {
  readonly concept: StageConcept;
  /** Means of the stage's first and last points, a tenth of them each. */
  readonly start: number;
  readonly end: number;
  /** 'flat': the difference is within twice its standard error, or below 5 % of the curve's range over the run. */
  readonly direction: 'rises' | 'falls' | 'flat';
  /** The highest or lowest point between, where it stands out from start and end. */
  readonly excursion?: Excursion;
}

/** A point far above, or below, both ends of a stage. */
export interface Excursion {
  readonly step: number;
  readonly value: number;
  readonly kind: 'peak' | 'dip';
}

/** Share of the curve's range over the run, and standard deviations of its noise, by which an excursion stands out. */
const EXCURSION = { range: 0.3, deviations: 4 } as const;

/** One stage of a run. */
export interface StageCard {
  /** One of `STAGE_NAMES`, or 'stage 1' and so on where the numbers do something else. */
  readonly name: string;
  /** First and last recorded step, both included. */
  readonly from: number;
  readonly to: number;
  /** Means over the stage; a concept without a finite value in it is absent. */
  readonly means: Readonly<Partial<Record<StageConcept, number>>>;
  readonly changes: readonly StageChange[];
  /** The changes in words: 'zoom count 0.67 -> 1.05, length 197 -> 175, IoU flat'. */
  readonly summary: string;
}

/**
 * Describes what curves did between boundaries, found ones or such as a person has chosen.
 *
 * @param boundaries first steps of the second and later stages, ascending
 * @param names one per stage; 'stage 1' and so on where absent
 */
export function stageCards(
  curves: readonly StageCurve[],
  boundaries: readonly number[],
  names: readonly string[] = [],
): StageCard[] {
  const bounds = [-Infinity, ...boundaries, Infinity];
  return bounds.slice(0, -1).flatMap((from, index) => {
    const within = (step: number): boolean => step >= from && step < (bounds[index + 1] ?? Infinity);
    const range = stepRange(curves, within);
    if (!range) return [];
    const changes = curves.flatMap((curve) => change(curve, within));
    return [
      {
        name: names[index] ?? `stage ${index + 1}`,
        from: range[0],
        to: range[1],
        means: means(curves, within),
        changes,
        summary: changes.map(inWords).join(', '),
      },
    ];
  });
}

/** A value for a sentence: three digits where there are as many. */
export function shortNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return value.toExponential(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
}

function inWords({ concept, start, end, direction, excursion }: StageChange): string {
  const name = conceptName(concept);
  const words =
    direction === 'flat' ? `${name} flat` : `${name} ${shortNumber(start)} -> ${shortNumber(end)}`;
  if (!excursion) return words;
  return `${words} after a ${excursion.kind} of ${shortNumber(excursion.value)} at step ${excursion.step}`;
}

function stepRange(
  curves: readonly StageCurve[],
  within: (step: number) => boolean,
): readonly [number, number] | undefined {
  let [first, last] = [Infinity, -Infinity];
  for (const curve of curves) {
    forEachPoint(curve, (step) => {
      if (!within(step)) return;
      first = Math.min(first, step);
      last = Math.max(last, step);
    });
  }
  return first <= last ? [first, last] : undefined;
}

function means(
  curves: readonly StageCurve[],
  within: (step: number) => boolean,
): Partial<Record<StageConcept, number>> {
  const result: Partial<Record<StageConcept, number>> = {};
  for (const curve of curves) {
    let [sum, count] = [0, 0];
    forEachPoint(curve, (step, value) => {
      if (!within(step)) return;
      sum += value;
      count++;
    });
    if (count > 0 && result[curve.concept] === undefined) result[curve.concept] = sum / count;
  }
  return result;
}

/** Nothing for fewer than four points: they have no start and end to speak of. */
function change(curve: StageCurve, within: (step: number) => boolean): StageChange[] {
  const points: (readonly [number, number])[] = [];
  let [low, high] = [Infinity, -Infinity];
  forEachPoint(curve, (step, value) => {
    low = Math.min(low, value);
    high = Math.max(high, value);
    if (within(step)) points.push([step, value]);
  });
  if (points.length < 4) return [];
  points.sort((a, b) => a[0] - b[0]);
  const values = points.map(([, value]) => value);
  const part = Math.max(1, Math.round(values.length / 10));
  const start = mean(values.slice(0, part));
  const end = mean(values.slice(-part));
  const noise = noiseOf(values);
  const range = high - low;
  const flat = Math.abs(end - start) <= Math.max((2 * noise) / Math.sqrt(part), 0.05 * range);
  const least = Math.max(EXCURSION.range * range, EXCURSION.deviations * noise);
  // Of a curve that never changes, what rounding leaves of its mean is no peak.
  const excursion = range > 0 ? excursionOf(points, [start, end], least) : undefined;
  return [
    {
      concept: curve.concept,
      start,
      end,
      direction: flat ? 'flat' : end > start ? 'rises' : 'falls',
      ...(excursion && { excursion }),
    },
  ];
}

/**
 * Standard deviation of the noise. Neighbours differ by it alone, by twice its variance (von Neumann 1941); the median
 * leaves out the few differences of a burst (0.6745: median of the absolute value of a standard normal).
 */
function noiseOf(values: readonly number[]): number {
  const steps = values.slice(1).map((value, at) => Math.abs(value - (values[at] as number)));
  steps.sort((a, b) => a - b);
  const half = steps.length >> 1;
  const median = ((steps[half] ?? 0) + (steps[(steps.length - 1) >> 1] ?? 0)) / 2;
  return median / 0.6745 / Math.SQRT2;
}

function excursionOf(
  points: readonly (readonly [step: number, value: number])[],
  [start, end]: readonly [number, number],
  least: number,
): Excursion | undefined {
  let [highest, lowest] = [points[0] as readonly [number, number], points[0] as readonly [number, number]];
  for (const point of points) {
    if (point[1] > highest[1]) highest = point;
    if (point[1] < lowest[1]) lowest = point;
  }
  const above = highest[1] - Math.max(start, end);
  const below = Math.min(start, end) - lowest[1];
  if (Math.max(above, below) < least) return undefined;
  const [step, value] = above >= below ? highest : lowest;
  return { step, value, kind: above >= below ? 'peak' : 'dip' };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
