import { h } from '../shared/dom';
import { splitter } from '../shared/splitter';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { messageFor } from './messages';
import type { PageState } from './pageState';

/** The regions, made elsewhere. */
export interface Regions {
  readonly bar: HTMLElement;
  readonly charts: HTMLElement;
  readonly table: HTMLElement;
  readonly side: HTMLElement;
  readonly dialogs: readonly HTMLElement[];
  readonly live: HTMLElement;
}

/** Puts the regions side by side, and a message in their place where there is nothing to draw. */
export function layout(store: Store<PageState>, controller: Controller, regions: Regions): HTMLElement {
  const { bar, charts, table, side, dialogs, live } = regions;
  const note = h('div', { class: 'page-note' });
  const page = h('div', { class: 'page' });
  const bars = splitter(page, {
    label: 'Width of the cards',
    read: () => store.get().split,
    write: (split) => controller.setSplit(split),
    rightSide: true,
  });
  const main = h('main', { class: 'main-region', 'aria-label': 'Curves' }, note, charts, table, bars);
  page.append(bar, main, side, ...dialogs, live);
  let noted = '';
  const draw = (): void => {
    const { view, table: isTable } = store.get();
    const message = messageFor(view, controller);
    const hasNote = message !== undefined;
    page.classList.toggle('without-curves', hasNote);
    // A skeleton that is told of every percent stays the same skeleton.
    const key = JSON.stringify(hasNote && { ...view, generation: 0 });
    if (key !== noted) note.replaceChildren(...(message ? [message] : []));
    noted = key;
    charts.hidden = hasNote || isTable;
    table.hidden = hasNote || !isTable;
  };
  store.watch((state) => state.view, draw);
  store.watch((state) => state.table, draw);
  store.watch(
    (state) => state.split,
    (split) => page.style.setProperty('--side-width', `${split * 100}%`),
  );
  return page;
}
