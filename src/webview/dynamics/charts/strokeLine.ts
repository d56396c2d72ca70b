import type { LineView } from '../../../protocol/dynamicsView';
import { cssColour } from './colours';
import type { LineStyle } from './lineStyle';
import type { PlotArea } from './paint';
import type { ValueAxis } from './valueAxis';
import { axisPlace } from './valueAxis';
import type { XScale } from './xScale';

/** From this many points in one pixel column on, and this high, a column is one bar: quicker, and no pixel differs much. */
const BAR_POINTS = 3;
const BAR_HEIGHT = 3;

/** From places to pixels: a factor and an offset each. */
interface Projection {
  readonly scaleX: number;
  readonly offsetX: number;
  readonly scaleY: number;
  readonly offsetY: number;
}

function projection(area: PlotArea, x: XScale, axis: ValueAxis): Projection {
  const scaleX = x.to > x.from ? x.width / (x.to - x.from) : 0;
  const scaleY = (area.bottom - area.top) / (axis.high - axis.low);
  const offsetX = x.left + (scaleX === 0 ? x.width / 2 : -x.from * scaleX);
  return { scaleX, offsetX, scaleY: -scaleY, offsetY: area.bottom + axis.low * scaleY };
}

/** Collects a line column by column, so that a column full of samples becomes one bar. */
class LinePath {
  readonly stroke = new Path2D();
  readonly bars = new Path2D();
  private isBegun = false;
  /** Of the last bar: where it ends and how far it reaches; NaN when a line was drawn since. */
  private top = NaN;
  private bottom = NaN;

  constructor(private readonly width: number) {}

  /** A gap. */
  lift(): void {
    this.isBegun = false;
    this.top = NaN;
  }

  line(x: number, y: number): void {
    if (this.isBegun) this.stroke.lineTo(x, y);
    else this.stroke.moveTo(x, y);
    this.isBegun = true;
    this.top = NaN;
  }

  /** @param x middle of the column */
  bar(x: number, first: number, top: number, bottom: number, last: number): void {
    // Bars that touch need no line between them.
    if (this.isBegun && !(this.top <= bottom && top <= this.bottom)) this.stroke.lineTo(x, first);
    this.bars.rect(x - this.width / 2, top - this.width / 2, this.width, bottom - top + this.width);
    this.stroke.moveTo(x, last);
    this.isBegun = true;
    [this.top, this.bottom] = [top, bottom];
  }
}

/** Points `[start, end)` that lie in one pixel column. */
function addColumn(
  path: LinePath,
  xs: Float64Array,
  ys: Float64Array,
  start: number,
  end: number,
  withBars: boolean,
): void {
  if (withBars && end - start >= BAR_POINTS) {
    let [top, bottom] = [Infinity, -Infinity];
    for (let at = start; at < end; at++) {
      const y = ys[at] as number;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    if (bottom - top >= BAR_HEIGHT) {
      const middle = Math.floor(xs[start] as number) + 0.5;
      path.bar(middle, ys[start] as number, top, bottom, ys[end - 1] as number);
      return;
    }
  }
  for (let at = start; at < end; at++) path.line(xs[at] as number, ys[at] as number);
}

/** Draws one line with its gaps; the context is clipped by the caller. */
export function strokeLine(
  context: CanvasRenderingContext2D,
  line: LineView,
  style: LineStyle,
  area: PlotArea,
  scale: XScale,
  axis: ValueAxis,
): void {
  const { scaleX, offsetX, scaleY, offsetY } = projection(area, scale, axis);
  const count = line.x.length;
  const xs = Float64Array.from(line.x, (x) => offsetX + x * scaleX);
  const ys = Float64Array.from(line.y, (y) => offsetY + axisPlace(y, axis.isLogarithmic) * scaleY);
  const path = new LinePath(style.width);
  const withBars = style.dash.length === 0;
  let start = 0;
  while (start < count) {
    if (Number.isNaN(ys[start] as number)) {
      path.lift();
      start++;
      continue;
    }
    const column = Math.floor(xs[start] as number);
    let end = start + 1;
    while (end < count && Math.floor(xs[end] as number) === column && !Number.isNaN(ys[end] as number)) end++;
    addColumn(path, xs, ys, start, end, withBars);
    start = end;
  }
  const colour = cssColour(style.colour, style.opacity);
  context.lineWidth = style.width;
  context.lineJoin = 'bevel';
  context.strokeStyle = colour;
  context.setLineDash([...style.dash]);
  context.stroke(path.stroke);
  context.setLineDash([]);
  if (!withBars) return;
  context.fillStyle = colour;
  context.fill(path.bars);
}
