import type { XMode } from '../../../protocol/dynamicsView';
import { formatClock, formatDay, formatDuration, formatTick } from './format';

/** A place on an axis and what is written there. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

const DAY = 86_400;
/** Steps between marks of a time axis, seconds. */
const TIME_STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  60,
  120,
  300,
  600,
  900,
  1800,
  3600,
  7200,
  10_800,
  21_600,
  43_200,
  DAY,
  2 * DAY,
  5 * DAY,
];
/** Room for a label of the x axis, CSS pixels. */
const X_ROOM: Readonly<Record<XMode, number>> = { step: 80, relative: 90, wall: 100 };
const MOST_TICKS = 60;

/** The least of 1, 2 and 5 times a power of ten that is not below `least`. */
export function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5].find((digit) => digit * power >= least * (1 - 1e-9)) ?? 10;
  return Number((factor * power).toPrecision(3));
}

/** All multiples of `step`, counted from `origin`, within `[from, to]`. */
export function multiples(from: number, to: number, step: number, origin = 0): number[] {
  const first = Math.ceil((from - origin) / step - 1e-9);
  const last = Math.min(Math.floor((to - origin) / step + 1e-9), first + MOST_TICKS);
  const found: number[] = [];
  for (let at = first; at <= last; at++) found.push(Number((origin + at * step).toPrecision(14)));
  return found;
}

function timeStep(least: number): number {
  return TIME_STEPS.find((step) => step >= least) ?? niceStep(least / DAY) * DAY;
}

function wallTicks(from: number, to: number, least: number): Tick[] {
  const step = timeStep(least);
  // Marks stand at whole local hours and days.
  const midnight = new Date(from * 1000).setHours(0, 0, 0, 0) / 1000;
  let day = '';
  return multiples(from, to, step, midnight).map((value) => {
    const today = formatDay(value);
    const time = step >= DAY ? '' : formatClock(value, step);
    const label = today === day ? time : `${today} ${time}`.trim();
    day = today;
    return { value, label };
  });
}

/**
 * Marks of the x axis that fit.
 * @param width of the axis, CSS pixels
 */
export function xTicks(mode: XMode, range: readonly [number, number], width: number): Tick[] {
  const [from, to] = range;
  const least = (to - from) / Math.max(1, Math.floor(width / X_ROOM[mode]));
  if (!(least > 0)) return Number.isFinite(from) ? [{ value: from, label: xLabel(mode, from) }] : [];
  if (mode === 'wall') return wallTicks(from, to, least);
  // A step is counted: there is none between two.
  const step = mode === 'step' ? Math.max(1, niceStep(least)) : timeStep(least);
  const label = (value: number): string =>
    mode === 'step' ? formatTick(value, step, 'number') : formatDuration(value, step);
  return multiples(from, to, step).map((value) => ({ value, label: label(value) }));
}

function xLabel(mode: XMode, value: number): string {
  if (mode === 'step') return formatTick(value, 1, 'number');
  return mode === 'relative' ? formatDuration(value, 1) : `${formatDay(value)} ${formatClock(value, 1)}`;
}
