import type { ByteRange, LogRow, LogRows } from '../../protocol/logFileView';
import { h } from '../shared/dom';
import type { RowActions } from './logRow';
import { LogRowView } from './logRow';
import type { Palette } from './palette';

/** Rows that are asked for at once. */
const BATCH = 120;
/** Rows that stand in the document at most. */
const MOST_ROWS = 480;

/** What the view of rows is made with. */
export interface RowsViewOptions extends RowActions {
  readonly palette: Palette;
  rows(offset: number, before: number, count: number): Promise<LogRows>;
  copy(start: number, end: number): void;
  /** Other rows are in the window, or drawn anew. */
  moved(): void;
  /** Reading failed. */
  failed(thrown: unknown): void;
}

/**
 * A window onto rows that are found by byte. A few hundred rows stand in the document and scroll as any text does; more
 * are asked for before an end of them comes into sight, and those far away are let go.
 */
export class RowsView {
  readonly element: HTMLElement;
  private readonly body = h('div', { class: 'log-body', role: 'presentation' });
  private views: LogRowView[] = [];
  private size = 0;
  /** Counts loads: what an older one brings is too late. */
  private load = 0;
  private isExtending = false;
  private selected = -1;
  private revealed: ByteRange | undefined;

  constructor(private readonly options: RowsViewOptions) {
    this.element = h(
      'div',
      {
        class: 'log-window',
        id: 'rows',
        role: 'grid',
        tabindex: 0,
        'aria-label': 'Lines of the file',
        'aria-colcount': 3,
      },
      this.body,
    );
    this.element.addEventListener('scroll', () => this.scrolled(), { passive: true });
    this.element.addEventListener('copy', (event) => this.onCopy(event));
    this.element.addEventListener('click', (event) => this.onClick(event));
    this.element.addEventListener('keydown', (event) => this.onKey(event));
    new ResizeObserver(() => this.scrolled()).observe(this.element);
  }

  /** The rows in the window, at least partly. */
  get visible(): readonly LogRowView[] {
    const { top, bottom } = this.element.getBoundingClientRect();
    return this.views.filter(({ element }) => {
      const box = element.getBoundingClientRect();
      return box.bottom > top && box.top < bottom;
    });
  }

  /** Whether the file's end is in the window. */
  get isAtEnd(): boolean {
    const last = this.views.at(-1);
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    return (last?.data.next ?? 0) >= this.size && scrollTop + clientHeight >= scrollHeight - 2;
  }

  /** Bytes in the window: from the row at the top to behind the one at the bottom. */
  get range(): ByteRange {
    const { visible } = this;
    return { start: visible[0]?.data.start ?? 0, end: visible.at(-1)?.data.next ?? 0 };
  }

  /** The row that keys and copying act on. */
  get current(): LogRowView | undefined {
    return this.views.find(({ data }) => data.start === this.selected);
  }

  /** Goes to the row that holds a byte. */
  async goTo(offset: number, place: 'top' | 'middle' | 'end'): Promise<void> {
    const known = this.views.find(({ data }) => data.start <= offset && offset < data.next);
    if (known && place === 'middle') {
      this.place(known, place);
      return;
    }
    const token = ++this.load;
    const before = place === 'end' ? BATCH : BATCH / 2;
    const found = await this.fetch(offset, before, place === 'end' ? 1 : BATCH);
    if (!found || token !== this.load) return;
    this.size = found.size;
    this.views = found.rows.map((row) => this.make(row));
    this.body.replaceChildren(...this.views.map(({ element }) => element));
    const target = this.views.find(({ data }) => data.next > offset) ?? this.views.at(-1);
    if (target) this.place(target, place);
    this.markRows();
    this.scrolled();
  }

  private place({ element }: LogRowView, place: 'top' | 'middle' | 'end'): void {
    const room = this.element.clientHeight - element.offsetHeight;
    const above = place === 'top' ? 0 : place === 'end' ? room : Math.max(0, room / 2);
    this.element.scrollTop = element.offsetTop - above;
  }

  /** The row of a match or a place that was asked for: into the window, and wholly drawn as far as it is needed. */
  async reveal(range: ByteRange): Promise<void> {
    await this.goTo(range.start, 'middle');
    const view = this.views.find(
      ({ data }) => data.start <= range.start && range.start < Math.max(data.next, data.start + 1),
    );
    if (!view) return;
    this.select(view);
    await view.show(range);
    // A place far to the right, when lines are not wrapped.
    const box = view.rangeOf(range)?.getBoundingClientRect();
    const frame = this.element.getBoundingClientRect();
    if (box && (box.right > frame.right - 40 || box.left < frame.left + 90))
      this.element.scrollLeft += box.left - frame.left - frame.width / 3;
    this.options.moved();
  }

  /** Marks the rows of bytes that were asked for from elsewhere. */
  highlight(range: ByteRange | undefined): void {
    this.revealed = range;
    this.markRows();
  }

  private markRows(): void {
    const { revealed } = this;
    for (const { data, element } of this.views) {
      const isIn =
        revealed && data.start < Math.max(revealed.end, revealed.start + 1) && data.next > revealed.start;
      element.classList.toggle('revealed', isIn === true);
    }
    for (const view of this.views) view.select(view.data.start === this.selected);
    const { current } = this;
    if (current) this.element.setAttribute('aria-activedescendant', current.element.id);
    else this.element.removeAttribute('aria-activedescendant');
  }

