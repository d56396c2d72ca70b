import type { LineView } from '../../../protocol/dynamicsView';
import type { ChartTheme } from './chartTheme';
import type { Colour } from './colours';
import type { ChartLine } from './stackModel';
import { runDash } from './tones';

/** How one polyline is drawn. */
export interface LineStyle {
  readonly colour: Colour;
  readonly opacity: number;
  /** CSS pixels. */
  readonly width: number;
  readonly dash: readonly number[];
}

/** A polyline of a chart: the samples, or their average. */
export interface DrawnLine {
  readonly line: LineView;
  readonly style: LineStyle;
}

const BLACK: Colour = { red: 0, green: 0, blue: 0, alpha: 1 };

/** Colour of a run. */
export function runColour(line: ChartLine, theme: ChartTheme): Colour {
  return theme.runs[line.colour % theme.runs.length] ?? BLACK;
}

/** Opacity of the area between the least and the greatest of several runs. */
export const BAND_OPACITY = 0.18;

/** What is drawn of a run, from below to above: the samples faint under their average, or strong by themselves. */
export function drawnLines(line: ChartLine, isSmoothed: boolean, theme: ChartTheme): DrawnLine[] {
  const colour = runColour(line, theme);
  const dash = runDash(line.colour, theme.isHighContrast);
  const strong: LineStyle = { colour, opacity: 1, width: 2, dash };
  const { raw, smooth } = line.curve;
  if (!isSmoothed || !smooth) return [{ line: raw, style: { ...strong, width: 1.6 } }];
  const opacity = theme.isHighContrast ? 0.6 : theme.isLight ? 0.38 : 0.34;
  return [
    { line: raw, style: { colour, opacity, width: 1, dash: [] } },
    { line: smooth, style: strong },
  ];
}
