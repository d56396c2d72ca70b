import { firstAt } from '../analysis/thinning';
import type { PlacedCurve } from './placedCurve';

/** Several curves as one: their mean at each x, and the least and greatest of them there. */
export interface MemberCurve extends PlacedCurve {
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/**
 * The mean of curves at every step that at least one of them has. Nothing is interpolated: a curve counts where it has a
 * finite value of its own, so where the members' steps differ the mean is that of fewer of them.
 */
export function meanBySteps(members: readonly PlacedCurve[]): MemberCurve {
  const x = unionOf(members.map((member) => member.x));
  const bands = emptyBands(x.length);
  const at = members.map(() => 0);
  x.forEach((step, place) => {
    const values = members.map((member, index) => {
      if (member.x[at[index] as number] !== step) return NaN;
      return member.y[(at[index] as number)++] as number;
    });
    setBand(bands, place, values);
  });
  return { x, steps: x, ...bands };
}

/**
 * The mean of curves by time, where hardly two points fall together: at the places of a grid each curve is read between
 * its neighbouring points, in a straight line; before its first and behind its last point, and beside a gap, it does not
 * count.
 * @param places of the grid, ascending
 */
export function meanByTime(members: readonly PlacedCurve[], places: Float64Array): MemberCurve {
  const bands = emptyBands(places.length);
  const steps = new Float64Array(places.length);
  places.forEach((place, at) => {
    const neighbours = members.map(({ x }) => firstAt(x, place, true) - 1);
    setBand(
      bands,
      at,
      members.map((member, index) => between(member, place, neighbours[index] as number)),
    );
    const told = members.findIndex((_, index) => (neighbours[index] as number) >= 0);
    steps[at] = members[told]?.steps[neighbours[told] as number] ?? NaN;
  });
  return { x: places, steps, ...bands };
}

/** All numbers of ascending lists, ascending, each once. */
export function unionOf(lists: readonly Float64Array[]): Float64Array {
  const [only] = lists;
  if (lists.length === 1 && only) return only;
  const all = new Float64Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  all.sort();
  return all.filter((value, index) => index === 0 || value !== all[index - 1]);
}

/** The value of a curve at a place, of which `at` is the last point that is not behind it. */
function between({ x, y }: PlacedCurve, place: number, at: number): number {
  if (at < 0) return NaN;
  const [from, value] = [x[at] as number, y[at] as number];
  if (from === place) return value;
  const [to, next] = [x[at + 1] ?? NaN, y[at + 1] ?? NaN];
  return value + ((next - value) * (place - from)) / (to - from);
}

interface Bands {
  readonly y: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

function emptyBands(length: number): Bands {
  const list = (): Float64Array => new Float64Array(length).fill(NaN);
  return { y: list(), low: list(), high: list() };
}

function setBand({ y, low, high }: Bands, at: number, values: readonly number[]): void {
  let [sum, count, least, greatest] = [0, 0, Infinity, -Infinity];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (count > 0) [y[at], low[at], high[at]] = [sum / count, least, greatest];
}
