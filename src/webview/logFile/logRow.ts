import type { ByteRange, LogRow } from '../../protocol/logFileView';
import { h, icon } from '../shared/dom';
import type { Palette } from './palette';
import type { TextSpan } from './rowText';
import { bytesOfUnits, drawText, unitsOfBytes } from './rowText';

/** What a row asks for. */
export interface RowActions {
  text(start: number, end: number): Promise<string>;
  openRecord(start: number): void;
  showStep(start: number): void;
}

/** Bytes beyond which updates are not drawn one by one. */
const MOST_UPDATES = 500;

const figure = (value: number): string => value.toLocaleString('en-US');

/** A row on the page: number, mark, text. */
export class LogRowView {
  readonly element: HTMLElement;
  private readonly number = h('span', { class: 'row-number', role: 'rowheader' });
  private readonly mark = h('span', { class: 'row-mark', role: 'gridcell' });
  private readonly cell = h('span', { class: 'row-text', role: 'gridcell' });
  private spans: readonly TextSpan[] = [];
  private isUnfolded = false;

  constructor(
    private row: LogRow,
    private readonly palette: Palette,
    private readonly actions: RowActions,
  ) {
    this.element = h(
      'div',
      { class: 'log-row', role: 'row', id: `row-${row.start}`, 'aria-selected': 'false' },
      this.number,
      this.mark,
      this.cell,
    );
    this.draw();
  }

  get data(): LogRow {
    return this.row;
  }

  /** Takes what is newer about the same row: its number, or a text that has grown. */
  update(row: LogRow): void {
    const grown = row.end !== this.row.end || row.mark?.kind !== this.row.mark?.kind;
    // What a person has unfolded stays.
    this.row = grown ? row : { ...row, text: this.row.text, from: this.row.from, to: this.row.to };
    if (grown) this.draw();
    else this.drawNumber();
  }

  /** Draws the text anew, in the colours of another theme. */
  redraw(): void {
    if (!this.isUnfolded) this.draw();
  }

  select(isSelected: boolean): void {
    this.element.setAttribute('aria-selected', String(isSelected));
  }

  private drawNumber(): void {
    const { line, continued, start } = this.row;
    this.number.textContent = continued ? '↳' : line === undefined ? '' : figure(line);
    if (line !== undefined) this.element.setAttribute('aria-rowindex', String(line));
    const place = line === undefined ? '' : `line ${figure(line)}, `;
    this.number.title = `${place}byte ${figure(start)}`;
    this.number.setAttribute(
      'aria-label',
      line === undefined ? `byte ${figure(start)}` : `line ${figure(line)}`,
    );
  }

  private draw(): void {
    this.drawNumber();
    this.drawMark();
    const { text, updates, to, end, continues } = this.row;
    const { nodes, spans } = drawText(text, this.palette);
    this.spans = spans;
    this.isUnfolded = false;
    this.cell.replaceChildren(...nodes);
    if (updates !== undefined) this.cell.prepend(this.updatesButton(updates));
    if (to < end && updates === undefined) this.cell.append(this.moreButton(end - to));
    else if (continues) this.cell.append(h('span', { class: 'row-note' }, ' line goes on'));
  }

  private drawMark(): void {
    const { mark, start } = this.row;
    this.mark.replaceChildren();
    if (!mark) return;
    const isRecord = mark.kind === 'record';
    const label = isRecord ? 'Open this record' : `Show step ${figure(mark.step)} in the curves`;
    const open = (): void => (isRecord ? this.actions.openRecord(start) : this.actions.showStep(start));
    this.mark.append(
      h(
        'button',
        {
          class: 'mark-button',
          type: 'button',
          tabindex: -1,
          title: label,
          'aria-label': label,
          onclick: open,
        },
        icon(isRecord ? 'list-tree' : 'graph-line'),
      ),
    );
  }

  private moreButton(bytes: number): HTMLElement {
    const load = async (): Promise<void> => {
      const { from, end } = this.row;
      const text = await this.actions.text(from, end);
      this.row = { ...this.row, text, to: end };
      this.draw();
    };
    return h(
      'button',
      { class: 'link-button row-note', type: 'button', tabindex: -1, onclick: () => void load() },
      `… ${figure(bytes)} more bytes`,
    );
  }

  private updatesButton(updates: number): HTMLElement {
    const label = `${figure(updates)} updates`;
    const unfold = async (): Promise<void> => {
      if (this.isUnfolded) return this.draw();
      const all = await this.actions.text(this.row.start, this.row.end);
      this.unfold(
        all.split('\r').filter((update) => update !== ''),
        label,
      );
    };
    return h(
      'button',
      {
        class: 'link-button updates',
        type: 'button',
        tabindex: -1,
        'aria-expanded': 'false',
        onclick: () => void unfold(),
      },
      icon('chevron-right'),
      label,
    );
  }

  private unfold(updates: readonly string[], label: string): void {
    const shown = updates.slice(-MOST_UPDATES);
    const fold = h(
      'button',
      {
        class: 'link-button updates',
        type: 'button',
        tabindex: -1,
        'aria-expanded': 'true',
        onclick: () => this.draw(),
      },
      icon('chevron-down'),
      shown.length < updates.length ? `the last ${figure(shown.length)} of ${label}` : label,
    );
    this.isUnfolded = true;
    this.spans = [];
    const lines = shown.map((update) => h('span', { class: 'update' }, drawText(update, this.palette).nodes));
    this.cell.replaceChildren(fold, ...lines);
  }

  /** Unfolds what is cut off when it is asked for by its bytes. */
  async show({ end }: ByteRange): Promise<void> {
    const { to, updates, from } = this.row;
    if (end <= to || to >= this.row.end || updates !== undefined) return;
    const text = await this.actions.text(from, this.row.end);
    this.row = { ...this.row, text, to: this.row.end };
    this.draw();
  }

  /** The part of the drawn text that stands for bytes; `undefined` where none of them is drawn. */
  rangeOf({ start, end }: ByteRange): Range | undefined {
    const { from, text } = this.row;
    const first = this.place(unitsOfBytes(text, Math.max(0, start - from)), false);
    const last = this.place(unitsOfBytes(text, Math.max(0, end - from)), true);
    if (!first || !last || end <= from || start >= this.row.to) return undefined;
    const range = document.createRange();
    range.setStart(...first);
    range.setEnd(...last);
    return range.collapsed ? undefined : range;
  }

  private place(unit: number, isEnd: boolean): [Text, number] | undefined {
    const span = this.spans.find(({ at, length }) => (isEnd ? unit <= at + length : unit < at + length));
    if (!span) return undefined;
    const offset = Math.max(0, unit - span.at);
    // A hidden character is drawn by its name: all of it or nothing.
    if (span.length !== span.node.length) return [span.node, isEnd ? span.node.length : 0];
    return [span.node, Math.min(offset, span.node.length)];
  }

  /** The byte at a place of the drawn text, for copying; an end of the row where that can't be told. */
  byteAt(node: Node, offset: number, isEnd: boolean): number {
    const { text, from, start, end } = this.row;
    const span = this.spans.find((candidate) => candidate.node === node);
    const bytes = span && bytesOfUnits(text, span.at + Math.min(offset, span.length));
    if (bytes !== undefined) return from + bytes;
    return isEnd ? end : start;
  }
}
