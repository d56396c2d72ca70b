import type { ZoomHeatView } from '../../../protocol/dynamicsView';
import { h, replaceContent } from '../../shared/dom';
import { cssColour } from './colours';

import type { Frame } from './frame';
import { describeColumn, heatCells, heatRowName, heatRows } from './heatCells';
import { pixelAt } from './xScale';

/** Height of a row, CSS pixels. */
export const HEAT_ROW = 11;

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
