import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { MOST_SMOOTHING } from './remembered';
import { pointCount, runsOf } from './stackBuilder';
import { countOf, countWords, nameLine, shareWords } from './words';
import { xModes } from './xModes';

/** What the bar opens and does beyond the controller. */
export interface BarActions {
  openMetrics(): void;
  readonly exportMenu: HTMLElement;
  help(): void;
}

function barButton(symbol: string, label: string, press: () => void): HTMLButtonElement {
  const button = h(
    'button',
    { class: 'bar-button', type: 'button', onclick: press },
    icon(symbol),
    h('span', { class: 'bar-words' }, label),
  );
  button.title = label;
  return button;
}

/** Steps from the first of any run to the last, as a count of different ones where there is one run. */
function stepsLine(state: PageState): string {
  const runs = runsOf(state);
  const counts = runs.flatMap(({ steps }) => (steps ? [steps.count] : []));
  const most = Math.max(0, ...counts);
  const steps = counts.length === 0 ? '' : `${runs.length > 1 ? 'up to ' : ''}${countWords(most, 'step')}`;
  return [runs.length > 1 ? countWords(runs.length, 'run') : '', steps].filter(Boolean).join(' · ');
}

function titleLine(store: Store<PageState>): HTMLElement {
  const dot = h(
    'span',
    { class: 'live', title: 'Values have come within the last minute' },
    h('span', { class: 'live-dot', 'aria-hidden': 'true' }),
    h('span', { class: 'small soft' }, 'live'),
  );
  const name = h('h1', { class: 'source-name' });
  const facts = h('span', { class: 'soft facts' });
  const points = h('span', { class: 'soft small points' });
  const reading = h('span', { class: 'soft small reading' });
  store.watch(
    (state) => state.view,
    (view) => {
      const words = view.status === 'ready' ? nameLine(view.name) : '';
      name.textContent = name.title = words;
      dot.hidden = !runsOf({ view }).some(({ live }) => live);
      facts.textContent = stepsLine(store.get());
      const now = view.status === 'ready' ? view.reading : undefined;
      replaceContent(reading, now && `reading ${nameLine(now.file)} ${shareWords(now.fraction)}`);
    },
  );
  store.watch(
    (state) => state.drawn,
    () => {
      const { shown, total } = pointCount(store.get());
      points.textContent = shown < total ? `Showing ${countOf(shown)} of ${countOf(total)} points` : '';
      points.title =
        'Of each pixel column the least and the greatest value are drawn, so that no spike is lost.';
    },
  );
  return h('div', { class: 'bar-title' }, dot, name, facts, points, reading);
}

function smoothing(store: Store<PageState>, controller: Controller): HTMLElement {
  const slider = h('input', {
    class: 'slider',
    type: 'range',
    min: 0,
    max: MOST_SMOOTHING,
    step: 0.01,
    id: 'smoothing',
  });
  const value = h('output', { class: 'number', for: 'smoothing' });
  slider.addEventListener('input', () => controller.setSmoothing(slider.valueAsNumber));
  store.watch(
    (state) => state.smoothing,
    (weight) => {
      if (slider.valueAsNumber !== weight) slider.value = String(weight);
      slider.style.setProperty('--done', String(weight / MOST_SMOOTHING));
      value.textContent = weight.toFixed(2);
    },
  );
  const title = 'Weight of the past in the average, as in TensorBoard; 0 shows the values alone';
  return h(
    'div',
    { class: 'smoothing', title },
    h('label', { class: 'soft', for: 'smoothing' }, 'smoothing'),
    slider,
    value,
  );
}

/** The line above the charts. */
export function topBar(store: Store<PageState>, controller: Controller, actions: BarActions): HTMLElement {
  const resetZoom = barButton('screen-normal', 'Reset zoom', () => controller.zoom(undefined));
  const table = barButton('table', 'Table', () => controller.showTable(!store.get().table));
  store.watch(
    (state) => state.range !== undefined,
    (zoomed) => (resetZoom.hidden = !zoomed),
  );
  store.watch(
    (state) => state.table,
    (isTable) => {
      const label = isTable ? 'Charts' : 'Table';
      table.title = label;
      replaceContent(table, icon(isTable ? 'graph-line' : 'table'), h('span', { class: 'bar-words' }, label));
    },
  );
  const controls = h(
    'div',
    { class: 'bar-controls' },
    resetZoom,
    smoothing(store, controller),
    xModes(store, controller),
    barButton('graph-line', 'Metrics…', () => actions.openMetrics()),
    table,
    actions.exportMenu,
    barButton('question', 'Keys', () => actions.help()),
  );
  store.watch(
    (state) => state.view.status === 'ready',
    (ready) => (controls.hidden = !ready),
  );
  return h('header', { class: 'top-bar' }, titleLine(store), controls);
}
