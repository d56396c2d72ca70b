import '../../../src/webview/shared/theme.css';
import { createStack } from '../../../src/webview/dynamics/charts/stack';
import type { ChartStack, StackEvents, StackModel } from '../../../src/webview/dynamics/charts/stackModel';

/** What a test reaches in the page. */
export interface ChartsBench {
  readonly stack: ChartStack;
  /** Name and arguments of each event, in order. */
  readonly told: unknown[][];
  draw(model: StackModel): void;
}

const told: unknown[][] = [];
const tell =
  (name: string) =>
  (...rest: unknown[]): void => {
    told.push([name, ...rest]);
  };
const events: StackEvents = {
  zoomed: tell('zoomed'),
  picked: tell('picked'),
  hovered: tell('hovered'),
  boundaryMoved: tell('boundaryMoved'),
  logarithmicToggled: tell('logarithmicToggled'),
  keyChosen: tell('keyChosen'),
  chartClosed: tell('chartClosed'),
  chartMoved: tell('chartMoved'),
  columnsChanged: tell('columnsChanged'),
};
const stack = createStack(events);
document.getElementById('root')?.append(stack.element);
document.getElementById('root')?.style.setProperty('height', '100%');
(globalThis as unknown as { charts: ChartsBench }).charts = {
  stack,
  told,
  draw: (model) => stack.draw(model),
};
