import type { ZoomHeatView } from '../../../protocol/dynamicsView';

type Column = ZoomHeatView['columns'][number];

/** A column as it is drawn: from where to where, and the share of each zoom count. */
export interface HeatCell {
  readonly column: Column;
  readonly from: number;
  readonly to: number;
  readonly shares: readonly number[];
}

/** Rows of a strip: zoom counts from 0, and one for all above where there are any. */
export function heatRows(heat: ZoomHeatView): number {
  return heat.columns.reduce((most, { counts }) => Math.max(most, counts.length), heat.most + 1);
}

/** Name of a row. */
export function heatRowName(heat: ZoomHeatView, row: number): string {
  return row > heat.most ? `>${heat.most}` : String(row);
}

/** Columns with their edges: halfway to the neighbours, and no farther than half of what is usual between two. */
export function heatCells(heat: ZoomHeatView): HeatCell[] {
  const { columns } = heat;
  const middles = columns.map(({ x0, x1 }) => (x0 + x1) / 2);
  const steps = middles.slice(1).map((middle, at) => middle - (middles[at] ?? middle));
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 1;
  return columns.map((column, at) => {
    const { x0, x1, counts } = column;
    const reach = Math.max(usual, x1 - x0) / 2;
    const before = columns[at - 1];
    const after = columns[at + 1];
    const middle = (x0 + x1) / 2;
    const from = Math.max(before ? (before.x1 + x0) / 2 : -Infinity, Math.min(x0, middle - reach));
    const to = Math.min(after ? (x1 + after.x0) / 2 : Infinity, Math.max(x1, middle + reach));
    const total = counts.reduce((sum, count) => sum + count, 0);
    return { column, from, to, shares: counts.map((count) => (total > 0 ? count / total : 0)) };
  });
}

/** A column in words. */
export function describeColumn(heat: ZoomHeatView, { from, to, counts }: Column): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const parts = counts.flatMap((count, row) =>
    count === 0 ? [] : [`${heatRowName(heat, row)}: ${count.toLocaleString('en-US')}`],
  );
  const steps = from === to ? `step ${from}` : `steps ${from} to ${to}`;
  return `${steps}, ${total.toLocaleString('en-US')} rollouts by zoom count: ${parts.join(', ')}`;
}
