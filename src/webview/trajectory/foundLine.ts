import { button } from '../shared/controls';
import { h, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { Found, PageState } from './pageState';
import { countWords, numberWords } from './words';

/** Nothing is drawn of a query that is answered within this time, in milliseconds. */
const PATIENCE = 150;

/** Below the filter box: how many rollouts it left, how far the log has been read for it, and the way to stop that. */
export function foundLine(store: Store<PageState>, controller: Controller): HTMLElement {
  const element = h('div', { class: 'found small', role: 'status' });
  let timer: ReturnType<typeof setTimeout> | undefined;
  let bar: { readonly element: HTMLElement; show(found: Found): void } | undefined;
  store.watch(
    ({ found }) => found,
    (found) => {
      clearTimeout(timer);
      if (found.status !== 'working') bar = undefined;
      if (found.status === 'working' && bar) return bar.show(found);
      if (found.status === 'working') {
        timer = setTimeout(() => {
          bar = readingBar(() => controller.queries.stop());
          bar.show(store.get().found);
          replaceContent(element, bar.element);
        }, PATIENCE);
        return;
      }
      replaceContent(
        element,
        foundNodes(found, () => controller.queries.clear()),
      );
    },
  );
  return element;
}

function foundNodes(found: Found, clear: () => void): Node[] {
  if (found.status !== 'ok') return [];
  const { count, scanned, judged, right, complete } = found;
  const words = `${numberWords(count)} of ${numberWords(scanned)}${complete ? '' : ' read so far'}`;
  const rightWords = `${numberWords(right)} of ${numberWords(judged)} right`;
  return [
    h(
      'div',
      { class: 'found-facts number' },
      h('span', { class: 'found-count' }, words),
      judged > 0 && h('span', { class: 'right-count', title: 'Right of those that were judged' }, rightWords),
    ),
    ...(count > 0
      ? []
      : [
          h(
            'div',
            { class: 'found-none' },
            h('p', {}, `None of ${countWords(scanned, 'rollout')} fits the filter.`),
            button('Clear the filter', clear),
          ),
        ]),
  ];
}

/** How far the log has been read, and a button that ends it. */
function readingBar(stop: () => void): { readonly element: HTMLElement; show(found: Found): void } {
  const words = h('span', { class: 'found-count number' });
  const bar = h('progress', { class: 'found-progress', max: 1, 'aria-label': 'Reading the log' });
  const cancel = h('button', { class: 'link-button', type: 'button', onclick: stop }, 'Stop');
  cancel.title = 'Use what has been read so far';
  return {
    element: h('div', { class: 'found-reading' }, words, bar, cancel),
    show: (found) => {
      const reading = found.status === 'working' ? found.reading : undefined;
      words.textContent = reading ? `Reading ${countWords(reading.records, 'rollout')}` : 'Searching…';
      if (reading) bar.value = reading.done;
      else bar.removeAttribute('value');
      cancel.hidden = !reading;
    },
  };
}
