import type { CurveView, LineView } from '../../../src/protocol/dynamicsView';
import { exponentialAverage } from '../../../src/analysis/smoothing';
import type { ChartLine, ChartModel, StackModel } from '../../../src/webview/dynamics/charts/stackModel';
import { figure3 } from '../../support/figure3';

/** A line at steps 0, 1, 2, … or at the places given. */
export function lineOf(values: readonly number[], places?: readonly number[]): LineView {
  const x = Float64Array.from(places ?? values.map((_, at) => at));
  return { x, y: Float64Array.from(values), steps: Float64Array.from(x) };
}

/** A curve as the host would send it. */
export function curveOf(id: string, raw: LineView, smoothing = 0): CurveView {
  const smooth = smoothing > 0 ? { smooth: { ...raw, y: exponentialAverage(raw.y, smoothing) } } : {};
  const extent: [number, number] = [raw.x[0] ?? 0, raw.x.at(-1) ?? 0];
  return { id, raw, ...smooth, total: raw.x.length, shown: raw.x.length, extent };
}

/** A chart of some lines; the first is of the first run. */
export function chartOf(
  id: string,
  curves: readonly CurveView[],
  more: Partial<ChartModel> = {},
): ChartModel {
  const lines = curves.map((curve, at): ChartLine => ({ curve, name: `run ${at + 1}`, colour: at }));
  return { id, title: id, subtitle: '', choices: [], unit: 'number', logarithmic: false, lines, ...more };
}

/** A stack over steps 0 to 79 without stages. */
export function stackOf(charts: readonly ChartModel[], more: Partial<StackModel> = {}): StackModel {
  return {
    x: 'step',
    range: [0, 79],
    extent: [0, 79],
    charts,
    bands: [],
    boundaries: [],
    breaks: [],
    smoothed: false,
    ...more,
  };
}

/** Three stages with their boundaries, as the paper's authors drew them. */
export const THREE_STAGES: Pick<StackModel, 'bands' | 'boundaries'> = {
  bands: [
    { index: 0, name: 'Initial exploration', from: 0, to: 20 },
    { index: 1, name: 'High-frequency zooming', from: 20, to: 45 },
    { index: 2, name: 'Efficient exploitation', from: 45, to: 79 },
  ],
  boundaries: [
    { index: 0, x: 20, interval: [18, 24] },
    { index: 1, x: 45, interval: [44, 46] },
  ],
};

/** The paper's curves with a made up accuracy, which is known at every sixteenth step. */
export function paperModel(smoothing = 0.6): StackModel {
  const { curves } = figure3();
  const paper = (concept: string): CurveView =>
    curveOf(
      concept,
      lineOf(Array.from(curves.find((curve) => curve.concept === concept)?.values ?? [])),
      smoothing,
    );
  const accuracy = lineOf([0.712, 0.815, 0.868, 0.895, 0.884, 0.901], [0, 16, 32, 48, 64, 79]);
  const counts = Array.from({ length: 80 }, (_, step) => {
    const zooms = 1 + Math.sin(step / 14);
    return [0, 1, 2, 3, 4].map((row) => Math.round(1024 * Math.exp(-((row - zooms) ** 2))));
  });
  const heat = {
    columns: counts.map((row, step) => ({ from: step, to: step, x0: step, x1: step, counts: row })),
    most: 3,
  };
  const titled = (title: string, subtitle: string): Partial<ChartModel> => ({ title, subtitle });
  return stackOf(
    [
      chartOf('zoomCount', [paper('zoomCount')], {
        ...titled('Zoom count', 'agent/tool_call_mean'),
        heat,
      }),
      chartOf('length', [paper('responseLength')], {
        ...titled('Response length', 'response_length/mean · without observation tokens'),
        unit: 'tokens',
        key: 'response_length/mean',
        choices: [
          { key: 'response_length/mean', label: 'response_length/mean' },
          { key: 'response_length/max', label: 'response_length/max' },
        ],
      }),
      chartOf('iou', [paper('iou')], titled('Grounding IoU', 'computed from the rollouts')),
      chartOf('accuracy', [curveOf('accuracy', accuracy)], {
        ...titled('V* accuracy', 'val-core/vstar/acc'),
        unit: 'percent',
      }),
    ],
    { ...THREE_STAGES, smoothed: smoothing > 0, selected: 46 },
  );
}
