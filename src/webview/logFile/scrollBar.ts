import type { ByteRange } from '../../protocol/logFileView';
import { h } from '../shared/dom';

/** Shortest thumb, in CSS pixels. */
const LEAST_THUMB = 24;
/** Parts of the file that carry marks. */
const PARTS = 1000;

/** A scroll bar over all bytes of a file, with marks where matches are. */
export class ScrollBar {
  readonly element: HTMLElement;
  private readonly thumb = h('div', { class: 'scroll-thumb' });
  private readonly marks = h('canvas', { class: 'scroll-marks', 'aria-hidden': 'true' });
  private size = 0;
  private shown: ByteRange = { start: 0, end: 0 };
  private parts: readonly number[] = [];
  private dragged: number | undefined;

  /** @param go a person wants this byte at the top of the window */
  constructor(private readonly go: (offset: number) => void) {
    this.element = h(
      'div',
      {
        class: 'scroll-bar',
        role: 'scrollbar',
        'aria-controls': 'rows',
        'aria-orientation': 'vertical',
        'aria-label': 'Place in the file',
        'aria-valuemin': 0,
        'aria-valuemax': 100,
        'aria-valuenow': 0,
      },
      this.marks,
      this.thumb,
    );
    this.element.addEventListener('pointerdown', (event) => this.down(event));
    this.element.addEventListener('pointermove', (event) => this.move(event));
    this.element.addEventListener('pointerup', () => (this.dragged = undefined));
    new ResizeObserver(() => this.draw()).observe(this.element);
  }

  /** Shows which bytes of how many are in the window. */
  show(shown: ByteRange, size: number): void {
    this.shown = shown;
    this.size = size;
    this.place();
  }

  /** Shows which thousandths of the file hold matches. */
  mark(parts: readonly number[]): void {
    this.parts = parts;
    this.draw();
  }

  private get travel(): { readonly height: number; readonly room: number } {
    const whole = this.element.clientHeight;
    const share = this.size === 0 ? 1 : (this.shown.end - this.shown.start) / this.size;
    const height = Math.min(whole, Math.max(LEAST_THUMB, share * whole));
    return { height, room: whole - height };
  }

  private place(): void {
    const { height, room } = this.travel;
    const hidden = this.size - (this.shown.end - this.shown.start);
    const share = hidden <= 0 ? 0 : Math.min(1, this.shown.start / hidden);
    this.thumb.style.height = `${height}px`;
    this.thumb.style.transform = `translateY(${room * share}px)`;
    this.thumb.hidden = room <= 0;
    this.element.setAttribute('aria-valuenow', String(Math.round(share * 100)));
  }

  private down(event: PointerEvent): void {
    event.preventDefault();
    const { top } = this.thumb.getBoundingClientRect();
    const inside = event.clientY - top;
    const { height } = this.travel;
    this.dragged = inside >= 0 && inside <= height ? inside : height / 2;
    this.element.setPointerCapture(event.pointerId);
    this.move(event);
  }

  private move(event: PointerEvent): void {
    if (this.dragged === undefined) return;
    const { room } = this.travel;
    const { top } = this.element.getBoundingClientRect();
    const share = room <= 0 ? 0 : Math.max(0, Math.min(1, (event.clientY - top - this.dragged) / room));
    this.thumb.style.transform = `translateY(${room * share}px)`;
    this.go(Math.floor(share * Math.max(0, this.size - (this.shown.end - this.shown.start))));
  }

  private draw(): void {
    const { clientWidth, clientHeight } = this.element;
    this.marks.width = clientWidth;
    this.marks.height = clientHeight;
    const context = this.marks.getContext('2d');
    if (context) {
      context.fillStyle = getComputedStyle(this.element).getPropertyValue('--find-mark').trim() || '#d18616';
      for (const part of this.parts)
        context.fillRect(3, Math.round((part / PARTS) * clientHeight), clientWidth - 6, 2);
    }
    this.place();
  }
}
