import type { MatchView, SearchQuery, SearchView } from '../../protocol/logFileView';
import { iconButton, setEnabled } from '../shared/controls';
import { h, icon } from '../shared/dom';
import { Toggle } from './toggle';

/** A search begins this long after the last letter, in milliseconds. */
const TYPING_MS = 250;

/** What the bar asks for. */
export interface FindActions {
  search(query: SearchQuery): void;
  stop(): void;
  next(isForward: boolean): void;
  closed(): void;
}

const figure = (value: number): string => value.toLocaleString('en-US');

/** The bar over the text in which a person says what to look for. */
export class FindBar {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly count = h('span', { class: 'find-count', role: 'status' });
  private readonly matchCase: Toggle;
  private readonly wholeWord: Toggle;
  private readonly regex: Toggle;
  private readonly stopButton: HTMLElement;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = '';
  private view: SearchView | undefined;
  private match: MatchView | undefined;

  constructor(private readonly actions: FindActions) {
    this.input = h('input', {
      class: 'find-input',
      type: 'text',
      placeholder: 'Find',
      'aria-label': 'Find in the file',
      spellcheck: 'false',
      oninput: () => this.later(),
    });
    const option = (label: string, name: string): Toggle => {
      const toggle: Toggle = new Toggle(label, icon(name), () => {
        toggle.set(!toggle.isOn);
        this.ask();
      });
      return toggle;
    };
    this.matchCase = option('Match case', 'case-sensitive');
    this.wholeWord = option('Match whole word', 'whole-word');
    this.regex = option('Use regular expression', 'regex');
    this.stopButton = iconButton('debug-stop', 'Stop searching', () => this.actions.stop());
    this.element = h(
      'div',
      { class: 'find-bar', role: 'search', hidden: true },
      h(
        'span',
        { class: 'find-box' },
        this.input,
        this.matchCase.element,
        this.wholeWord.element,
        this.regex.element,
      ),
      this.count,
      this.stopButton,
      iconButton('arrow-up', 'Previous match (Shift+Enter)', () => this.actions.next(false)),
      iconButton('arrow-down', 'Next match (Enter)', () => this.actions.next(true)),
      iconButton('close', 'Close (Escape)', () => this.close()),
    );
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    this.draw();
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
    this.show(undefined);
    this.actions.closed();
  }

  /** How the search stands. */
  show(view: SearchView | undefined): void {
    this.view = view;
    if (!view) this.match = undefined;
    this.draw();
  }

  /** Which match is gone to. */
  showMatch(match: MatchView | undefined): void {
    this.match = match;
    this.draw();
  }

  /** Why there is nothing to search. */
  fail(message: string): void {
    this.view = undefined;
    this.draw();
    this.count.textContent = message;
    this.count.title = message;
    this.element.classList.add('failed');
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPING_MS);
  }

  private ask(): void {
    clearTimeout(this.timer);
    const query = {
      text: this.input.value,
      matchCase: this.matchCase.isOn,
      wholeWord: this.wholeWord.isOn,
      regex: this.regex.isOn,
    };
    const key = JSON.stringify(query);
    if (key === this.asked) return;
    this.asked = key;
    this.match = undefined;
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

  private draw(): void {
    const { view } = this;
    this.element.classList.toggle('failed', view?.status === 'failed');
    setEnabled(this.stopButton, view?.status === 'running');
    this.count.textContent = view ? this.words(view) : '';
    this.count.title = view?.reason ?? this.count.textContent;
  }

  private words({ status, count, kept, scanned, total, reason }: SearchView): string {
    if (status === 'failed' && reason !== undefined) return reason;
    const percent = total === 0 ? 100 : Math.floor((100 * scanned) / total);
    const far =
      status === 'running' ? `, ${percent} %` : status === 'stopped' ? `, stopped at ${percent} %` : '';
    if (count === 0) return `No results${far}`;
    const which = this.match?.index === undefined ? '?' : figure(this.match.index + 1);
    const cap = kept < count ? `, the first ${figure(kept)} can be gone to` : '';
    return `${which} of ${figure(count)}${far}${cap}`;
  }
}
