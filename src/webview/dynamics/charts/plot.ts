import type { ChartOptions, Plugin } from 'chart.js';
import { Chart, LinearScale, PointElement } from 'chart.js';
import { h } from '../../shared/dom';
import { cssColour } from './colours';
import type { Frame } from './frame';
import type { LineDataset } from './lineController';
import { StackedLineController } from './lineController';
import type { DrawnLine } from './lineStyle';
import { drawnLines } from './lineStyle';
import type { PlotArea } from './paint';
import { axisPixel, paintIntervals, paintPlaces, paintSpreads, paintStages } from './paint';
import { markedPoints } from './samples';
import type { ChartModel } from './stackModel';
import type { ValueAxis } from './valueAxis';
import { axisPlace } from './valueAxis';
import { pixelAt } from './xScale';

// The library wants the element of a point, though none is ever made.
Chart.register(StackedLineController, LinearScale, PointElement);

/** Room in a plot's canvas around the lines, CSS pixels: half a label above and below, and the end of the axis. */
export const PLOT_TOP = 7;
export const PLOT_BOTTOM = 9;
export const PLOT_RIGHT = 14;

type LineChart = Chart<'stackedLine', []>;

/** What one chart draws now. */
export interface PlotContent {
  readonly frame: Frame;
  readonly chart: ChartModel;
  readonly axis: ValueAxis;
}

/** One canvas with the lines of a chart. */
export class Plot {
  readonly canvas = h('canvas', { class: 'plot-canvas', role: 'img' });
  private chart: LineChart | undefined;
  private content: PlotContent | undefined;
  private drawn: DrawnLine[] = [];
  private readonly datasets: LineDataset[] = [];

  /** Draws at a size in whole CSS pixels. */
  draw(content: PlotContent, width: number, height: number): void {
    const before = this.content;
    this.content = content;
    if (width <= 0 || height <= 0) return;
    if (this.chart && before && isSameDrawing(before, content) && this.hasSize(width, height)) {
      this.chart.draw();
      return;
    }
    // The library draws its first dataset last, over the others: the first run lies above, each average over its samples.
    this.drawn = content.chart.lines.flatMap((line) =>
      drawnLines(line, content.frame.model.smoothed, content.frame.theme).reverse(),
    );
    this.fillDatasets(content);
    if (!this.chart) {
      this.chart = this.create(width, height);
      return;
    }
    this.applyScales(this.chart, content);
    if (this.hasSize(width, height)) this.chart.update('none');
    else this.chart.resize(width, height);
  }

  /** Where the lines stand in the canvas. */
  get area(): PlotArea | undefined {
    return this.chart?.chartArea;
  }

  dispose(): void {
    this.chart?.destroy();
  }

  private hasSize(width: number, height: number): boolean {
    const { chart } = this;
    if (!chart) return false;
    return (
      chart.width === width &&
      chart.height === height &&
      chart.currentDevicePixelRatio === window.devicePixelRatio
    );
  }

  private fillDatasets({ axis, frame }: PlotContent): void {
    this.datasets.length = this.drawn.length;
    this.drawn.forEach((drawn, at) => {
      const dataset = this.datasets[at];
      if (dataset) Object.assign(dataset, { drawn, axis, x: frame.x });
      else this.datasets[at] = { type: 'stackedLine', data: [], drawn, axis, x: frame.x };
    });
  }

  private applyScales(chart: LineChart, { frame, axis }: PlotContent): void {
    const { x, y } = chart.options.scales ?? {};
    if (x) [x.min, x.max] = [frame.x.from, frame.x.to];
    if (y) [y.min, y.max] = [axis.low, axis.high];
  }

  private create(width: number, height: number): LineChart {
    this.canvas.width = width;
    this.canvas.height = height;
    const now = (): PlotContent => {
      if (!this.content) throw new Error('A plot was asked to draw before it had something to draw.');
      return this.content;
    };
    return new Chart<'stackedLine', []>(this.canvas, {
      type: 'stackedLine',
      data: { datasets: this.datasets },
      plugins: [this.painter(now)],
      options: {
        responsive: false,
        maintainAspectRatio: false,
        animation: false,
        events: [],
        layout: { padding: { top: PLOT_TOP, right: PLOT_RIGHT, left: 0, bottom: 0 }, autoPadding: false },
        scales: this.scales(now),
      },
    });
  }

