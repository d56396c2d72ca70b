import type { CurveView, XMode, ZoomHeatView } from '../../../protocol/dynamicsView';

/*
 * What the stacked charts draw, and what they tell: plain data in, events out. Whoever makes the model knows runs, keys
 * and stages; the charts know lines, places and pixels.
 */

/** A line of a chart. */
export interface ChartLine {
  readonly curve: CurveView;
  /** Of the run, or of the mean of several. */
  readonly name: string;
  /** Which of the theme's run colours, from 0; the same run has the same one in all charts. */
  readonly colour: number;
}

/** One of the stacked charts. */
export interface ChartModel {
  /** Stable while the chart is there. */
  readonly id: string;
  /** 'Zoom count'. */
  readonly title: string;
  /** The raw key, and what must be known: 'response_length/mean · without observation tokens'. */
  readonly subtitle: string;
  /** Keys that can be drawn here instead, with what they mean; the current one included. Fewer than two: no choice. */
  readonly choices: readonly { readonly key: string; readonly label: string }[];
  readonly key?: string;
  /** Fractions are drawn as percent where a person would say percent (accuracy, tool success). */
  readonly unit: 'number' | 'percent' | 'tokens';
  readonly logarithmic: boolean;
  readonly lines: readonly ChartLine[];
  /** Drawn as a strip below the lines. */
  readonly heat?: ZoomHeatView;
}

/** A stage, painted over all charts. */
export interface StageBand {
  /** 0, 1, 2: which of the theme's stage colours. */
  readonly index: number;
  readonly name: string;
  /** Places on the axis. */
  readonly from: number;
  readonly to: number;
}

/** A line between two stages that a person can drag, also by keyboard. */
export interface BoundaryHandle {
  /** 0 or 1. */
  readonly index: number;
  readonly x: number;
  /** Between which places nine of ten resampled runs have it; absent once it was dragged. */
  readonly interval?: readonly [number, number];
}

/** All that is drawn. */
export interface StackModel {
  readonly x: XMode;
  /** What is shown of the axis. */
  readonly range: readonly [number, number];
  /** All that there is. */
  readonly extent: readonly [number, number];
  readonly charts: readonly ChartModel[];
  readonly bands: readonly StageBand[];
  readonly boundaries: readonly BoundaryHandle[];
  /** Places at which a restart wrote anew. */
  readonly breaks: readonly number[];
  /** The place that was chosen, with a dashed line through all charts. */
  readonly selected?: number;
  /** Whether raw lines are drawn faint below strong smooth ones. */
  readonly smoothed: boolean;
}

/** What a person does with the charts. */
export interface StackEvents {
  /** Drag over an area; undefined: all of it again (double click). */
  zoomed(range: readonly [number, number] | undefined): void;
  /** A click at a place, snapped to the nearest sample's step. */
  picked(x: number, step: number): void;
  /** The pointer, or the keyboard's crosshair, is at a place; undefined: nowhere. */
  hovered(x: number | undefined): void;
  /** While and after a boundary is dragged. */
  boundaryMoved(index: number, x: number, isDone: boolean): void;
  logarithmicToggled(chart: string): void;
  keyChosen(chart: string, key: string): void;
  /** Takes a chart out, or puts it one place up or down. */
  chartClosed(chart: string): void;
  chartMoved(chart: string, by: -1 | 1): void;
  /** The plots have another width in pixel columns: the curves must be thinned anew. */
  columnsChanged(columns: number): void;
}

/** The stacked charts as an element. Made by `createStack` in `stack.ts`. */
export interface ChartStack {
  readonly element: HTMLElement;
  draw(model: StackModel): void;
  /** The crosshair at a place, such as one that another part of the page names; undefined takes it away. */
  showCrosshair(x: number | undefined): void;
  /** What is drawn now as one SVG document: legend, stages, axes, all charts. */
  toSvg(title: string): string;
  /** The same as PNG, at twice the size. */
  toPng(title: string): Promise<Uint8Array>;
  dispose(): void;
}
