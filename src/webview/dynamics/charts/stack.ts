import './charts.css';
import { h } from '../../shared/dom';
import { ChartPanel } from './chartPanel';
import { Boundaries } from './boundaries';
import type { ChartTheme } from './chartTheme';
import { onThemeChange, ThemeProbe } from './chartTheme';
import { Crosshair } from './crosshair';
import type { Frame } from './frame';
import { Gestures } from './gestures';
import { Overlay } from './overlay';
import { PLOT_RIGHT } from './plot';
import type { ChartModel, ChartStack, StackEvents, StackModel } from './stackModel';
import { pressKey } from './stackKeys';
import { stackSvg } from './svg';
import { svgToPng } from './picture';
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
  private readonly live = h('div', { class: 'visually-hidden', 'aria-live': 'polite' });
  private readonly overlay = new Overlay();
  private readonly crosshair: Crosshair;
  private readonly boundaries: Boundaries;
  private readonly measure = document.createElement('canvas').getContext('2d');
  private readonly sizes = new ResizeObserver(() => this.redraw());
  private readonly endTheme: () => void;

  constructor(private readonly events: StackEvents) {
    const frame = (): Frame | undefined => this.frame;
    this.crosshair = new Crosshair(this.overlay, events, () => this.panels.values(), frame, this.live);
    this.boundaries = new Boundaries(events, (event) => this.pixelOf(event));
    this.overlay.element.append(this.boundaries.element);
    this.body = h(
      'div',
      { class: 'stack-body' },
      this.names.element,
      this.list,
      this.axisRow.element,
      this.overlay.element,
    );
    this.element = h('div', { class: 'chart-stack' }, this.probe.element, this.body, this.live);
    this.listen(frame);
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

  showCrosshair(x: number | undefined): void {
    this.crosshair.show(x, false);
  }

  toSvg(title: string): string {
    const { frame } = this;
    if (!frame) throw new Error('There is no drawing yet that could be saved.');
    const charts = frame.model.charts.flatMap((chart) => this.panels.get(chart.id)?.shown ?? []);
    return stackSvg(title, frame, charts);
  }

  async toPng(title: string): Promise<Uint8Array> {
    return svgToPng(this.toSvg(title), 2);
  }

  dispose(): void {
    this.sizes.disconnect();
    this.endTheme();
    for (const panel of this.panels.values()) panel.dispose();
    this.element.remove();
  }

  private listen(frame: () => Frame | undefined): void {
    const zoom = (range: readonly [number, number] | undefined): void => this.zoom(range);
    const gestures = new Gestures(this.body, {
      frame,
      zoom,
      pixelOf: (event) => this.pixelOf(event),
      select: (pixels) => this.overlay.showSelection(pixels),
      hover: (x, event) => this.hover(x, event),
      pick: (x, event) => this.pick(x, this.panelOf(event)),
    });
    const target = { frame, zoom, crosshair: this.crosshair, pickCross: () => this.pickCross() };
    this.overlay.keys.addEventListener('keydown', (event) => {
      if (event.key === 'Escape' && gestures.cancel()) return;
      if (!pressKey(event, target)) return;
      event.preventDefault();
      event.stopPropagation();
    });
  }

  private pixelOf(event: MouseEvent): number {
    return event.clientX - this.body.getBoundingClientRect().left;
  }

  private panelOf(event: Event): ChartPanel | undefined {
    const section = event.target instanceof Element ? event.target.closest('.chart') : null;
    return [...this.panels.values()].find((panel) => panel.element === section);
  }

  private hover(x: number | undefined, event: PointerEvent): void {
    const panel = this.panelOf(event);
    const place = x === undefined ? undefined : this.crosshair.sampleNear(x, panel)?.x;
    this.crosshair.show(place, true);
    const isStrip = event.target instanceof Element && event.target.closest('.heat-canvas') !== null;
    const words = isStrip && x !== undefined ? panel?.strip.wordsAt(x) : undefined;
    const top = event.clientY - this.body.getBoundingClientRect().top;
    this.overlay.showTip(words, this.pixelOf(event), top);
  }

  private pick(x: number, panel: ChartPanel | undefined): void {
    const sample = this.crosshair.sampleNear(x, panel);
    if (sample) this.events.picked(sample.x, sample.step);
  }

  private pickCross(): void {
    const { place } = this.crosshair;
    if (place !== undefined) this.pick(place, undefined);
  }

  /** Asks for a part of the axis: never less than a step or a second, and all of it by no range. */
  private zoom(range: readonly [number, number] | undefined): void {
    const { model } = this;
    if (!model || !range) return this.events.zoomed(undefined);
    const [from, to] = range;
    const room = Math.max(0, 1 - (to - from)) / 2;
    const wanted = [Math.max(model.extent[0], from - room), Math.min(model.extent[1], to + room)] as const;
    const isAll = wanted[0] <= model.extent[0] && wanted[1] >= model.extent[1];
    this.events.zoomed(isAll ? undefined : wanted);
  }

  /** Panels in the model's order; those that stay keep their canvas. */
  private placePanels(charts: readonly ChartModel[]): void {
    const wanted = new Map<string, ChartPanel>();
    charts.forEach((chart, at) => {
      const panel = this.panels.get(chart.id) ?? new ChartPanel(chart.id, this.events);
      wanted.set(chart.id, panel);
      // Takes its room before the plots are measured.
      panel.strip.place(chart.heat);
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
    this.body.style.setProperty('--plot-left', `${left}px`);
    this.names.draw(frame);
    model.charts.forEach((chart, at) => {
      const [axis, size] = [axes[at], sizes[at]];
      const place = { isFirst: at === 0, isLast: at === model.charts.length - 1 };
      if (axis && size) this.panels.get(chart.id)?.draw(chart, axis, frame, place, size);
    });
    this.axisRow.draw(frame);
    this.boundaries.draw(frame);
    this.crosshair.draw();
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
