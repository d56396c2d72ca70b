import { h, svg } from '../shared/dom';
import type { Controller } from './controller';
import type { Visible } from './pageState';

const ENTRIES: readonly (readonly [what: keyof Visible, words: string, key: string])[] = [
  ['a', 'A', '1'],
  ['b', 'B', '2'],
  ['truth', 'Ground truth', 'G'],
];

/** Which line is whose; each entry shows or hides those boxes. */
export function legendView(controller: Controller): HTMLElement {
  const buttons = ENTRIES.map(([what, words, key]) => {
    const element = h(
      'button',
      { type: 'button', class: 'legend-entry small', title: `Show or hide (${key})` },
      sample(what),
      what === 'truth' ? words : [h('span', { class: 'visually-hidden' }, 'Boxes of '), words],
    );
    element.addEventListener('click', () => controller.toggle(what));
    return [what, element] as const;
  });
  controller.store.watch(
    ({ visible }) => visible,
    (visible) => {
      for (const [what, element] of buttons) element.setAttribute('aria-pressed', String(visible[what]));
    },
  );
  return h(
    'div',
    { class: 'legend', role: 'group', 'aria-label': 'Boxes on the picture' },
    ...buttons.map(([, element]) => element),
  );
}

/** A piece of the line, as on the picture. */
function sample(what: keyof Visible): SVGElement {
  const rect = (inset: number): SVGElement =>
    svg('rect', { x: 1 + inset, y: 1 + inset, width: 20 - 2 * inset, height: 12 - 2 * inset });
  return svg(
    'svg',
    {
      class: `legend-sample side-${what}`,
      viewBox: '0 0 22 14',
      width: 22,
      height: 14,
      'aria-hidden': 'true',
    },
    rect(0),
    what === 'b' && rect(3.5),
  );
}
