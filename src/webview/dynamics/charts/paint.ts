import { cssColour } from './colours';
import type { Frame } from './frame';
import { BAND_OPACITY, runColour } from './lineStyle';
import type { ChartModel } from './stackModel';
import type { ValueAxis } from './valueAxis';
import { axisPlace } from './valueAxis';
import { isInView, pixelAt } from './xScale';

/** Where the lines of a chart stand in its canvas, CSS pixels. */
export interface PlotArea {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Opacity of a stage's fill. */
export function stageOpacity(isLight: boolean): number {
  return isLight ? 0.08 : 0.1;
}

/** Pixel of an axis place. */
export function axisPixel(axis: ValueAxis, area: PlotArea, place: number): number {
  const share = (place - axis.low) / (axis.high - axis.low);
  return area.bottom - share * (area.bottom - area.top);
}

/** The stages: areas of colour, or lines at their edges where the theme wants no fills. */
export function paintStages(context: CanvasRenderingContext2D, area: PlotArea, frame: Frame): void {
  const { model, theme, x } = frame;
  for (const band of model.bands) {
    const left = Math.max(area.left, pixelAt(x, band.from));
    const right = Math.min(area.right, pixelAt(x, band.to));
    const colour = theme.stages[band.index % theme.stages.length];
    if (right <= left || !colour) continue;
    if (!theme.isHighContrast) {
      context.fillStyle = cssColour(colour, stageOpacity(theme.isLight));
      context.fillRect(left, area.top, right - left, area.bottom - area.top);
      continue;
    }
    context.strokeStyle = cssColour(colour);
    context.lineWidth = 1;
    context.strokeRect(left + 1.5, area.top + 0.5, right - left - 3, area.bottom - area.top - 1);
  }
}

/** Distance between the hatches of an interval, CSS pixels. */
export const HATCH = 6;

/** Where a boundary may lie as well: hatched between the ends of its interval. */
export function paintIntervals(context: CanvasRenderingContext2D, area: PlotArea, frame: Frame): void {
  const { model, theme, x } = frame;
  context.strokeStyle = cssColour(theme.text, 0.2);
  context.lineWidth = 1;
  for (const { interval } of model.boundaries) {
    if (!interval) continue;
    const left = Math.max(area.left, pixelAt(x, interval[0]));
    const right = Math.min(area.right, pixelAt(x, interval[1]));
    if (right <= left) continue;
    const height = area.bottom - area.top;
    context.save();
    context.beginPath();
    context.rect(left, area.top, right - left, height);
    context.clip();
    context.beginPath();
    for (let start = left - height; start < right; start += HATCH) {
      context.moveTo(start, area.bottom);
      context.lineTo(start + height, area.top);
    }
    context.stroke();
    context.restore();
  }
}

/** Between the least and the greatest of several runs. */
export function paintSpreads(
  context: CanvasRenderingContext2D,
  area: PlotArea,
  frame: Frame,
  chart: ChartModel,
  axis: ValueAxis,
): void {
  for (const line of chart.lines) {
    const { raw, band } = line.curve;
    if (!band) continue;
    context.fillStyle = cssColour(runColour(line, frame.theme), BAND_OPACITY);
    for (const outline of spreadOutlines(raw.x, band.low, band.high, axis)) {
      context.beginPath();
      for (const [x, place] of outline) context.lineTo(pixelAt(frame.x, x), axisPixel(axis, area, place));
      context.closePath();
      context.fill();
    }
  }
}

/** Outlines of a band, one per stretch without a gap: x and axis place, along the top and back along the bottom. */
export function spreadOutlines(
  x: ArrayLike<number>,
  low: ArrayLike<number>,
  high: ArrayLike<number>,
  axis: ValueAxis,
): [number, number][][] {
  const outlines: [number, number][][] = [];
  let above: [number, number][] = [];
  let below: [number, number][] = [];
  const end = (): void => {
    if (above.length > 1) outlines.push([...above, ...below.reverse()]);
    [above, below] = [[], []];
  };
  for (let at = 0; at < x.length; at++) {
    const top = axisPlace(high[at] ?? NaN, axis.isLogarithmic);
    const least = axisPlace(low[at] ?? NaN, axis.isLogarithmic);
    if (Number.isNaN(top)) {
      end();
      continue;
    }
    above.push([x[at] ?? NaN, top]);
    // Below zero a logarithm has no place: the band goes to the axis then.
    below.push([x[at] ?? NaN, Number.isNaN(least) ? axis.low : least]);
  }
  end();
  return outlines;
}

function verticalLine(context: CanvasRenderingContext2D, area: PlotArea, pixel: number): void {
  const x = Math.round(pixel) + 0.5;
  context.beginPath();
  context.moveTo(x, area.top);
  context.lineTo(x, area.bottom);
  context.stroke();
}

/** Restarts, dotted, and the chosen place, dashed. */
export function paintPlaces(context: CanvasRenderingContext2D, area: PlotArea, frame: Frame): void {
  const { model, theme, x } = frame;
  context.lineWidth = 1;
  context.setLineDash([1, 3]);
  context.strokeStyle = cssColour(theme.text, 0.8);
  for (const place of model.breaks) if (isInView(x, place)) verticalLine(context, area, pixelAt(x, place));
  if (model.selected !== undefined && isInView(x, model.selected)) {
    context.setLineDash([3, 3]);
    context.strokeStyle = cssColour(theme.text, 0.9);
    verticalLine(context, area, pixelAt(x, model.selected));
  }
  context.setLineDash([]);
}