  private scales(now: () => PlotContent): NonNullable<ChartOptions<'stackedLine'>['scales']> {
    const { frame, axis } = now();
    const shared = {
      type: 'linear' as const,
      grid: { color: () => cssColour(now().frame.theme.grid), lineWidth: 1, drawTicks: false },
      border: { display: false },
    };
    return {
      x: {
        ...shared,
        min: frame.x.from,
        max: frame.x.to,
        ticks: { display: false },
        afterBuildTicks: (scale) => void (scale.ticks = now().frame.ticks.map(({ value }) => ({ value }))),
        afterFit: (scale) => void (scale.height = PLOT_BOTTOM),
      },
      y: {
        ...shared,
        min: axis.low,
        max: axis.high,
        ticks: {
          color: () => cssColour(now().frame.theme.soft),
          font: () => ({ family: now().frame.theme.fontFamily, size: now().frame.theme.fontSize }),
          padding: 8,
          autoSkip: false,
          callback: (_, at) => now().axis.ticks[at]?.label ?? '',
        },
        afterBuildTicks: (scale) => void (scale.ticks = now().axis.ticks.map(({ value }) => ({ value }))),
        afterFit: (scale) => {
          scale.width = now().frame.x.left;
          // The room for half a label is in the layout already.
          scale.paddingTop = scale.paddingBottom = 0;
        },
      },
    };
  }

  private painter(now: () => PlotContent): Plugin<'stackedLine'> {
    return {
      id: 'stack',
      beforeDatasetsDraw: (chart) => {
        const { frame, chart: model, axis } = now();
        paintStages(chart.ctx, chart.chartArea, frame);
        paintIntervals(chart.ctx, chart.chartArea, frame);
        paintSpreads(chart.ctx, chart.chartArea, frame, model, axis);
      },
      afterDatasetsDraw: (chart) => {
        paintPlaces(chart.ctx, chart.chartArea, now().frame);
        this.paintMarks(chart.ctx, chart.chartArea, now());
      },
    };
  }

  /** Points that no line shows: alone between gaps, or far apart. */
  private paintMarks(context: CanvasRenderingContext2D, area: PlotArea, { frame, axis }: PlotContent): void {
    for (const { line, style } of this.drawn) {
      context.fillStyle = cssColour(frame.theme.ground);
      context.strokeStyle = cssColour(style.colour, style.opacity);
      context.lineWidth = Math.min(1.6, style.width);
      for (const at of markedPoints(line, frame.x, axis.isLogarithmic)) {
        const pixel = pixelAt(frame.x, line.x[at] ?? NaN);
        const place = axisPlace(line.y[at] ?? NaN, axis.isLogarithmic);
        context.beginPath();
        context.arc(pixel, axisPixel(axis, area, place), 1.4 + style.width, 0, 2 * Math.PI);
        context.fill();
        context.stroke();
      }
    }
  }
}

/** Whether only what the painter adds can differ: places and stages, but no line, axis or colour. */
function isSameDrawing(before: PlotContent, now: PlotContent): boolean {
  const [one, other] = [before.frame, now.frame];
  return (
    one.theme === other.theme &&
    one.model.smoothed === other.model.smoothed &&
    one.model.x === other.model.x &&
    one.x.from === other.x.from &&
    one.x.to === other.x.to &&
    one.x.left === other.x.left &&
    before.chart.logarithmic === now.chart.logarithmic &&
    before.chart.unit === now.chart.unit &&
    before.chart.lines.length === now.chart.lines.length &&
    before.chart.lines.every((line, at) => {
      const twin = now.chart.lines[at];
      return line.curve === twin?.curve && line.colour === twin.colour;
    })
  );
}
