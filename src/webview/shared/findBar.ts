import { iconButton, setEnabled } from './controls';
import { h, icon } from './dom';
import { Toggle } from './toggle';

/** A search begins this long after the last letter, in milliseconds. */
const TYPING_MS = 250;

/** What a person looks for. */
export interface FindQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  readonly regex: boolean;
}

/** How a search stands. */
export interface FindState {
  /** `3 of 12`, or why there is nothing. */
  readonly words: string;
  /** More of it, where a pointer rests. */
  readonly title?: string;
  /** It goes on, and can be stopped. */
  readonly isRunning?: boolean;
  /** What is looked for can't be. */
  readonly isFailed?: boolean;
}

/** What the bar asks for. */
export interface FindActions {
  search(query: FindQuery): void;
  next(isForward: boolean): void;
  closed(): void;
  /** Absent where a search is over at once. */
  stop?(): void;
}

/** The bar over a text in which a person says what to look for. */
export class FindBar {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly count = h('span', { class: 'find-count', role: 'status' });
  private readonly matchCase: Toggle;
  private readonly wholeWord: Toggle;
  private readonly regex: Toggle;
  private readonly stopButton: HTMLElement | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = '';

  /** @param label what the box is for, for screen readers */
  constructor(
    private readonly actions: FindActions,
    label: string,
  ) {
    this.input = h('input', {
      class: 'find-input',
      type: 'text',
      placeholder: 'Find',
      'aria-label': label,
      spellcheck: 'false',
      oninput: () => this.later(),
    });
    this.matchCase = this.option('Match case', 'case-sensitive');
    this.wholeWord = this.option('Match whole word', 'whole-word');
    this.regex = this.option('Use regular expression', 'regex');
    const toggles = [this.matchCase.element, this.wholeWord.element, this.regex.element];
    const { stop } = actions;
    this.stopButton = stop && iconButton('debug-stop', 'Stop searching', () => stop());
    this.element = h(
      'div',
      { class: 'find-bar', role: 'search', hidden: true },
      h('span', { class: 'find-box' }, this.input, toggles),
      this.count,
      this.stopButton,
      iconButton('arrow-up', 'Previous match (Shift+Enter)', () => this.actions.next(false)),
      iconButton('arrow-down', 'Next match (Enter)', () => this.actions.next(true)),
      iconButton('close', 'Close (Escape)', () => this.close()),
    );
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.tell(undefined);
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  /** Opens it with what is selected, or what was looked for last. */
  open(): void {
    const selected = getSelection()?.toString() ?? '';
    if (selected !== '' && selected.length < 200 && !selected.includes('\n')) this.input.value = selected;
    this.element.hidden = false;
    this.input.focus();
    this.input.select();
    if (this.input.value !== '') this.ask();
  }

  close(): void {
    clearTimeout(this.timer);
    this.element.hidden = true;
    this.asked = '';
    this.tell(undefined);
    this.actions.closed();
  }

  /** Says how the search stands; nothing where there is none. */
  tell(state: FindState | undefined): void {
    const words = state?.words ?? '';
    this.count.textContent = words;
    this.count.title = state?.title ?? words;
    this.element.classList.toggle('failed', state?.isFailed === true);
    if (this.stopButton) setEnabled(this.stopButton, state?.isRunning === true);
  }

  private option(label: string, name: string): Toggle {
    const toggle: Toggle = new Toggle(label, icon(name), () => {
      toggle.set(!toggle.isOn);
      this.ask();
    });
    return toggle;
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPING_MS);
  }

  private ask(): void {
    clearTimeout(this.timer);
    const query: FindQuery = {
      text: this.input.value,
      matchCase: this.matchCase.isOn,
      wholeWord: this.wholeWord.isOn,
      regex: this.regex.isOn,
    };
    const key = JSON.stringify(query);
    if (key === this.asked) return;
    this.asked = key;
    this.actions.search(query);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter' && event.target === this.input) {
      this.ask();
      this.actions.next(!event.shiftKey);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
