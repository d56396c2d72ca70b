import type { Completion } from '../../analysis/expression/completions';
import { h, replaceContent } from '../shared/dom';

/** What could be written, below a text box that keeps the focus. */
export class CompletionList {
  readonly element: HTMLElement;
  private count = 0;
  /** Position of the option that the arrow keys stand on; -1 for none. */
  active = -1;

  /** @param choose is called with the position of an option that was clicked */
  constructor(
    private readonly id: string,
    private readonly choose: (at: number) => void,
  ) {
    this.element = h('ul', { class: 'completions', role: 'listbox', id, 'aria-label': 'Completions' });
    this.element.hidden = true;
  }

  get isOpen(): boolean {
    return this.count > 0;
  }

  /** Id of the option that is marked. */
  get activeId(): string | undefined {
    return this.active < 0 ? undefined : this.optionId(this.active);
  }

  /** Shows these; hides itself where there are none. */
  show(items: readonly Completion[]): void {
    this.count = items.length;
    this.active = -1;
    this.element.hidden = items.length === 0;
    replaceContent(
      this.element,
      items.map((item, at) => this.option(item, at)),
    );
  }

  /** Marks the next or previous option; beyond the ends stands none, which is the box itself. */
  move(delta: number): boolean {
    this.active = ((this.active + 1 + delta + this.count + 1) % (this.count + 1)) - 1;
    [...this.element.children].forEach((option, at) => {
      option.setAttribute('aria-selected', String(at === this.active));
      if (at === this.active) option.scrollIntoView({ block: 'nearest' });
    });
    return true;
  }

  private optionId(at: number): string {
    return `${this.id}-${at}`;
  }

  private option({ text, detail, kind }: Completion, at: number): HTMLElement {
    return h(
      'li',
      {
        class: `completion completion-${kind}`,
        role: 'option',
        id: this.optionId(at),
        'aria-selected': 'false',
        // Before the box loses the focus.
        onpointerdown: (event: PointerEvent) => {
          event.preventDefault();
          this.choose(at);
        },
      },
      h('bdi', { class: 'mono' }, text),
      detail !== undefined && h('span', { class: 'small soft ellipsis' }, detail),
    );
  }
}
