import type { ChartStack } from './charts/stackModel';
import { createStack } from './charts/stack';
import { button } from '../shared/controls';
import { h } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { message } from '../shared/message';
import type { PageState } from './pageState';
import { buildStack, runsOf } from './stackBuilder';
import { visibleRuns } from './chartPlan';
import { nameLine } from './words';

/** What a change of calls for the charts to be drawn again. */
const SLICES = [
  'drawn',
  'view',
  'x',
  'range',
  'boundaries',
  'moved',
  'selected',
  'focus',
  'hidden',
  'logarithmic',
  'problem',
  'charts',
  'table',
] as const;

/** The stacked charts, or why there are none. */
export class ChartsView {
  readonly element: HTMLElement;
  private readonly stack: ChartStack;
  private readonly note = h('div', { class: 'charts-note' });
  private noted = '';
  private frame = 0;

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    openMetrics: () => void,
  ) {
    this.stack = createStack({
      zoomed: (range) => controller.zoom(range),
      picked: (_x, step) => controller.select(step),
      hovered: () => undefined,
      boundaryMoved: (index, x, isDone) => controller.moveBoundary(index, x, isDone),
      logarithmicToggled: (chart) => controller.charts.toggleLogarithmic(chart),
      keyChosen: (chart, key) => controller.charts.chooseKey(chart, key),
      chartClosed: (chart) => controller.charts.close(chart),
      chartMoved: (chart, by) => controller.charts.move(chart, by),
      columnsChanged: (columns) => controller.setColumns(columns),
    });
    this.element = h('div', { class: 'charts' }, this.note, this.stack.element);
    this.openMetrics = openMetrics;
    for (const slice of SLICES)
      store.watch(
        (state) => state[slice],
        () => this.later(),
      );
  }

  private readonly openMetrics: () => void;

  /** What is drawn now as a picture's content. */
  async picture(kind: 'png' | 'svg'): Promise<Uint8Array | string> {
    const { view } = this.store.get();
    const title = view.status === 'ready' ? nameLine(view.name) : '';
    return kind === 'svg' ? this.stack.toSvg(title) : this.stack.toPng(title);
  }

  private later(): void {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    const state = this.store.get();
    if (state.table) return;
    const model = buildStack(state);
    this.drawNote(state, model?.charts.length ?? 0);
    if (model) this.stack.draw(model);
  }

  /** Says why there are no charts, where there are none. */
  private drawNote(state: PageState, charts: number): void {
    const isHidden = visibleRuns(runsOf(state), state).length === 0;
    const key = state.problem ?? (isHidden ? 'hidden' : state.drawn && charts === 0 ? 'no chart' : '');
    this.element.classList.toggle('noted', key !== '');
    if (key === this.noted) return;
    this.noted = key;
    this.note.replaceChildren(...(key === '' ? [] : [this.noteFor(state.problem, isHidden)]));
  }

  private noteFor(problem: string | undefined, isHidden: boolean): HTMLElement {
    if (problem !== undefined)
      return message(
        'error',
        'The points could not be had',
        textBlock(problem, 'message-text'),
        button('Try Again', () => this.controller.refresh(), 'primary'),
      );
    if (isHidden)
      return message(
        'eye-closed',
        'All runs are switched off',
        button('Show All Runs', () => this.controller.showAllRuns(), 'primary'),
      );
    return message(
      'graph-line',
      'No chart is chosen',
      button('Metrics…', this.openMetrics, 'primary'),
      button('Show the Usual Charts', () => this.controller.charts.reset()),
    );
  }
}
