import { errorMessage } from '../../common/errors';
import type { RemoteApi } from '../../common/rpc';
import type { DynamicsHostApi } from '../../protocol/dynamicsView';
import { h, icon } from '../shared/dom';
import type { Store } from '../shared/store';
import { VirtualList } from '../shared/virtualList';
import type { PlannedChart } from './chartPlan';
import { planCharts, unitOf } from './chartPlan';
import { formatValue } from './charts/format';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { runsOf } from './stackBuilder';
import type { TableRow } from './tableRows';
import { TableRows } from './tableRows';
import { countWords, momentWords, nameLine, stepWords } from './words';

const ROW_HEIGHT = 24;

interface Column {
  readonly title: string;
  readonly key: string;
  readonly write: (value: number) => string;
}

function columnsOf(charts: readonly PlannedChart[], state: PageState): Column[] {
  const runs = runsOf(state);
  return charts.flatMap((chart) => {
    const ids = new Set(chart.lines.map(({ id }) => id));
    const unit = unitOf(chart.concept, state.drawn?.response.curves.filter(({ id }) => ids.has(id)) ?? []);
    return chart.curves.map(({ run, key }) => {
      const name = runs.length > 1 ? ` · ${nameLine(runs.find(({ id }) => id === run)?.name ?? '')}` : '';
      return {
        title: chart.title + name,
        key: nameLine(key),
        write: (value: number) => formatValue(value, unit),
      };
    });
  });
}

