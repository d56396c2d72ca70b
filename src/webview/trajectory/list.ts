import type { RowView } from '../../protocol/listView';
import type { SourceView } from '../../protocol/trajectoryView';
import { iconButton } from '../shared/controls';
import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import { VirtualList } from '../shared/virtualList';
import { visibleLine } from '../shared/visibleText';
import type { Controller } from './controller';
import { FilterBox } from './filterBox';
import { foundLine } from './foundLine';
import { listRow } from './listRow';
import type { PageState } from './pageState';
import { sortHeader } from './sortHeader';
import { FollowNewest } from './stateViewFollow';
import { UNREADABLE, unreadableButton, unreadableCount } from './unreadable';
import { countWords, numberWords } from './words';

/** CSS pixels of a row: two lines of text and room to breathe. */
const ROW_HEIGHT = 46;

/** How many were right of those judged, as far as every row is at hand anyway: no file is read through for it. */
function rightLine(rows: readonly RowView[] | undefined): Node[] {
  const judged = (rows ?? []).filter((row) => row.status === 'ok' && row.correct !== undefined);
  if (judged.length === 0) return [];
  const right = judged.filter((row) => row.status === 'ok' && row.correct === true).length;
  const words = `${numberWords(right)} of ${numberWords(judged.length)} right`;
  return [h('span', { class: 'right-count number', title: 'Right of those that were judged' }, words)];
}

function countLine(
  source: Extract<SourceView, { status: 'ready' }>,
  rows: readonly RowView[] | undefined,
  isLive: boolean,
  unreadable: readonly Node[],
): Node[] {
  const indexing = source.complete ? '' : ` · indexing ${Math.floor(source.indexed * 100)} %`;
  const live = h(
    'span',
    {
      class: 'live',
      title:
        source.incompleteTail > 0
          ? `The last line is not complete yet: ${countWords(source.incompleteTail, 'byte')}`
          : 'A rollout of this file is being written',
    },
    h('span', { class: 'live-dot', 'aria-hidden': 'true' }),
    'live',
  );
  return [
    h('span', { class: 'count' }, `${countWords(source.records, 'rollout')}${indexing}`),
    ...(source.incompleteTail > 0 || isLive ? [live] : []),
    ...unreadable,
    ...rightLine(rows),
  ];
}

/** What the list is narrowed to, and the way back to all of it. */
function filterChip({ order, source }: PageState, clear: () => void): Node[] {
  const { filter, total } = order;
  if (!filter || total === undefined || source.status !== 'ready') return [];
  const known = order.count(source.records);
  const words =
    known < total ? `${numberWords(known)} of ${countWords(total, 'rollout')}` : countWords(total, 'rollout');
  const label = visibleLine(filter.label, 60);
  return [
    h(
      'div',
      { class: 'filter-chip small', role: 'status' },
      icon('filter'),
      h('bdi', { class: 'ellipsis', title: `${label} · ${words}` }, label),
      h('span', { class: 'number soft' }, `· ${words}`),
      iconButton('close', 'Show all rollouts', clear),
    ),
  ];
}

function sourceLines(
  source: SourceView,
  rows: readonly RowView[] | undefined,
  isLive: boolean,
  unreadable: readonly Node[],
): Node[] {
  if (source.status === 'loading') return [h('span', { class: 'soft' }, 'Opening…')];
  if (source.status === 'error') return [h('span', { class: 'words tone-red' }, 'Could not be opened')];
  const name = visibleLine(source.name, 120);
  return [
    h('bdi', { class: 'source-name', title: name }, name),
    h('div', { class: 'source-facts small soft' }, ...countLine(source, rows, isLive, unreadable)),
    h('div', { class: 'source-format small soft' }, visibleLine(source.label, 120)),
    ...(source.notice === undefined
      ? []
      : [h('div', { class: 'notice small' }, icon('warning'), h('bdi', {}, visibleLine(source.notice)))]),
  ];
}

