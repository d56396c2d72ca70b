import { h, icon, type Child } from './dom';

/** A sentence in the middle of a region, with what to do about it. */
export function message(symbol: string, title: string, ...rest: Child[]): HTMLElement {
  return h(
    'div',
    { class: 'message' },
    h('span', { class: 'message-icon' }, icon(symbol)),
    h('p', { class: 'message-title' }, title),
    ...rest,
  );
}
