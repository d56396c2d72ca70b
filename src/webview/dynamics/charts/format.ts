import type { XMode } from '../../../protocol/dynamicsView';
import type { ChartModel } from './stackModel';

/** How the values of a chart are written. */
export type Unit = ChartModel['unit'];

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const grouped = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** Decimals that tell numbers apart that stand `step` from each other. */
function decimalsOf(step: number): number {
  for (let decimals = 0; decimals < 12; decimals++) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return decimals;
  }
  return 12;
}

const isPlainSize = (size: number): boolean => size === 0 || (size >= 1e-4 && size < 1e7);

/**
 * A label of the value axis.
 * @param step distance to the next label, in the value's own unit
 */
export function formatTick(value: number, step: number, unit: Unit): string {
  if (unit === 'percent') return `${grouped(value * 100, decimalsOf(Number((step * 100).toPrecision(9))))} %`;
  const size = Math.max(Math.abs(value), step);
  if (!isPlainSize(size) || decimalsOf(step) > 5) {
    return value === 0
      ? '0'
      : value
          .toExponential(size / step > 10 ? 2 : 1)
          .replace(/\.?0+e/, 'e')
          .replace('e+', 'e');
  }
  return grouped(value, decimalsOf(step));
}

/** A value for reading: three to four digits that mean something. */
export function formatValue(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  if (unit === 'percent') return `${grouped(value * 100, 1)} %`;
  const size = Math.abs(value);
  if (!isPlainSize(size)) return value.toExponential(2).replace('e+', 'e');
  if (unit === 'tokens') return grouped(value, size >= 100 ? 0 : 1);
  if (size >= 1000 || (Number.isInteger(value) && size >= 10)) return grouped(value, 0);
  if (size >= 100) return grouped(value, 1);
  if (size >= 1 || size === 0) return grouped(value, 2);
  return size >= 0.1 ? grouped(value, 3) : String(Number(value.toPrecision(3)));
}

const two = (value: number): string => String(value).padStart(2, '0');

/**
 * A time since the start.
 * @param precision seconds that must be told apart: seconds are said below a minute, minutes below a day
 */
export function formatDuration(seconds: number, precision: number): string {
  const sign = seconds < 0 ? '−' : '';
  const whole = Math.round(Math.abs(seconds));
  const [days, hours, minutes] = [
    Math.floor(whole / DAY),
    Math.floor(whole / HOUR),
    Math.floor(whole / MINUTE),
  ];
  if (precision < MINUTE) return `${sign}${hours}:${two(minutes % 60)}:${two(whole % 60)}`;
  const parts = [
    days > 0 ? `${days} d` : '',
    hours % 24 > 0 ? `${hours % 24} h` : '',
    minutes % 60 > 0 && days === 0 ? `${minutes % 60} min` : '',
  ].filter((part) => part !== '');
  return parts.length === 0 ? '0' : sign + parts.join(' ');
}

const clock = (date: Date, withSeconds: boolean): string =>
  `${two(date.getHours())}:${two(date.getMinutes())}${withSeconds ? `:${two(date.getSeconds())}` : ''}`;

/** Day and month as the reader's own language has them. */
export function formatDay(seconds: number): string {
  return new Date(seconds * 1000).toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

/** Local time of day. */
export function formatClock(seconds: number, precision: number): string {
  return clock(new Date(seconds * 1000), precision < MINUTE);
}

/** A place on the axis in words: 'step 46', '1:02:03', '21 Nov 14:05:10'. */
export function formatPlace(x: number, mode: XMode): string {
  if (mode === 'step') return `step ${grouped(x, Number.isInteger(x) ? 0 : 1)}`;
  if (mode === 'relative') return x >= 2 * DAY ? formatDuration(x, HOUR) : formatDuration(x, 1);
  return `${formatDay(x)} ${formatClock(x, 1)}`;
}
