import type { Unit } from './format';
import { formatTick } from './format';
import type { ChartModel } from './stackModel';
import type { Tick } from './ticks';
import { multiples, niceStep } from './ticks';

/** The value axis of a chart. Its places are values, or their decimal logarithms. */
export interface ValueAxis {
  readonly isLogarithmic: boolean;
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly Tick[];
  /** Values in view that a logarithm cannot show, since they are not above zero. */
  readonly notShown: number;
  /** Whether there is anything in view. */
  readonly isEmpty: boolean;
}

/** Place of a value on an axis; NaN where it has none. */
export function axisPlace(value: number, isLogarithmic: boolean): number {
  if (!isLogarithmic) return Number.isFinite(value) ? value : NaN;
  return value > 0 && value < Infinity ? Math.log10(value) : NaN;
}

interface Reach {
  low: number;
  high: number;
  notShown: number;
}

function reachOver(
  reach: Reach,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  range: readonly [number, number],
  isLogarithmic: boolean,
): void {
  for (let at = 0; at < y.length; at++) {
    const place = x[at] ?? NaN;
    if (!(place >= range[0] && place <= range[1])) continue;
    const value = y[at] ?? NaN;
    if (!Number.isFinite(value)) continue;
    if (isLogarithmic && value <= 0) {
      reach.notShown++;
      continue;
    }
    reach.low = Math.min(reach.low, value);
    reach.high = Math.max(reach.high, value);
  }
}

function reachOf(chart: ChartModel, range: readonly [number, number]): Reach {
  const reach: Reach = { low: Infinity, high: -Infinity, notShown: 0 };
  const { logarithmic } = chart;
  for (const { curve } of chart.lines) {
    const { raw, smooth, band } = curve;
    reachOver(reach, raw.x, raw.y, range, logarithmic);
    // Only real samples are counted as not shown.
    const { notShown } = reach;
    if (smooth) reachOver(reach, smooth.x, smooth.y, range, logarithmic);
    if (band) {
      reachOver(reach, raw.x, band.low, range, logarithmic);
      reachOver(reach, raw.x, band.high, range, logarithmic);
    }
    reach.notShown = notShown;
  }
  return reach;
}

function linearAxis(
  low: number,
  high: number,
  marks: number,
  unit: Unit,
): Pick<ValueAxis, 'low' | 'high' | 'ticks'> {
  // One value alone stands in the middle.
  const room = low === high ? (low === 0 ? 1 : Math.abs(low) * 0.1) : 0;
  const [from, to] = [low === 0 && room > 0 ? 0 : low - room, high + room];
  const step = niceStep((to - from) / marks);
  const bottom = Number((Math.floor(from / step + 1e-9) * step).toPrecision(12));
  const top = Number((Math.ceil(to / step - 1e-9) * step).toPrecision(12));
  const ticks = multiples(bottom, top, step).map((value) => ({
    value,
    label: formatTick(value, step, unit),
  }));
  return { low: bottom, high: top, ticks };
}

function logTicks(low: number, high: number, marks: number, unit: Unit): Tick[] {
  const label = (value: number): Tick => ({
    value: Math.log10(value),
    label: formatTick(value, 10 ** Math.floor(Math.log10(value) + 1e-9), unit),
  });
  const decades = high - low;
  if (decades < 0.7) {
    const step = niceStep((10 ** high - 10 ** low) / marks);
    return multiples(10 ** low, 10 ** high, step)
      .filter((value) => value > 0)
      .map((value) => ({ value: Math.log10(value), label: formatTick(value, step, unit) }));
  }
  const every = Math.max(1, Math.ceil(decades / marks));
  const powers = multiples(low, high, every);
  if (decades >= 3 || every > 1) return powers.map((power) => label(Number((10 ** power).toPrecision(12))));
  const found: Tick[] = [];
  for (let power = Math.floor(low); power <= high; power++) {
    for (const digit of [1, 2, 5]) {
      const value = Number((digit * 10 ** power).toPrecision(12));
      if (Math.log10(value) >= low - 1e-9 && Math.log10(value) <= high + 1e-9) found.push(label(value));
    }
  }
  return found;
}

/**
 * The axis that shows every value in view.
 * @param height of the plot, CSS pixels
 */
export function valueAxis(chart: ChartModel, range: readonly [number, number], height: number): ValueAxis {
  const { low, high, notShown } = reachOf(chart, range);
  const isLogarithmic = chart.logarithmic;
  const isEmpty = !(low <= high);
  const marks = Math.min(isLogarithmic ? 9 : 6, Math.max(2, Math.round(height / (isLogarithmic ? 26 : 42))));
  if (isEmpty) return { isLogarithmic, low: 0, high: 1, ticks: [], notShown, isEmpty };
  if (!isLogarithmic)
    return { isLogarithmic, notShown, isEmpty, ...linearAxis(low, high, marks, chart.unit) };
  const room = Math.max(0.02, (Math.log10(high) - Math.log10(low)) * 0.04);
  const [bottom, top] = [Math.log10(low) - room, Math.log10(high) + room];
  return {
    isLogarithmic,
    low: bottom,
    high: top,
    ticks: logTicks(bottom, top, marks, chart.unit),
    notShown,
    isEmpty,
  };
}
