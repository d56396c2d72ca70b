import { h } from '../../shared/dom';
import { visibleLine } from '../../shared/visibleText';
import { ChartHead } from './chartHead';
import type { HeadPlace, HeadValue } from './chartHead';
import { formatPlace, formatValue } from './format';
import type { Frame } from './frame';
import { HeatStrip } from './heatStrip';
import { Plot } from './plot';
import { lowerBound, nearestSample } from './samples';
import type { ChartLine, ChartModel, StackEvents } from './stackModel';
import type { SvgChart } from './svg';
import { runTone } from './tones';
import type { ValueAxis } from './valueAxis';

/** The average at a real sample's place. */
function smoothAt(line: ChartLine, x: number): number | undefined {
  const { smooth } = line.curve;
  if (!smooth) return undefined;
  const at = lowerBound(smooth.x, x);
  const value = smooth.x[at] === x ? smooth.y[at] : undefined;
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** One chart of the stack: head, lines, strip. */
export class ChartPanel {
  readonly element: HTMLElement;
  readonly plotBox: HTMLElement;
  readonly head: ChartHead;
  readonly strip: HeatStrip;
  chart: ChartModel | undefined;
  private readonly plot = new Plot();
  private readonly empty = h('p', { class: 'plot-empty soft', hidden: true }, 'No values here.');
  private axis: ValueAxis | undefined;
  private mode: Frame['model']['x'] = 'step';

  constructor(id: string, events: StackEvents) {
    this.head = new ChartHead(id, events);
    this.plotBox = h('div', { class: 'plot' }, this.plot.canvas, this.empty);
    this.strip = new HeatStrip();
    this.element = h(
      'section',
      { class: 'chart', 'data-chart': id },
      this.head.element,
      this.plotBox,
      this.strip.element,
    );
  }

  /** @param size of the plot's box, whole CSS pixels */
  draw(
    chart: ChartModel,
    axis: ValueAxis,
    frame: Frame,
    place: HeadPlace,
    size: { readonly width: number; readonly height: number },
  ): void {
    this.chart = chart;
    this.axis = axis;
    this.mode = frame.model.x;
    this.head.draw(chart, place, axis.notShown);
    this.element.setAttribute('aria-label', visibleLine(chart.title));
    this.empty.hidden = !axis.isEmpty || chart.lines.length === 0;
    const names = chart.lines.map((line) => visibleLine(line.name)).join(', ');
    this.plot.canvas.setAttribute('aria-label', `${visibleLine(chart.title)}: curve of ${names || 'no run'}`);
    this.plot.draw({ chart, axis, frame }, size.width, size.height);
    this.strip.draw(frame, visibleLine(chart.title));
  }

  /** What it shows, for a drawing elsewhere; undefined before the first drawing. */
  get shown(): SvgChart | undefined {
    const { area } = this.plot;
    if (!this.chart || !this.axis || !area) return undefined;
    return { chart: this.chart, axis: this.axis, height: area.bottom - area.top };
  }

  /** Values at a place, or the last ones, on the head's right. */
  showValues(x: number | undefined): HeadValue[] {
    const values = this.valuesAt(x);
    this.head.showValues(values);
    return values;
  }

  dispose(): void {
    this.plot.dispose();
    this.element.remove();
  }

  private valuesAt(x: number | undefined): HeadValue[] {
    const { chart } = this;
    if (!chart) return [];
    return chart.lines.flatMap((line): HeadValue[] => {
      const sample = nearestSample(line.curve.raw, x ?? Infinity);
      if (!sample) return [];
      const smooth = smoothAt(line, sample.x);
      return [
        {
          name: line.name,
          tone: `tone-${runTone(line.colour)}`,
          value: formatValue(sample.y, chart.unit),
          ...(smooth !== undefined && { smooth: formatValue(smooth, chart.unit) }),
          ...(x !== undefined && sample.x !== x && { place: formatPlace(sample.x, this.mode) }),
        },
      ];
    });
  }
}
