import './charts.css';
import { h } from '../../shared/dom';
import { ChartPanel } from './chartPanel';
import type { ChartTheme } from './chartTheme';
import { onThemeChange, ThemeProbe } from './chartTheme';
import type { Frame } from './frame';
import { PLOT_RIGHT } from './plot';
import type { ChartModel, ChartStack, StackEvents, StackModel } from './stackModel';
import { StageNames } from './stageNames';
import { xTicks } from './ticks';
import type { ValueAxis } from './valueAxis';
import { valueAxis } from './valueAxis';
import { XAxisRow } from './xAxisRow';

/** The left edge of the plots is a multiple of this, so that it rests while values change a little. */
const LEFT_GRID = 8;
const LEAST_LEFT = 40;
/** Between a label of the value axis and the plot, and before it, CSS pixels. */
const LABEL_ROOM = 14;

/** All charts over each other on one x axis. */
export class Stack implements ChartStack {
  readonly element: HTMLElement;
  private readonly probe = new ThemeProbe();
  private readonly names = new StageNames();
  private readonly axisRow = new XAxisRow();
  private readonly list = h('div', { class: 'chart-list' });
  private readonly body: HTMLElement;
  private panels = new Map<string, ChartPanel>();
  private theme: ChartTheme | undefined;
  private model: StackModel | undefined;
  private frame: Frame | undefined;
  private columns = 0;
  private readonly measure = document.createElement('canvas').getContext('2d');
  private readonly sizes = new ResizeObserver(() => this.redraw());
  private readonly endTheme: () => void;

  constructor(private readonly events: StackEvents) {
    this.body = h('div', { class: 'stack-body' }, this.names.element, this.list, this.axisRow.element);
    this.element = h('div', { class: 'chart-stack' }, this.probe.element, this.body);
    this.sizes.observe(this.list);
    this.endTheme = onThemeChange(() => {
      this.theme = undefined;
      this.redraw();
    });
  }

  draw(model: StackModel): void {
    this.model = model;
    this.placePanels(model.charts);
    this.redraw();
  }

  showCrosshair(_x: number | undefined): void {
    return;
  }

  toSvg(_title: string): string {
    return '';
  }

  async toPng(_title: string): Promise<Uint8Array> {
    return new Uint8Array();
  }

  dispose(): void {
    this.sizes.disconnect();
    this.endTheme();
    for (const panel of this.panels.values()) panel.dispose();
    this.element.remove();
  }

  /** Panels in the model's order; those that stay keep their canvas. */
  private placePanels(charts: readonly ChartModel[]): void {
    const wanted = new Map<string, ChartPanel>();
    charts.forEach((chart, at) => {
      const panel = this.panels.get(chart.id) ?? new ChartPanel(chart.id, this.events);
      wanted.set(chart.id, panel);
      if (this.list.children[at] !== panel.element) {
        this.list.insertBefore(panel.element, this.list.children[at] ?? null);
      }
    });
    for (const [id, panel] of this.panels) if (!wanted.has(id)) panel.dispose();
    this.panels = wanted;
  }

  private redraw(): void {
    const { model } = this;
    if (!model || !this.element.isConnected || this.list.clientWidth === 0) return;
    this.theme ??= this.probe.read();
    const { theme } = this;
    const sizes = model.charts.map((chart) => {
      const box = this.panels.get(chart.id)?.plotBox;
      return { width: box?.clientWidth ?? 0, height: box?.clientHeight ?? 0 };
    });
    const axes = model.charts.map((chart, at) => valueAxis(chart, model.range, sizes[at]?.height ?? 0));
    const left = this.leftEdge(axes, theme);
    const width = Math.max(1, this.list.clientWidth - left - PLOT_RIGHT);
    const [from, to] = model.range;
    const frame: Frame = {
      model,
      theme,
      x: { from, to, left, width },
      ticks: xTicks(model.x, model.range, width),
    };
    this.frame = frame;
    this.names.draw(frame);
    model.charts.forEach((chart, at) => {
      const [axis, size] = [axes[at], sizes[at]];
      const place = { isFirst: at === 0, isLast: at === model.charts.length - 1 };
      if (axis && size) this.panels.get(chart.id)?.draw(chart, axis, frame, place, size);
    });
    this.axisRow.draw(frame);
    for (const panel of this.panels.values()) panel.showValues(model.selected);
    this.tellColumns(width);
  }

  private leftEdge(axes: readonly ValueAxis[], theme: ChartTheme): number {
    const { measure } = this;
    if (!measure) return LEAST_LEFT;
    measure.font = `${theme.fontSize}px ${theme.fontFamily}`;
    const labels = axes.flatMap((axis) => axis.ticks.map(({ label }) => measure.measureText(label).width));
    const widest = Math.max(LEAST_LEFT, ...labels.map((label) => label + LABEL_ROOM));
    return Math.ceil(widest / LEFT_GRID) * LEFT_GRID;
  }

  private tellColumns(width: number): void {
    const columns = Math.round(width);
    if (columns === this.columns) return;
    this.columns = columns;
    this.events.columnsChanged(columns);
  }
}

/** Makes the stacked charts; nothing is drawn before `draw`. */
export function createStack(events: StackEvents): ChartStack {
  return new Stack(events);
}