/** All points of the charts that are shown, as numbers. */
export class TableView {
  readonly element: HTMLElement;
  private readonly rows: TableRows;
  private readonly header = h('div', {
    class: 'table-header virtual-header',
    role: 'row',
    'aria-rowindex': 1,
  });
  private readonly list: VirtualList;
  private readonly count = h('span', { class: 'soft small', role: 'status' });
  private columns: readonly Column[] = [];
  /** Whether any run tells when its steps were. */
  private hasTimes = true;
  private used = '';
  /** The rows that are chosen: from the first one pressed to the last one. */
  private selection: readonly [anchor: number, head: number] | undefined;
  private extending = false;

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    host: () => RemoteApi<DynamicsHostApi>,
  ) {
    this.rows = new TableRows(
      (curves, start, end) => host().table(curves, start, end),
      () => this.arrived(),
      (thrown) => controller.say(errorMessage(thrown)),
    );
    this.list = new VirtualList({
      label: 'Values by step',
      rowHeight: ROW_HEIGHT,
      idPrefix: 'step',
      header: this.header,
      draw: (index) => this.drawRow(index),
      version: (index) => `${JSON.stringify(this.rows.get(index))} ${this.isChosen(index)}`,
      choose: (index) => this.choose(index, this.extending),
      visible: (start, end) => this.rows.want(start, end),
    });
    // Whether Shift is held only the event itself tells; it passes here before the row hears of it.
    this.list.element.addEventListener('click', (event) => (this.extending = event.shiftKey), {
      capture: true,
    });
    this.list.element.addEventListener('keydown', (event) => this.onKey(event));
    this.list.element.addEventListener('copy', (event) => this.onCopy(event));
    this.element = h('div', { class: 'table-view' }, this.tools(), this.list.element);
    for (const slice of ['table', 'view', 'charts', 'keys', 'hidden', 'drawn'] as const)
      store.watch(
        (state) => state[slice],
        () => this.refresh(),
      );
  }

  private tools(): HTMLElement {
    const step = h('input', {
      class: 'search step-box',
      type: 'text',
      inputmode: 'decimal',
      placeholder: 'Go to step',
      'aria-label': 'Go to step',
    });
    step.addEventListener('keydown', (event) => {
      const wanted = Number(step.value);
      if (event.key === 'Enter' && step.value.trim() !== '' && Number.isFinite(wanted))
        void this.goTo(wanted);
    });
    const copy = (label: string, title: string, press: () => void): HTMLElement =>
      h(
        'button',
        { class: 'bar-button', type: 'button', title, onclick: press },
        icon('copy'),
        h('span', {}, label),
      );
    return h(
      'div',
      { class: 'table-tools' },
      step,
      this.count,
      copy(
        'Copy selection',
        'The chosen rows, separated by tabs (Ctrl+C)',
        () => void this.copy(this.chosenRows()),
      ),
      copy(
        'Copy all',
        'All rows of the charts that are shown, separated by tabs',
        () => void this.copy([0, this.rows.total]),
      ),
    );
  }

  private refresh(): void {
    const state = this.store.get();
    if (!state.table || state.view.status !== 'ready') return;
    const charts = planCharts(state.view.runs, { ...state, band: false });
    const curves = charts.flatMap((chart) => chart.curves);
    this.hasTimes = runsOf(state).some(({ hasWallTimes }) => hasWallTimes);
    this.drawHeader(columnsOf(charts, state));
    const used = JSON.stringify([curves, state.view.generation]);
    if (used === this.used) return;
    const isSame = this.used.startsWith(JSON.stringify([curves]).slice(0, -1));
    if (!isSame) this.selection = undefined;
    this.used = used;
    this.rows.use(curves);
  }

  private drawHeader(columns: readonly Column[]): void {
    const titles = JSON.stringify([this.hasTimes, ...columns.map(({ title, key }) => [title, key])]);
    this.columns = columns;
    if (this.header.dataset['titles'] === titles) return;
    this.header.dataset['titles'] = titles;
    const head = (title: string, key: string): HTMLElement =>
      h(
        'div',
        { class: 'table-head', role: 'columnheader', title: key === '' ? title : `${title}: ${key}` },
        h('bdi', { class: 'ellipsis' }, title),
        key !== '' && h('bdi', { class: 'soft small ellipsis' }, key),
      );
    this.header.replaceChildren(
      head('Step', ''),
      ...(this.hasTimes ? [head('Time', '')] : []),
      ...columns.map(({ title, key }) => head(title, key)),
    );
    this.list.element.setAttribute('aria-colcount', String(this.header.childElementCount));
    this.element.classList.toggle('without-times', !this.hasTimes);
    this.list.element.style.setProperty('--columns', String(columns.length));
    this.list.redraw();
  }

  private arrived(): void {
    this.count.textContent = countWords(this.rows.total, 'row');
    this.list.setCount(this.rows.total);
  }

  private drawRow(index: number): HTMLElement[] {
    const row = this.rows.get(index);
    const chosen = this.isChosen(index) ? ' chosen' : '';
    const cell = (words: string, className = ''): HTMLElement =>
      h('div', { class: `table-cell number${chosen} ${className}`, role: 'gridcell' }, words);
    if (!row)
      return [cell('…'), ...Array.from({ length: this.header.childElementCount - 1 }, () => cell(''))];
    return [
      h('div', { class: `table-cell number step-cell${chosen}`, role: 'rowheader' }, stepWords(row.step)),
      ...(this.hasTimes ? [cell(row.wallTime === undefined ? '' : momentWords(row.wallTime), 'soft')] : []),
      ...this.columns.map(({ write }, at) => {
        const value = row.values[at];
        return cell(value === null || value === undefined ? '' : write(value));
      }),
    ];
  }

  private isChosen(index: number): boolean {
    const [start, end] = this.chosenRows();
    return index >= start && index < end;
  }

  private chosenRows(): readonly [start: number, end: number] {
    if (!this.selection) return [0, 0];
    const [anchor, head] = this.selection;
    return [Math.min(anchor, head), Math.max(anchor, head) + 1];
  }

  private choose(index: number, extend: boolean): void {
    const anchor = extend && this.selection ? this.selection[0] : index;
    this.selection = [anchor, index];
    this.list.select(index, true);
    this.list.redraw();
    const step = this.rows.get(index)?.step;
    if (step !== undefined) this.controller.select(step);
  }

  private onKey(event: KeyboardEvent): void {
    const way = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (way === 0 || event.ctrlKey || event.metaKey || event.altKey || this.rows.total === 0) return;
    event.preventDefault();
    event.stopPropagation();
    const head = this.selection?.[1] ?? -1;
    this.choose(Math.min(this.rows.total - 1, Math.max(0, head + way)), event.shiftKey);
  }

  private async goTo(step: number): Promise<void> {
    try {
      const index = Math.min(await this.rows.indexOf(step), this.rows.total - 1);
      if (index < 0) return;
      this.choose(index, false);
      this.list.element.focus();
    } catch (thrown) {
      this.controller.say(errorMessage(thrown));
    }
  }

  private lines(rows: readonly TableRow[]): string {
    const word = (words: string): string => words.replace(/[\t\r\n]/g, ' ');
    const head = ['step', 'time', ...this.columns.map(({ title, key }) => word(`${title} (${key})`))];
    const body = rows.map(({ step, wallTime, values }) => [
      String(step),
      wallTime === undefined ? '' : momentWords(wallTime),
      ...values.map((value) => (value === null ? '' : String(value))),
    ]);
    return [head, ...body].map((cells) => cells.join('\t')).join('\n');
  }

  private onCopy(event: ClipboardEvent): void {
    if (!this.selection) return;
    event.preventDefault();
    const [start, end] = this.chosenRows();
    const rows = Array.from({ length: end - start }, (_, at) => this.rows.get(start + at));
    // What is at hand goes out within the event; the rest has to be asked for.
    if (rows.every((row) => row !== undefined)) event.clipboardData?.setData('text/plain', this.lines(rows));
    else void this.copy([start, end]);
  }

  private async copy([start, end]: readonly [number, number]): Promise<void> {
    if (start === end) return this.controller.say('No rows are chosen.');
    try {
      const text = this.lines(await this.rows.range(start, end));
      await navigator.clipboard.writeText(text);
      this.controller.say(`${countWords(end - start, 'row')} copied`);
    } catch (thrown) {
      this.controller.say(errorMessage(thrown));
    }
  }
}
