import type { LineView } from '../../../protocol/dynamicsView';
import type { ChartTheme } from './chartTheme';
import type { Frame } from './frame';
import { heatCells, heatRowName, heatRows } from './heatCells';
import { BAND_OPACITY, drawnLines, runColour } from './lineStyle';
import type { PlotArea } from './paint';
import { axisPixel, HATCH, spreadOutlines, stageOpacity } from './paint';
import { markedPoints } from './samples';
import type { ChartLine, ChartModel, StackModel } from './stackModel';
import { escapeXml, fillOf, pathOf, strokeOf, tag, textAt } from './svgParts';
import { runDash } from './tones';
import type { ValueAxis } from './valueAxis';
import { axisPlace } from './valueAxis';
import { isInView, pixelAt } from './xScale';

/** A chart and the height of its plot as it is on the page, CSS pixels. */
export interface SvgChart {
  readonly chart: ChartModel;
  readonly axis: ValueAxis;
  readonly height: number;
}

const [TITLE, LEGEND, STAGES, HEAD, AXIS, GAP] = [34, 20, 24, 22, 26, 14];
const RIGHT = 16;
const HEAT_ROW = 11;

/** A run's sign in the legend: the same line in all charts. */
function legendLines(model: StackModel): ChartLine[] {
  const runs = new Map<string, ChartLine>();
  for (const chart of model.charts) {
    for (const line of chart.lines) {
      const key = `${line.colour} ${line.name}`;
      if (!runs.has(key)) runs.set(key, line);
    }
  }
  return [...runs.values()];
}

function legend(frame: Frame, top: number): string {
  const { theme, x } = frame;
  const lines = legendLines(frame.model);
  const room = x.width / Math.max(1, lines.length);
  return lines
    .map((line, at) => {
      const left = x.left + at * room;
      const dash = runDash(line.colour, theme.isHighContrast);
      const y = top + 10;
      const name = cut(line.name, (room - 34) / 6);
      return (
        tag('path', { d: `M${left} ${y}h20`, ...strokeOf(runColour(line, theme), 2, 1, dash) }) +
        textAt(left + 26, y + 4, name, fillOf(theme.text))
      );
    })
    .join('');
}

