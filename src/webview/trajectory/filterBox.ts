import type { Completions } from '../../analysis/expression/completions';
import { completions } from '../../analysis/expression/completions';
import { ROLLOUT_FIELDS } from '../../analysis/expression/rolloutFields';
import { iconButton } from '../shared/controls';
import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import type { Controller } from './controller';
import type { Found, PageState } from './pageState';
import { MAX_SEARCH } from './pageState';
import { CompletionList } from './completionList';

/** What is typed is asked for when nothing more came for so long, in milliseconds. */
const TYPING = 250;
/** UTF-16 units around the place of a mistake that are shown with it. */
const AROUND = 18;

/** The box above the list: words or an expression, with completion, and what is wrong with it at its place. */
export class FilterBox {
  readonly element: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly problem = h('div', { class: 'filter-problem small', id: 'filter-problem', role: 'alert' });
  private readonly list: CompletionList;
  private readonly values = new Map<string, readonly string[]>();
  private offered: Completions = { from: 0, items: [] };
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param leave puts the keyboard into the list */
  constructor(
    store: Store<PageState>,
    private readonly controller: Controller,
    private readonly leave: () => void,
  ) {
    this.list = new CompletionList('filter-options', (at) => this.accept(at));
    this.input = h('input', {
      class: 'filter-input',
      type: 'text',
      role: 'combobox',
      'aria-label': 'Filter rollouts by words or an expression',
      'aria-autocomplete': 'list',
      'aria-controls': 'filter-options',
      'aria-expanded': 'false',
      'aria-describedby': 'filter-problem',
      autocomplete: 'off',
      autocapitalize: 'off',
      spellcheck: 'false',
      maxlength: MAX_SEARCH,
      placeholder: 'Words, or zooms >= 2',
      title: 'Filter by words, or by an expression such as zooms >= 2 && reward < 1 (/)',
      oninput: () => this.typed(),
      onkeydown: (event: KeyboardEvent) => this.onKey(event),
      onblur: () => this.offer({ from: 0, items: [] }),
    });
    const clear = iconButton('close', 'Clear the filter', () => this.put(''));
    this.element = h(
      'div',
      { class: 'filter', role: 'search', 'aria-label': 'Filter the list' },
      h('div', { class: 'filter-line' }, icon('filter'), this.input, clear),
      this.list.element,
      this.problem,
    );
    store.watch(
      ({ search }) => search,
      (search) => {
        clear.hidden = search === '';
        if (document.activeElement !== this.input || search === '') this.input.value = search;
      },
    );
    store.watch(
      ({ found }) => found,
      (found) => this.tell(found),
    );
  }

  /** Puts the keyboard into the box. */
  focus(): void {
    this.input.focus();
    this.input.select();
  }

  private put(text: string): void {
    this.input.value = text;
    this.input.focus();
    this.ask();
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPING);
    this.complete();
  }

  private ask(): void {
    clearTimeout(this.timer);
    this.controller.queries.search(this.input.value);
  }

  private complete(): void {
    const { value, selectionStart } = this.input;
    const isEmpty = value.trim() === '';
    this.offer(
      isEmpty
        ? { from: 0, items: [] }
        : completions(value, selectionStart ?? value.length, ROLLOUT_FIELDS, (field) => this.valuesOf(field)),
    );
  }

  private valuesOf(field: string): readonly string[] {
    const known = this.values.get(field);
    if (known) return known;
    this.values.set(field, []);
    void this.controller.queries.valuesOf(field).then((values) => {
      // None may be known yet: then they are asked for again.
      if (values.length === 0) this.values.delete(field);
      else this.values.set(field, values);
      if (values.length > 0 && document.activeElement === this.input) this.complete();
    });
    return [];
  }

  private offer(offered: Completions): void {
    const { value, selectionStart } = this.input;
    const written = value.slice(offered.from, selectionStart ?? value.length);
    // What is written already is no help.
    const isWritten = offered.items.length === 1 && offered.items[0]?.text === written;
    this.offered = isWritten ? { ...offered, items: [] } : offered;
    this.list.show(this.offered.items);
    this.mark();
  }

  private mark(): void {
    this.input.setAttribute('aria-expanded', String(this.offered.items.length > 0));
    const active = this.list.activeId;
    if (active === undefined) this.input.removeAttribute('aria-activedescendant');
    else this.input.setAttribute('aria-activedescendant', active);
  }

  private accept(at: number): void {
    const item = this.offered.items[at];
    if (!item) return;
    const { value, selectionStart } = this.input;
    const rest = value.slice(selectionStart ?? value.length);
    const space = item.text.endsWith('(') || rest.startsWith(' ') ? '' : ' ';
    const start = value.slice(0, this.offered.from) + item.text + space;
    this.input.value = start + rest;
    this.input.setSelectionRange(start.length, start.length);
    this.input.focus();
    this.typed();
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The keys of the page are letters here.
    event.stopPropagation();
    const { isOpen } = this.list;
    const handled = ((): boolean => {
      if (event.key === 'ArrowDown' && isOpen) return this.list.move(1);
      if (event.key === 'ArrowUp' && isOpen) return this.list.move(-1);
      if (event.key === 'Tab' && isOpen && !event.shiftKey) return this.take(Math.max(0, this.list.active));
      if (event.key === 'Enter' && this.list.active >= 0) return this.take(this.list.active);
      if (event.key === 'Enter') return this.done();
      if (event.key === 'ArrowDown') return this.away();
      return event.key === 'Escape' && this.escape(isOpen);
    })();
    this.mark();
    if (handled) event.preventDefault();
  }

  private take(at: number): boolean {
    this.accept(at);
    return true;
  }

  private done(): boolean {
    this.ask();
    this.offer({ from: 0, items: [] });
    return true;
  }

  private away(): boolean {
    this.ask();
    this.leave();
    return true;
  }

  private escape(isOpen: boolean): boolean {
    if (isOpen) this.offer({ from: 0, items: [] });
    else if (this.input.value !== '') this.put('');
    else this.leave();
    return true;
  }

  private tell(found: Found): void {
    const isWrong = found.status === 'error';
    this.input.setAttribute('aria-invalid', String(isWrong));
    if (isWrong) replaceContent(this.problem, problemNodes(this.input.value, found.column, found.message));
    else if (found.status === 'failed')
      replaceContent(this.problem, h('div', {}, visibleLine(found.message, 400)));
    else if (found.status !== 'working') replaceContent(this.problem);
  }
}

/** The place of a mistake, with what stands around it, and what it is. */
function problemNodes(text: string, column: number, message: string): Node[] {
  const start = Math.max(0, column - AROUND);
  const before = (start > 0 ? '…' : '') + text.slice(start, column);
  const at = text.slice(column, column + 1);
  const after = text.slice(column + 1, column + AROUND);
  return [
    h('bdi', { class: 'filter-place mono' }, before, h('mark', {}, at === '' ? ' ' : at), after),
    h('div', {}, `Column ${column + 1}: ${visibleLine(message, 400)}`),
  ];
}
