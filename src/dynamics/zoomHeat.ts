import type { XMode, ZoomHeatView } from '../protocol/dynamicsView';
import type { DynamicsRun } from './dynamicsRun';

/** Zoom counts above this are counted together. */
const MOST_ZOOMS = 8;

interface PlacedStep {
  readonly x: number;
  readonly step: number;
  readonly counts: readonly number[];
}

/** How many rollouts zoomed how often, in columns that meet half-way between their steps. */
export function zoomHeat(
  run: DynamicsRun,
  mode: XMode,
  range: readonly [number, number] | undefined,
  columns: number,
): ZoomHeatView {
  const all = run.zoomDistributions
    .map(({ step, counts }): PlacedStep => ({ x: run.placeOf(step, mode), step, counts }))
    .filter(({ x }) => Number.isFinite(x))
    .sort((a, b) => a.x - b.x);
  const most = Math.min(
    MOST_ZOOMS,
    all.reduce((high, { counts }) => Math.max(high, counts.length - 1), 0),
  );
  const isCut = all.some(({ counts }) => counts.slice(most + 1).some((count) => count > 0));
  const groups = intoColumns(all, range, columns);
  return {
    most,
    columns: groups.map((group, at) => {
      const [first, last] = [group[0] as PlacedStep, group.at(-1) as PlacedStep];
      const [before, behind] = [groups[at - 1]?.at(-1), groups[at + 1]?.[0]];
      const half = halfStep(group, before, behind);
      return {
        from: group.reduce((least, { step }) => Math.min(least, step), Infinity),
        to: group.reduce((high, { step }) => Math.max(high, step), -Infinity),
        x0: before ? (before.x + first.x) / 2 : first.x - half,
        x1: behind ? (last.x + behind.x) / 2 : last.x + half,
        counts: summed(group, most, isCut),
      };
    }),
  };
}

/** Half of the way to the next step, for a column with nothing on that side. */
function halfStep(group: readonly PlacedStep[], before?: PlacedStep, behind?: PlacedStep): number {
  const [first, last] = [group[0] as PlacedStep, group.at(-1) as PlacedStep];
  if (group.length > 1) return (last.x - first.x) / (group.length - 1) / 2;
  if (behind) return (behind.x - last.x) / 2;
  return before ? (first.x - before.x) / 2 : 0.5;
}

function intoColumns(
  all: readonly PlacedStep[],
  range: readonly [number, number] | undefined,
  columns: number,
): PlacedStep[][] {
  const [from, to] = range ?? [all[0]?.x ?? 0, all.at(-1)?.x ?? 0];
  const count = Math.max(1, Math.floor(columns));
  const groups = new Map<number, PlacedStep[]>();
  for (const one of all) {
    if (one.x < from || one.x > to) continue;
    const column = to > from ? Math.min(count - 1, Math.floor(((one.x - from) / (to - from)) * count)) : 0;
    const group = groups.get(column);
    if (group) group.push(one);
    else groups.set(column, [one]);
  }
  return [...groups.values()];
}

function summed(group: readonly PlacedStep[], most: number, isCut: boolean): number[] {
  const sums = new Array<number>(most + (isCut ? 2 : 1)).fill(0);
  for (const { counts } of group)
    counts.forEach((count, zooms) => {
      const at = Math.min(zooms, sums.length - 1);
      sums[at] = (sums[at] as number) + count;
    });
  return sums;
}
