import type { ZoomHeatView } from '../../../protocol/dynamicsView';
import { h, replaceContent } from '../../shared/dom';
import { cssColour } from './colours';
import type { Frame } from './frame';
import { pixelAt } from './xScale';

/** Height of a row, CSS pixels. */
export const HEAT_ROW = 11;

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

/** How many rollouts zoomed how often, as rows of more or less colour. */
export class HeatStrip {
  readonly element: HTMLElement;
  private readonly canvas = h('canvas', { class: 'heat-canvas', role: 'img' });
  private readonly rows = h('div', { class: 'heat-rows soft', 'aria-hidden': 'true' });
  private readonly box = h('div', { class: 'heat-box' }, this.rows, this.canvas);
  private heat: ZoomHeatView | undefined;

  constructor() {
    const legend = h(
      'p',
      { class: 'heat-legend soft small' },
      'rollouts by zoom count',
      h('span', { class: 'heat-scale', 'aria-hidden': 'true' }),
      '0 to 100 % of a step',
    );
    this.element = h('div', { class: 'heat', hidden: true }, this.box, legend);
  }

  /** Takes the room that it needs. */
  place(heat: ZoomHeatView | undefined): void {
    this.heat = heat;
    this.element.hidden = !heat;
    if (heat) this.box.style.height = `${heatRows(heat) * HEAT_ROW}px`;
  }

  draw(frame: Frame, title: string): void {
    const { heat } = this;
    if (!heat) return;
    const rows = heatRows(heat);
    const { left, width } = frame.x;
    const height = rows * HEAT_ROW;
    this.canvas.setAttribute(
      'aria-label',
      `${title}: ${heat.columns.length} columns of rollouts by zoom count`,
    );
    this.canvas.style.left = `${left}px`;
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    this.rows.style.width = `${left - 8}px`;
    replaceContent(
      this.rows,
      Array.from({ length: rows }, (_, at) => h('span', {}, heatRowName(heat, rows - 1 - at))),
    );
    this.paint(heat, frame, rows);
  }

  /** The counts at a place, in words; undefined where there is no column. */
  wordsAt(x: number): string | undefined {
    const { heat } = this;
    if (!heat) return undefined;
    const cell = heatCells(heat).find(({ from, to }) => x >= from && x < to);
    return cell && describeColumn(heat, cell.column);
  }

  private paint(heat: ZoomHeatView, { theme, x }: Frame, rows: number): void {
    const { canvas } = this;
    const ratio = window.devicePixelRatio;
    canvas.width = Math.round(x.width * ratio);
    canvas.height = Math.round(rows * HEAT_ROW * ratio);
    const context = canvas.getContext('2d');
    if (!context) return;
    context.scale(ratio, ratio);
    for (const { from, to, shares } of heatCells(heat)) {
      // Whole pixels: between neighbours no seam may shine through.
      const left = Math.round(pixelAt(x, from) - x.left);
      const right = Math.max(left + 1, Math.round(pixelAt(x, to) - x.left));
      shares.forEach((share, row) => {
        if (share === 0) return;
        context.fillStyle = cssColour(theme.heat, share);
        context.fillRect(left, (rows - 1 - row) * HEAT_ROW, right - left, HEAT_ROW - 1);
      });
    }
  }
}
