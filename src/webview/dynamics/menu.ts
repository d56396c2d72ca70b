import { h, icon } from '../shared/dom';

/** An entry of a menu. */
export interface MenuEntry {
  readonly label: string;
  /** What it gives, beside the label. */
  readonly hint: string;
  readonly choose: () => void;
}

/** A button that opens a menu below itself. Arrows move in it, Escape and a press elsewhere close it. */
export class Menu {
  readonly element: HTMLElement;
  private readonly list: HTMLElement;
  private readonly opener: HTMLButtonElement;

  constructor(label: string, symbol: string, entries: readonly MenuEntry[]) {
    this.opener = h(
      'button',
      {
        class: 'bar-button',
        type: 'button',
        'aria-haspopup': 'menu',
        'aria-expanded': 'false',
        onclick: () => this.toggle(),
      },
      icon(symbol),
      h('span', { class: 'bar-words' }, label),
    );
    this.opener.title = label;
    this.list = h(
      'div',
      { class: 'menu', role: 'menu', 'aria-label': label, hidden: true },
      ...entries.map((entry) => this.item(entry)),
    );
    this.element = h('div', { class: 'menu-anchor' }, this.opener, this.list);
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.element.addEventListener('focusout', (event) => {
      if (!(event.relatedTarget instanceof Node && this.element.contains(event.relatedTarget))) this.close();
    });
  }

  /** Opens it with the keyboard in it, or closes it. */
  toggle(): void {
    if (!this.list.hidden) return this.close();
    this.list.hidden = false;
    this.list.classList.remove('opens-right');
    // A bar that has wrapped may have its button at the left edge.
    this.list.classList.toggle('opens-right', this.list.getBoundingClientRect().left < 0);
    this.opener.setAttribute('aria-expanded', 'true');
    this.items()[0]?.focus();
  }

  private close(): void {
    this.list.hidden = true;
    this.opener.setAttribute('aria-expanded', 'false');
  }

  private item({ label, hint, choose }: MenuEntry): HTMLElement {
    const press = (): void => {
      this.opener.focus();
      this.close();
      choose();
    };
    return h(
      'button',
      { class: 'menu-item', type: 'button', role: 'menuitem', tabindex: -1, onclick: press },
      h('span', {}, label),
      h('span', { class: 'soft small' }, hint),
    );
  }

  private items(): HTMLElement[] {
    return [...this.list.querySelectorAll<HTMLElement>('[role=menuitem]')];
  }

  private onKey(event: KeyboardEvent): void {
    if (this.list.hidden) return;
    const items = this.items();
    const at = items.findIndex((item) => item === document.activeElement);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: (at + 1) % items.length,
      ArrowUp: (at - 1 + items.length) % items.length,
      Home: 0,
      End: items.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (target !== undefined) return items[target]?.focus();
    this.opener.focus();
    this.close();
  }
}
