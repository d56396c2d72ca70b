import { h, icon } from '../shared/dom';
import { onReveal } from './treeNode';

/** A button that shows and hides a text, and what it does by key. */
export interface Disclosure {
  readonly button: HTMLElement;
  toggle(): void;
}

/**
 * Hides a text behind a button; what is looked for in it brings it out.
 * @param id of the text, unique in the page
 */
export function disclosure(label: string, body: HTMLElement, id: string): Disclosure {
  body.id = id;
  body.hidden = true;
  const arrow = icon('chevron-right');
  const button = h(
    'button',
    { class: 'quiet-button small', type: 'button', 'aria-expanded': 'false', 'aria-controls': id },
    label,
    arrow,
  );
  const toggle = (): void => {
    body.hidden = !body.hidden;
    button.setAttribute('aria-expanded', String(!body.hidden));
    arrow.className = `codicon codicon-chevron-${body.hidden ? 'right' : 'down'}`;
  };
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    toggle();
  });
  onReveal(body, () => {
    if (body.hidden) toggle();
  });
  return { button, toggle };
}