const cut = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, Math.max(1, Math.floor(most) - 1))}…` : text;

function stages(frame: Frame, areas: readonly PlotArea[], top: number): string {
  const { model, theme, x } = frame;
  return model.bands
    .map((band) => {
      const [left, right] = [
        Math.max(x.left, pixelAt(x, band.from)),
        Math.min(x.left + x.width, pixelAt(x, band.to)),
      ];
      const colour = theme.stages[band.index % theme.stages.length];
      if (!colour || right <= left) return '';
      const fills = areas.map((area) => {
        const box = { x: left, y: area.top, width: right - left, height: area.bottom - area.top };
        return theme.isHighContrast
          ? tag('rect', { ...box, ...strokeOf(colour, 1) })
          : tag('rect', { ...box, ...fillOf(colour, stageOpacity(theme.isLight)) });
      });
      const name = cut(`${band.index + 1} ${band.name}`, (right - left - 8) / 6);
      const rule = tag('path', { d: `M${left} ${top + 18}H${right - 2}`, ...strokeOf(colour, 2) });
      return fills.join('') + rule + textAt(left + 6, top + 12, name, fillOf(theme.text));
    })
    .join('');
}

function intervals({ model, theme, x }: Frame, area: PlotArea): string {
  const height = area.bottom - area.top;
  const hatches = model.boundaries.flatMap(({ interval }) => {
    if (!interval) return [];
    const left = Math.max(x.left, pixelAt(x, interval[0]));
    const right = Math.min(x.left + x.width, pixelAt(x, interval[1]));
    const parts: string[] = [];
    for (let start = left - height; start < right; start += HATCH) {
      const [from, to] = [Math.max(start, left), Math.min(start + height, right)];
      if (to > from)
        parts.push(
          pathOf([
            [from, area.bottom - from + start],
            [to, area.bottom - to + start],
          ]),
        );
    }
    return parts.length === 0 ? [] : [tag('path', { d: parts.join(''), ...strokeOf(theme.text, 1, 0.2) })];
  });
  return hatches.join('');
}

function places({ model, theme, x }: Frame, area: PlotArea): string {
  const line = (place: number, dash: readonly number[]): string =>
    isInView(x, place)
      ? tag('path', {
          d: `M${pixelAt(x, place).toFixed(1)} ${area.top}V${area.bottom}`,
          ...strokeOf(theme.text, 1, 0.85, dash),
        })
      : '';
  return (
    model.boundaries.map((boundary) => line(boundary.x, [])).join('') +
    model.breaks.map((place) => line(place, [1, 3])).join('') +
    (model.selected === undefined ? '' : line(model.selected, [3, 3]))
  );
}

function grid({ theme, ticks, x }: Frame, area: PlotArea, axis: ValueAxis): string {
  const across = axis.ticks.map(({ value, label }) => {
    const y = axisPixel(axis, area, value);
    return (
      tag('path', { d: `M${area.left} ${y.toFixed(1)}H${area.right}`, ...strokeOf(theme.grid, 1) }) +
      textAt(area.left - 8, y + 4, label, { 'text-anchor': 'end', ...fillOf(theme.soft) })
    );
  });
  const up = ticks.map(({ value }) =>
    tag('path', {
      d: `M${pixelAt(x, value).toFixed(1)} ${area.top}V${area.bottom}`,
      ...strokeOf(theme.grid, 1),
    }),
  );
  return across.join('') + up.join('');
}

function* pixels(line: LineView, frame: Frame, area: PlotArea, axis: ValueAxis): Generator<[number, number]> {
  for (let at = 0; at < line.x.length; at++) {
    const place = axisPlace(line.y[at] ?? NaN, axis.isLogarithmic);
    yield [pixelAt(frame.x, line.x[at] ?? NaN), axisPixel(axis, area, place)];
  }
}

function lines(frame: Frame, area: PlotArea, { chart, axis }: SvgChart): string {
  const { theme, model } = frame;
  return [...chart.lines]
    .reverse()
    .map((line) => {
      const { raw, band } = line.curve;
      const spread = band
        ? spreadOutlines(raw.x, band.low, band.high, axis).map((outline) => {
            const corners = outline.map(([x, y]) => [pixelAt(frame.x, x), axisPixel(axis, area, y)] as const);
            return tag('path', { d: `${pathOf(corners)}Z`, ...fillOf(runColour(line, theme), BAND_OPACITY) });
          })
        : [];
      const drawn = drawnLines(line, model.smoothed, theme).map(({ line: view, style }) => {
        const stroke = strokeOf(style.colour, style.width, style.opacity, style.dash);
        const d = pathOf(pixels(view, frame, area, axis));
        return tag('path', { d, 'stroke-linejoin': 'bevel', ...stroke });
      });
      return spread.join('') + drawn.join('');
    })
    .join('');
}

/** Points that no line shows, as rings; they may stand on the edge of the plot. */
function marks(frame: Frame, area: PlotArea, { chart, axis }: SvgChart): string {
  const { theme, model, x } = frame;
  const drawn = [...chart.lines].reverse().flatMap((line) => drawnLines(line, model.smoothed, theme));
  return drawn
    .flatMap(({ line, style }) =>
      markedPoints(line, x, axis.isLogarithmic).map((at) =>
        tag('circle', {
          cx: pixelAt(x, line.x[at] ?? NaN),
          cy: axisPixel(axis, area, axisPlace(line.y[at] ?? NaN, axis.isLogarithmic)),
          r: 1.4 + style.width,
          ...strokeOf(style.colour, Math.min(1.6, style.width), style.opacity),
          ...fillOf(theme.ground),
        }),
      ),
    )
    .join('');
}

function heatStrip(frame: Frame, chart: ChartModel, top: number): string {
  const { heat } = chart;
  if (!heat) return '';
  const { theme, x } = frame;
  const rows = heatRows(heat);
  const names = Array.from({ length: rows }, (_, row) =>
    textAt(x.left - 8, top + (rows - row) * HEAT_ROW - 2, heatRowName(heat, row), {
      'text-anchor': 'end',
      'font-size': 9,
      ...fillOf(theme.soft),
    }),
  );
  const cells = heatCells(heat).flatMap(({ from, to, shares }) => {
    const left = Math.max(x.left, pixelAt(x, from));
    const right = Math.min(x.left + x.width, pixelAt(x, to));
    if (right <= left) return [];
    return shares.map((share, row) =>
      share === 0
        ? ''
        : tag('rect', {
            x: left,
            y: top + (rows - 1 - row) * HEAT_ROW,
            width: right - left,
            height: HEAT_ROW - 1,
            ...fillOf(theme.heat, share),
          }),
    );
  });
  const note = textAt(
    x.left + x.width,
    top + rows * HEAT_ROW + 10,
    'rollouts by zoom count, share of a step',
    {
      'text-anchor': 'end',
      ...fillOf(theme.soft),
    },
  );
  return names.join('') + cells.join('') + note;
}

function chartMarkup(frame: Frame, shown: SvgChart, top: number, area: PlotArea, clip: string): string {
  const { chart, axis } = shown;
  const { theme } = frame;
  const hidden = axis.notShown === 0 ? '' : ` · ${axis.notShown} values not above 0 are not shown`;
  const scale = chart.logarithmic ? ' · logarithmic' : '';
  const title = `${tag('tspan', { 'font-weight': 'bold' }, escapeTitle(chart.title))}${tag(
    'tspan',
    { dx: 8, ...fillOf(theme.soft) },
    escapeTitle(chart.subtitle + scale + hidden),
  )}`;
  const head = tag('text', { x: area.left + 8, y: top + 15, ...fillOf(theme.text) }, title);
  const clipPath = tag(
    'clipPath',
    { id: clip },
    tag('rect', {
      x: area.left,
      y: area.top - 3,
      width: area.right - area.left + 3,
      height: area.bottom - area.top + 6,
    }),
  );
  const drawn = tag('g', { 'clip-path': `url(#${clip})` }, lines(frame, area, shown));
  return (
    clipPath +
    head +
    grid(frame, area, axis) +
    intervals(frame, area) +
    drawn +
    places(frame, area) +
    marks(frame, area, shown) +
    heatStrip(frame, chart, area.bottom + 6)
  );
}