/** The region of the list: what is open, how much of it, and its rows. */
export class ListView {
  readonly element: HTMLElement;
  private readonly head = h('header', { class: 'list-head' });
  private headKey = '';
  private readonly progress = h('div', { class: 'index-progress', role: 'presentation' });
  private readonly list: VirtualList;
  private readonly filter: FilterBox;
  private sortedBy: PageState['sort'];

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
  ) {
    this.list = new VirtualList({
      label: 'Rollouts',
      rowHeight: ROW_HEIGHT,
      draw: (position) => {
        const row = controller.rows.get(position);
        const index = typeof row === 'object' ? row.index : store.get().order.indexAt(position);
        return listRow(index, row, () => index !== undefined && controller.reveal(index));
      },
      version: (position) => controller.rows.get(position),
      choose: (position) => controller.queries.selectAt(position),
      visible: (start, end) => controller.rows.want(start, end),
    });
    this.filter = new FilterBox(store, controller, () => this.focus());
    this.element = h(
      'section',
      { class: 'list-region', 'aria-label': 'List of rollouts', id: 'list-region' },
      this.head,
      this.progress,
      new FollowNewest(store, controller).element,
      this.filter.element,
      foundLine(store, controller),
      sortHeader(store, controller),
      this.list.element,
    );
    store.watch(
      (state) => state.source,
      () => this.drawSource(),
    );
    store.watch(
      (state) => state.live?.alive === true,
      () => this.drawHead(),
    );
    this.sortedBy = store.get().sort;
    store.watch(
      (state) => state.order,
      () => {
        this.drawSource();
        this.showFirst();
      },
    );
    store.watch(
      (state) => state.order.positionOf(state.selected) ?? -1,
      (position) => this.mark(position),
    );
    // The first rows come after the choice was restored: bring the chosen one into the window then.
    let placed = false;
    store.watch(
      (state) => state.source.status === 'ready' && state.source.records > state.selected,
      (there) => {
        if (there && !placed) this.mark(store.get().order.positionOf(store.get().selected) ?? -1);
        placed ||= there;
      },
    );
  }

  /** Draws the rows again, since some arrived. */
  rowsArrived(): void {
    this.list.redraw();
    this.drawHead();
  }

  /** Puts the keyboard into the list. */
  focus(): void {
    this.list.element.focus();
  }

  /** Puts the keyboard into the filter box. */
  focusFilter(): void {
    this.filter.focus();
  }

  /** Whoever sorts wants to see what comes first; the chosen row may be out of sight then. */
  private showFirst(): void {
    const { sort } = this.store.get();
    if (sort === this.sortedBy) return;
    this.sortedBy = sort;
    // After all that this change brings, the chosen row's mark included.
    queueMicrotask(() => this.list.toTop());
  }

  private mark(position: number): void {
    this.list.select(position, position >= 0);
  }

  private drawHead(): void {
    const { source, order, found } = this.store.get();
    const ready = source.status === 'ready' ? source : undefined;
    const isPlain = found.status === 'none';
    const rows =
      ready?.complete && isPlain ? this.controller.rows.all(order.count(ready.records)) : undefined;
    const isLive = this.store.get().live?.alive === true;
    const { writtenAt: _writtenAt, ...told } = { writtenAt: 0, ...source };
    const judged = rows?.map((row) => (row.status === 'ok' ? row.correct : row.index));
    const unreadable = unreadableCount(found, rows);
    const key = JSON.stringify([told, judged, isLive, order.filter?.label, order.total, unreadable]);
    if (key === this.headKey) return;
    this.headKey = key;
    const chip = filterChip(this.store.get(), () => this.controller.clearFilter());
    const button = unreadableButton(unreadable, () => this.controller.queries.search(UNREADABLE));
    const lines = sourceLines(source, rows, isLive, button);
    replaceContent(this.head, lines, chip);
  }

  private drawSource(): void {
    this.drawHead();
    const { source } = this.store.get();
    const ready = source.status === 'ready' ? source : undefined;
    const busy = ready !== undefined && !ready.complete;
    this.progress.classList.toggle('busy', busy);
    this.progress.style.setProperty('--done', String(ready?.indexed ?? 0));
    this.list.setCount(this.store.get().order.count(ready?.records ?? 0));
  }
}

/** One line for the drop-down of the narrow layout. */
export function chosenLine({ selected, source, shown, order }: PageState): string {
  if (source.status !== 'ready' || source.records === 0) return 'Rollouts';
  const filter = order.filter ? ` · ${visibleLine(order.filter.label, 40)}` : '';
  const position = (order.positionOf(selected) ?? 0) + 1;
  const words = shown.status === 'ready' ? ` · ${visibleLine(shown.trajectory.question, 80)}` : '';
  return `${numberWords(position)} of ${numberWords(order.count(source.records))}${filter}${words}`;
}
