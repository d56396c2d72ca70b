import type { ComparedRow, Side } from '../../protocol/compareView';
import { iconButton } from '../shared/controls';
import { h, icon, replaceContent } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { VirtualList } from '../shared/virtualList';
import { visibleLine } from '../shared/visibleText';
import { countWords, numberWords } from '../trajectory/words';
import type { Controller } from './controller';
import type { Found } from './pageState';
import { MAX_SEARCH } from './pageState';
import { sideVerdict } from './verdict';

/** What is typed is asked for when nothing more came for so long, in milliseconds. */
const TYPING = 250;
const ROW_HEIGHT = 44;
/** Enough for the widest list; the rest is cut by the style anyway. */
const LINE = 160;

/** The questions of both logs, and the box that narrows them. */
export class CompareList {
  readonly element: HTMLElement;
  private readonly list: VirtualList;
  private readonly input: HTMLInputElement;
  private readonly status = h('p', { class: 'list-status small soft', id: 'list-status', role: 'status' });
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly controller: Controller) {
    this.list = new VirtualList({
      label: 'Questions of both logs',
      rowHeight: ROW_HEIGHT,
      draw: (position) => listRow(controller.rows.get(position)),
      version: (position) => controller.rows.get(position),
      choose: (position) => controller.choose(position),
      visible: (start, end) => controller.rows.want(start, end),
    });
    this.input = h('input', {
      class: 'search',
      type: 'text',
      'aria-label': 'Filter by words or an expression',
      'aria-describedby': 'list-status',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: MAX_SEARCH,
      placeholder: 'Filter: words, or a.zooms > b.zooms',
      title: 'Filter (/)',
      oninput: () => this.typed(),
      onkeydown: (event: KeyboardEvent) => this.onKey(event),
    });
    const clear = iconButton('close', 'Clear the filter', () => this.clear());
    this.element = h(
      'section',
      { class: 'compare-list', 'aria-label': 'Questions' },
      h('div', { class: 'search-line' }, this.input, clear),
      this.status,
      this.list.element,
    );
    const { store } = controller;
    this.input.value = store.get().search;
    store.watch(
      ({ search }) => search,
      (search) => clear.classList.toggle('invisible', search === ''),
    );
    store.watch(
      ({ found }) => found,
      (found) => this.found(found),
    );
    store.watch(
      ({ position }) => position,
      (position) => this.list.select(position, position >= 0),
    );
  }

  /** Rows came. */
  arrived(): void {
    this.list.redraw();
  }

  /** Puts the keyboard into the filter box. */
  focusFilter(): void {
    this.input.focus();
    this.input.select();
  }

  private found(found: Found): void {
    const isWrong = found.status === 'error' || found.status === 'failed';
    this.status.classList.toggle('problem', isWrong);
    this.input.setAttribute('aria-invalid', String(isWrong));
    if (found.status === 'ok') {
      this.list.setCount(found.count);
      this.list.redraw();
      this.status.textContent = found.count === 0 ? 'No row fits.' : countWords(found.count, 'row');
    } else if (isWrong) {
      const where = found.status === 'error' ? `Column ${numberWords(found.column + 1)}: ` : '';
      replaceContent(this.status, icon('warning'), ` ${where}${visibleLine(found.message, 300)}`);
    }
  }

  private typed(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.controller.search(this.input.value), TYPING);
  }

  private clear(): void {
    this.input.value = '';
    this.input.focus();
    this.ask();
  }

  private ask(): void {
    clearTimeout(this.timer);
    this.controller.search(this.input.value);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // The keys of the page are letters here.
    event.stopPropagation();
    if (event.key === 'Enter') this.ask();
    else if (event.key === 'Escape' && this.input.value !== '') this.clear();
    else if (event.key === 'ArrowDown' || event.key === 'Escape') this.list.element.focus();
    else return;
    event.preventDefault();
  }
}

function listRow(row: ComparedRow | string | undefined): HTMLElement {
  if (row === undefined)
    return h('div', { class: 'pair-row', 'aria-label': 'loading' }, h('div', { class: 'skeleton bar' }));
  if (typeof row === 'string')
    return h('div', { class: 'pair-row' }, icon('warning', 'not loaded'), textLine(row, 'ellipsis', LINE));
  const { question, several } = row;
  return h(
    'div',
    { class: 'pair-row' },
    h('div', { class: 'pair-verdicts' }, sideVerdict('a', row.a), sideVerdict('b', row.b)),
    h(
      'div',
      { class: 'pair-words' },
      h(
        'div',
        { class: 'pair-line' },
        question.trim() === ''
          ? h('span', { class: 'soft' }, 'no question')
          : textLine(question, 'ellipsis', LINE),
        several && h('span', { class: 'small soft number' }, `${several.place} of ${several.tally.pairs}`),
      ),
      h('div', { class: 'pair-line small soft' }, answerOf('a', row), answerOf('b', row)),
    ),
  );
}

function answerOf(side: Side, row: ComparedRow): HTMLElement | undefined {
  const rollout = row[side];
  if (!rollout) return undefined;
  const name = side.toUpperCase();
  const answer = rollout.answer?.trim() ?? '';
  return h(
    'span',
    { class: 'pair-answer ellipsis' },
    h('span', { class: 'side-letter' }, `${name} `),
    answer === '' ? 'no answer' : textLine(answer, '', LINE),
  );
}
