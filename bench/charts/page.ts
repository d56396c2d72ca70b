import '../../src/webview/shared/theme.css';
import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';
import { thin } from '../../src/analysis/thinning';
import type { CurveView } from '../../src/protocol/dynamicsView';
import { createStack } from '../../src/webview/dynamics/charts/stack';
import type { ChartModel, StackEvents, StackModel } from '../../src/webview/dynamics/charts/stackModel';

/* Runs in the browser: both contenders draw the same curves into the same room and say how long it took. */

const CHARTS = 3;
const RUNS = 4;
const POINTS = 100_000;
const [WIDTH, HEIGHT] = [1200, 900];
const COLOURS = ['#3794ff', '#d18616', '#89d185', '#b180d7'];

/** A reproducible generator of numbers in [0, 1): mulberry32. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const steps = Float64Array.from({ length: POINTS }, (_, at) => at);
const curves = Array.from({ length: CHARTS * RUNS }, (_, at) => {
  const random = generator(at + 1);
  return Float64Array.from(
    steps,
    (step) => Math.sin(step / 16_000 + at) + (random() - 0.5) * 0.6 + (random() < 0.0005 ? 1.5 : 0),
  );
});

const root = document.getElementById('root') as HTMLElement;
root.style.width = `${WIDTH}px`;
root.style.height = `${HEIGHT}px`;

/** Waits until all canvases hold their pixels: a read needs them. */
function finish(): void {
  for (const canvas of root.querySelectorAll('canvas')) canvas.getContext('2d')?.getImageData(0, 0, 1, 1);
}

function curveView(id: string, y: Float64Array, columns: number): CurveView {
  const range: [number, number] = [0, POINTS - 1];
  const { kept } = thin({ x: steps, y }, range, columns);
  const at = Float64Array.from(kept, (index) => steps[index] ?? NaN);
  const raw = { x: at, y: Float64Array.from(kept, (index) => y[index] ?? NaN), steps: at };
  return { id, raw, total: POINTS, shown: kept.length, extent: range };
}

const nothing = (): void => undefined;
const events: StackEvents = {
  zoomed: nothing,
  picked: nothing,
  hovered: nothing,
  boundaryMoved: nothing,
  logarithmicToggled: nothing,
  keyChosen: nothing,
  chartClosed: nothing,
  chartMoved: nothing,
  columnsChanged: nothing,
};

function model(columns: number): StackModel {
  const charts = Array.from({ length: CHARTS }, (_, chart): ChartModel => {
    const lines = Array.from({ length: RUNS }, (__, run) => {
      const id = `${chart} ${run}`;
      const y = curves[chart * RUNS + run] ?? new Float64Array();
      return { curve: curveView(id, y, columns), name: `run ${run}`, colour: run };
    });
    return {
      id: String(chart),
      title: `Chart ${chart}`,
      subtitle: '',
      choices: [],
      unit: 'number',
      logarithmic: false,
      lines,
    };
  });
  const cut = [0, 0.25, 0.6, 1].map((share) => share * (POINTS - 1));
  const bands = [0, 1, 2].map((index) => ({
    index,
    name: `stage ${index}`,
    from: cut[index] ?? 0,
    to: cut[index + 1] ?? 0,
  }));
  const extent: [number, number] = [0, POINTS - 1];
  return { x: 'step', range: extent, extent, charts, bands, boundaries: [], breaks: [], smoothed: false };
}

/** As wide as the plots are in this room: the page tells its host so before any curve is sent. */
const COLUMNS = 1146;

function ours(): number {
  let columns = 0;
  const start = performance.now();
  const stack = createStack({ ...events, columnsChanged: (told) => (columns = told) });
  root.append(stack.element);
  stack.draw(model(COLUMNS));
  finish();
  const taken = performance.now() - start;
  if (columns !== COLUMNS) throw new Error(`the plots have ${columns} columns`);
  return taken;
}

async function peer(): Promise<number> {
  const start = performance.now();
  for (let chart = 0; chart < CHARTS; chart++) {
    const data = [steps, ...curves.slice(chart * RUNS, (chart + 1) * RUNS)] as uPlot.AlignedData;
    const series = [{}, ...COLOURS.map((stroke) => ({ stroke, width: 1.6, points: { show: false } }))];
    const scales = { x: { time: false } };
    new uPlot({ width: WIDTH, height: HEIGHT / CHARTS, series, legend: { show: false }, scales }, data, root);
  }
  // It draws in a microtask.
  await Promise.resolve();
  await Promise.resolve();
  finish();
  return performance.now() - start;
}

Object.assign(globalThis, { contenders: { ours, peer } });
