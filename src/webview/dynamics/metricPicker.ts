import { button, iconButton } from '../shared/controls';
import { h } from '../shared/dom';
import { closeOnBackdrop } from '../shared/keysDialog';
import type { Store } from '../shared/store';
import { VirtualList } from '../shared/virtualList';
import { visibleLine } from '../shared/visibleText';
import { formatValue } from './charts/format';
import type { Controller } from './controller';
import type { MetricItem, MetricRow } from './metricGroups';
import { metricItems, metricRows } from './metricGroups';
import type { PageState } from './pageState';
import { runsOf } from './stackBuilder';
import { countWords, nameLine } from './words';

const ROW_HEIGHT = 26;

/** Chooses which keys are drawn: any of any run, found by typing. */
export class MetricPicker {
  readonly element: HTMLDialogElement;
  private readonly search = h('input', {
    class: 'search',
    type: 'search',
    placeholder: 'Find a metric',
    'aria-label': 'Find a metric',
    spellcheck: 'false',
  });
  private readonly count = h('span', { class: 'soft small', role: 'status' });
  private readonly list: VirtualList;
  private items: readonly MetricItem[] = [];
  private rows: readonly MetricRow[] = [];
  private active = -1;

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
  ) {
    this.list = new VirtualList({
      label: 'Metrics',
      rowHeight: ROW_HEIGHT,
      idPrefix: 'metric',
      draw: (index) => this.drawRow(index),
      version: (index) => this.version(index),
      choose: (index) => this.press(index),
    });
    this.element = h(
      'dialog',
      { class: 'picker', 'aria-labelledby': 'picker-title' },
      h(
        'div',
        { class: 'dialog-head' },
        h('h2', { id: 'picker-title' }, 'Metrics'),
        this.count,
        iconButton('close', 'Close', () => this.element.close()),
      ),
      this.search,
      this.list.element,
      h(
        'div',
        { class: 'picker-foot' },
        button('Show the Usual Charts', () => controller.charts.reset()),
        button('Done', () => this.element.close(), 'primary'),
      ),
    );
    closeOnBackdrop(this.element);
    this.search.addEventListener('input', () => this.find());
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    for (const slice of ['charts', 'keys', 'view'] as const)
      store.watch(
        (state) => state[slice],
        () => this.refresh(),
      );
  }

  /** Opens it with everything in it. */
  open(): void {
    if (this.element.open) return;
    this.search.value = '';
    this.items = metricItems(runsOf(this.store.get()));
    this.element.showModal();
    this.search.focus();
    this.find();
  }

  private refresh(): void {
    if (!this.element.open) return;
    const rows = this.rows.length;
    this.items = metricItems(runsOf(this.store.get()));
    this.rows = metricRows(this.items, this.search.value);
    if (rows === this.rows.length) this.list.redraw();
    else this.list.setCount(this.rows.length);
    this.tell();
  }

  private find(): void {
    this.rows = metricRows(this.items, this.search.value);
    this.list.setCount(this.rows.length);
    this.activate(this.rows.findIndex(({ kind }) => kind === 'key'));
    this.tell();
  }

  private tell(): void {
    const found = this.rows.filter(({ kind }) => kind === 'key').length;
    this.count.textContent =
      found === this.items.length
        ? countWords(found, 'metric')
        : `${found} of ${countWords(this.items.length, 'metric')}`;
  }

  private version(index: number): string {
    const row = this.rows[index];
    if (row?.kind !== 'key') return `group ${row?.title ?? ''} ${row?.count ?? 0}`;
    return JSON.stringify([
      row.key,
      row.points,
      row.last,
      this.controller.charts.chartOf(row.key) !== undefined,
    ]);
  }

  private drawRow(index: number): HTMLElement {
    const row = this.rows[index];
    if (!row) return h('div');
    if (row.kind === 'group')
      return h(
        'div',
        { class: 'metric-group small soft' },
        h('bdi', { class: 'ellipsis' }, row.title),
        ` ${row.count}`,
      );
    const isShown = this.controller.charts.chartOf(row.key) !== undefined;
    const said = row.note === undefined ? '' : ` · ${visibleLine(row.note, 200)}`;
    const points = `${countWords(row.points, 'point')}${row.runs > 1 ? ` in ${row.runs} runs` : ''}`;
    return h(
      'div',
      { class: 'metric-row', title: `${nameLine(row.key)}${said}` },
      h('span', {
        class: `metric-check codicon ${isShown ? 'codicon-check' : ''}`,
        role: 'img',
        'aria-label': isShown ? 'shown' : 'not shown',
      }),
      h('bdi', { class: 'metric-key ellipsis' }, nameLine(row.key)),
      row.computed && h('span', { class: 'soft small' }, 'computed'),
      h('span', { class: 'soft small metric-points' }, points),
      h(
        'span',
        { class: 'number metric-last' },
        row.last === undefined ? '' : formatValue(row.last, 'number'),
      ),
    );
  }

  private press(index: number): void {
    const row = this.rows[index];
    if (row?.kind !== 'key') return;
    this.activate(index);
    this.controller.charts.toggleKey(row.key);
    const isShown = this.controller.charts.chartOf(row.key) !== undefined;
    this.controller.say(`${nameLine(row.key)} ${isShown ? 'shown' : 'taken away'}`);
  }

  private activate(index: number): void {
    this.active = index;
    this.list.select(index, index >= 0);
  }

  /** Arrows lead out of the search into the list, and from its first line back. */
  private moveTo(index: number, isUp: boolean): void {
    if (isUp && index === this.active) return this.search.focus();
    this.list.element.focus();
    this.activate(index);
  }

  /** The next key in a direction, headings left out. */
  private step(from: number, way: 1 | -1): number {
    for (let at = from + way; at >= 0 && at < this.rows.length; at += way)
      if (this.rows[at]?.kind === 'key') return at;
    return this.active;
  }

  private onKey(event: KeyboardEvent): void {
    const inList = event.target === this.search || event.target === this.list.element;
    if (!inList || event.altKey || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor(this.list.element.clientHeight / ROW_HEIGHT) - 1);
    const targets: Readonly<Record<string, () => number>> = {
      ArrowDown: () => this.step(this.active, 1),
      ArrowUp: () => this.step(this.active, -1),
      PageDown: () => this.step(Math.min(this.rows.length - 1, this.active + page) - 1, 1),
      PageUp: () => this.step(Math.max(0, this.active - page) + 1, -1),
    };
    const target = targets[event.key];
    const isTyped = event.key.length === 1 && event.key !== ' ';
    if (target) this.moveTo(target(), event.key === 'ArrowUp');
    else if (event.key === 'Enter' || (event.key === ' ' && event.target !== this.search))
      this.press(this.active);
    else {
      // Typing goes on with the search, wherever the keyboard is.
      if (isTyped) this.search.focus();
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
