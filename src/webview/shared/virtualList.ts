import { h } from './dom';
import type { ScrollScale } from './scrollScale';
import {
  contentHeight,
  rowsInWindow,
  scrollOfTop,
  spacerHeight,
  topOfScroll,
  topThatShows,
} from './scrollScale';

/** What a virtual list asks of its owner. */
export interface VirtualListOptions {
  /** Name for screen readers. */
  readonly label: string;
  /** CSS pixels, the same for every row. */
  readonly rowHeight: number;
  /** Fills a row: with the content of its one cell, or with all its cells. Called again when it has to be drawn anew. */
  draw(index: number): Node | readonly HTMLElement[];
  /** What the cell of a row is drawn from: while this is the same, the row that stands there is kept. */
  version(index: number): unknown;
  /** A person chose a row. */
  choose(index: number): void;
  /** Rows `[start, end)` came into the window. */
  visible?(start: number, end: number): void;
  /** A row of column headers that stays at the top; sideways it scrolls with the rows. */
  readonly header?: HTMLElement;
  /** What the ids of rows begin with: another for each list of a page. `row` where absent. */
  readonly idPrefix?: string;
}

/**
 * A list of any length: only the rows in the window exist. Beyond the tallest element that browsers can scroll, the
 * scroll bar is a scaled one, while wheel and keys still move by true pixels and rows, so the last row is reachable.
 * To assistive technology it is a grid, of one column unless rows are drawn as several cells.
 */
export class VirtualList {
  readonly element: HTMLElement;
  private readonly spacer = h('div', { class: 'virtual-spacer', role: 'presentation' });
  private readonly layer = h('div', { class: 'virtual-layer', role: 'presentation' });
  private readonly rows = new Map<number, HTMLElement>();
  private readonly versions = new Map<number, unknown>();
  private count = 0;
  private selected = -1;
  private top = 0;
  private ownScroll = -1;
  private frame = 0;

  /** Rows before the first one, as assistive technology counts. */
  private readonly headers: number;

  constructor(private readonly options: VirtualListOptions) {
    this.headers = options.header ? 1 : 0;
    this.element = h(
      'div',
      { class: 'virtual-list', role: 'grid', tabindex: 0, 'aria-label': options.label, 'aria-rowcount': 0 },
      options.header,
      this.layer,
      this.spacer,
    );
    this.element.addEventListener('scroll', () => this.onScroll(), { passive: true });
    this.element.addEventListener('wheel', (event) => this.onWheel(event), { passive: false });
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.scrollTo(this.top)).observe(this.element);
  }

  private scale(): ScrollScale {
    return {
      rowHeight: this.options.rowHeight,
      rowCount: this.count,
      windowHeight: this.element.clientHeight - (this.options.header?.offsetHeight ?? 0),
    };
  }

  /** Sets how many rows there are. */
  setCount(count: number): void {
    this.count = count;
    this.element.setAttribute('aria-rowcount', String(count + this.headers));
    const scale = this.scale();
    this.spacer.style.height = `${spacerHeight(scale)}px`;
    this.redraw();
  }

  /** Marks a row, and with `reveal` brings it into the window. */
  select(index: number, reveal: boolean): void {
    this.selected = index;
    if (reveal) this.scrollTo(topThatShows(this.scale(), this.top, index));
    for (const [rowIndex, row] of this.rows) this.mark(row, rowIndex);
    this.updateActive();
  }

  /** Scrolls to the first row. */
  toTop(): void {
    this.scrollTo(0);
  }

  /** Draws those rows on screen again that changed. */
  redraw(): void {
    for (const [index, row] of this.rows) {
      const version = this.options.version(index);
      if (index >= this.count) this.drop(index, row);
      else if (!Object.is(version, this.versions.get(index))) {
        row.replaceChildren(...this.cells(index));
        this.versions.set(index, version);
      }
    }
    this.scrollTo(this.top);
  }

  private drop(index: number, row: HTMLElement): void {
    row.remove();
    this.rows.delete(index);
    this.versions.delete(index);
  }

  private cells(index: number): readonly HTMLElement[] {
    const drawn = this.options.draw(index);
    return drawn instanceof Node ? [h('div', { class: 'virtual-cell', role: 'gridcell' }, drawn)] : drawn;
  }

  private rowId(index: number): string {
    return `${this.options.idPrefix ?? 'row'}-${index}`;
  }

  private scrollTo(top: number): void {
    const scale = this.scale();
    this.top = Math.min(Math.max(0, top), Math.max(0, contentHeight(scale) - scale.windowHeight));
    this.element.scrollTop = scrollOfTop(scale, this.top);
    // Read back: the browser rounds, and that rounding must not be taken for a person's scrolling.
    this.ownScroll = this.element.scrollTop;
    this.render();
  }

  private onScroll(): void {
    if (this.element.scrollTop === this.ownScroll) return;
    this.ownScroll = -1;
    this.top = topOfScroll(this.scale(), this.element.scrollTop);
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.render());
  }

  private onWheel(event: WheelEvent): void {
    const scale = this.scale();
    if (event.ctrlKey || spacerHeight(scale) === contentHeight(scale)) return;
    event.preventDefault();
    const unit =
      event.deltaMode === WheelEvent.DOM_DELTA_LINE
        ? 20
        : event.deltaMode === WheelEvent.DOM_DELTA_PAGE
          ? scale.windowHeight
          : 1;
    this.scrollTo(this.top + event.deltaY * unit);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.shiftKey || this.count === 0) return;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.options.rowHeight) - 1);
    // As in any grid: with Control to the ends, without it Home and End are the page's own.
    const targets: Record<string, number> =
      event.ctrlKey || event.metaKey
        ? { Home: 0, End: this.count - 1 }
        : { PageUp: this.selected - page, PageDown: this.selected + page };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    this.options.choose(Math.min(this.count - 1, Math.max(0, target)));
  }

  private render(): void {
    const scale = this.scale();
    const { start, end } = rowsInWindow(scale, this.top);
    for (const [index, row] of this.rows) {
      if (index < start || index >= end) this.drop(index, row);
    }
    for (let index = start; index < end; index++) {
      const row = this.rows.get(index) ?? this.addRow(index);
      row.style.transform = `translateY(${index * scale.rowHeight - this.top}px)`;
    }
    this.updateActive();
    if (end > start) this.options.visible?.(start, end);
  }

  private addRow(index: number): HTMLElement {
    const row = h(
      'div',
      {
        class: 'virtual-row',
        role: 'row',
        id: this.rowId(index),
        'aria-rowindex': index + 1 + this.headers,
        onclick: () => this.options.choose(index),
      },
      ...this.cells(index),
    );
    this.versions.set(index, this.options.version(index));
    row.style.height = `${this.options.rowHeight}px`;
    this.mark(row, index);
    this.rows.set(index, row);
    this.layer.append(row);
    return row;
  }

  private mark(row: HTMLElement, index: number): void {
    row.setAttribute('aria-selected', String(index === this.selected));
  }

  private updateActive(): void {
    if (this.rows.has(this.selected))
      this.element.setAttribute('aria-activedescendant', this.rowId(this.selected));
    else this.element.removeAttribute('aria-activedescendant');
  }
}