  private select(view: LogRowView): void {
    this.selected = view.data.start;
    this.markRows();
  }

  /** The file has another length, or more lines have numbers. */
  async refresh(size: number, counted: number): Promise<void> {
    const grew = size > this.size;
    const wasWhole = (this.views.at(-1)?.data.next ?? 0) >= this.size;
    this.size = size;
    const lacksNumber = this.views.some(({ data }) => data.line === undefined && data.start <= counted);
    if (!lacksNumber && !(grew && wasWhole)) return;
    const first = this.views[0];
    const token = ++this.load;
    const found = await this.fetch(first?.data.start ?? 0, 0, Math.max(BATCH, this.views.length));
    if (!found || token !== this.load) return;
    const known = new Map(this.views.map((view) => [view.data.start, view]));
    this.views = found.rows.map((row) => {
      const view = known.get(row.start);
      view?.update(row);
      return view ?? this.make(row);
    });
    this.sync();
    this.scrolled();
  }

  /** Everything is drawn anew, in the colours of another theme. */
  redraw(): void {
    for (const view of this.views) view.redraw();
    this.options.moved();
  }

  private make(row: LogRow): LogRowView {
    return new LogRowView(row, this.options.palette, this.options);
  }

  private async fetch(offset: number, before: number, count: number): Promise<LogRows | undefined> {
    try {
      return await this.options.rows(offset, before, count);
    } catch (thrown) {
      this.options.failed(thrown);
      return undefined;
    }
  }

  private scrolled(): void {
    this.options.moved();
    const { scrollTop, clientHeight, scrollHeight } = this.element;
    const margin = Math.max(400, clientHeight);
    const [first, last] = [this.views[0], this.views.at(-1)];
    if (this.isExtending || !first || !last) return;
    if (scrollTop < margin && first.data.start > 0) void this.extend(first, true);
    else if (scrollTop + clientHeight > scrollHeight - margin && last.data.next < this.size)
      void this.extend(last, false);
  }

  private async extend(edge: LogRowView, isUp: boolean): Promise<void> {
    this.isExtending = true;
    const token = this.load;
    const found = isUp
      ? await this.fetch(edge.data.start, BATCH, 0)
      : await this.fetch(edge.data.next, 0, BATCH);
    this.isExtending = false;
    if (!found || token !== this.load) return;
    const fresh = found.rows.map((row) => this.make(row));
    if (fresh.length === 0) return;
    const anchor = edge.element;
    const before = anchor.getBoundingClientRect().top;
    this.views = isUp
      ? [...fresh, ...this.views].slice(0, MOST_ROWS)
      : [...this.views, ...fresh].slice(-MOST_ROWS);
    this.sync();
    // What a person looks at stays where it is.
    if (anchor.isConnected) this.element.scrollTop += anchor.getBoundingClientRect().top - before;
    this.markRows();
    this.scrolled();
  }

  /** Makes the document's rows those of `views`, without moving the ones that stay. */
  private sync(): void {
    const wanted = new Set(this.views.map(({ element }) => element));
    for (const child of [...this.body.children]) if (!wanted.has(child as HTMLElement)) child.remove();
    let next = this.body.firstElementChild;
    for (const { element } of this.views) {
      if (element === next) next = next.nextElementSibling;
      else this.body.insertBefore(element, next);
    }
    this.markRows();
  }

  private onClick(event: MouseEvent): void {
    const view = this.views.find(({ element }) => element.contains(event.target as Node));
    if (view) this.select(view);
  }

  private onKey(event: KeyboardEvent): void {
    if (event.altKey || event.shiftKey || event.target !== this.element) return;
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (event.key === 'Home') void this.goTo(0, 'top');
    else if (event.key === 'End') void this.goTo(this.size, 'end');
    else if (event.key === 'Enter') this.openCurrent();
    else if (step !== 0 && !event.ctrlKey && !event.metaKey) this.step(step);
    else return;
    event.preventDefault();
  }

  private openCurrent(): void {
    const { data } = this.current ?? {};
    if (data?.mark?.kind === 'record') this.options.openRecord(data.start);
    else if (data?.mark?.kind === 'step') this.options.showStep(data.start);
  }

  private step(delta: number): void {
    const { visible } = this;
    const at = this.views.findIndex(({ data }) => data.start === this.selected);
    const shown = at >= 0 && this.views[at] ? this.views[at + delta] : visible[0];
    if (!shown) return;
    this.select(shown);
    shown.element.scrollIntoView({ block: 'nearest' });
  }

  /** Copying gives the bytes of the file, escape sequences included, and not what is drawn of them. */
  private onCopy(event: ClipboardEvent): void {
    const selection = getSelection();
    const range = selection && selection.rangeCount > 0 ? selection.getRangeAt(0) : undefined;
    event.preventDefault();
    if (!range || range.collapsed) {
      const { data } = this.current ?? {};
      if (data) this.options.copy(data.start, data.end);
      return;
    }
    const touched = this.views.filter(({ element }) => range.intersectsNode(element));
    const [first, last] = [touched[0], touched.at(-1)];
    if (!first || !last) return;
    const start = first.byteAt(range.startContainer, range.startOffset, false);
    this.options.copy(start, last.byteAt(range.endContainer, range.endOffset, true));
  }
}