/** Content of a text element is never empty, or the element would close itself. */
const escapeTitle = (text: string): string => escapeXml(text === '' ? ' ' : text);

function description(model: StackModel): string {
  const charts = model.charts.map(({ title }) => title).join(', ');
  const bands = model.bands.map(({ name, from, to }) => `${name} ${from} to ${to}`).join('; ');
  return `Curves over ${model.x === 'step' ? 'training steps' : 'time'}: ${charts}.${bands === '' ? '' : ` Stages: ${bands}.`}`;
}

function bottomAxis({ theme, ticks, x }: Frame, y: number): string {
  return ticks
    .map(({ value, label }) =>
      textAt(pixelAt(x, value), y, label, { 'text-anchor': 'middle', ...fillOf(theme.soft) }),
    )
    .join('');
}

const font = (theme: ChartTheme): string => `${theme.fontFamily}, sans-serif`;

/**
 * What is on the page as an SVG document of its own: it refers to nothing outside itself, and text is text.
 * @param title over it all, and the document's name for readers
 */
export function stackSvg(title: string, frame: Frame, charts: readonly SvgChart[]): string {
  const { theme, x, model } = frame;
  const width = x.left + x.width + RIGHT;
  const stagesTop = TITLE + LEGEND;
  let top = stagesTop + (model.bands.length > 0 ? STAGES : 4);
  const areas: PlotArea[] = [];
  const placed = charts.map((shown, at) => {
    const own = top;
    const area = {
      left: x.left,
      right: x.left + x.width,
      top: own + HEAD + 6,
      bottom: own + HEAD + 6 + shown.height,
    };
    areas.push(area);
    const heat = shown.chart.heat ? heatRows(shown.chart.heat) * HEAT_ROW + 18 : 0;
    top = area.bottom + heat + GAP;
    return chartMarkup(frame, shown, own, area, `plot${at}`);
  });
  const height = Math.ceil(top + AXIS - GAP);
  const content = [
    tag('title', {}, escapeTitle(title)),
    tag('desc', {}, escapeTitle(description(model))),
    tag('rect', { width, height, ...fillOf(theme.ground) }),
    textAt(x.left, 22, title === '' ? ' ' : title, {
      'font-size': 15,
      'font-weight': 'bold',
      ...fillOf(theme.text),
    }),
    legend(frame, TITLE),
    stages(frame, areas, stagesTop),
    ...placed,
    bottomAxis(frame, height - 10),
  ].join('\n');
  const root = {
    xmlns: 'http://www.w3.org/2000/svg',
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'font-family': font(theme),
    'font-size': theme.fontSize,
  };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${tag('svg', root, content)}\n`;
}
