import { h, icon } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';

/** What the list can be sorted by: the field, its header, and the header in words. */
const COLUMNS: readonly (readonly [field: string, short: string, words: string])[] = [
  ['index', '#', 'index'],
  ['correct', 'Verdict', 'verdict'],
  ['question', 'Question', 'question'],
  ['zooms', 'Zooms', 'zooms'],
  ['tokens', 'Tokens', 'tokens'],
  ['iou', 'IoU', 'IoU'],
  ['step', 'Step', 'step'],
  ['reward', 'Reward', 'reward'],
];

/** The headers above the list: a press sorts, the next turns round, the third returns to the order of the file. */
export function sortHeader(store: Store<PageState>, controller: Controller): HTMLElement {
  const headers = COLUMNS.map(([field, short, words]) => {
    const arrow = icon('arrow-up');
    arrow.classList.add('sort-arrow');
    const press = h(
      'button',
      {
        class: 'sort-button small',
        type: 'button',
        title: `Sort by ${words}`,
        onclick: () => controller.queries.sortBy(field),
      },
      short,
      arrow,
    );
    const header = h('div', { class: 'sort-column', role: 'columnheader', 'aria-sort': 'none' }, press);
    return { field, header, arrow };
  });
  store.watch(
    ({ sort }) => sort,
    (sort) => {
      for (const { field, header, arrow } of headers) {
        const isSorted = sort?.field === field;
        const isDown = isSorted && sort.descending;
        header.setAttribute('aria-sort', isDown ? 'descending' : isSorted ? 'ascending' : 'none');
        arrow.classList.toggle('codicon-arrow-up', !isDown);
        arrow.classList.toggle('codicon-arrow-down', isDown);
      }
    },
  );
  return h(
    'div',
    { class: 'sort-header', role: 'table', 'aria-label': 'Order of the list' },
    h('div', { class: 'sort-row', role: 'row' }, ...headers.map(({ header }) => header)),
  );
}
