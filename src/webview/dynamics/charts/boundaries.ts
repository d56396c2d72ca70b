import { h } from '../../shared/dom';
import { visibleLine } from '../../shared/visibleText';
import { formatPlace } from './format';
import type { Frame } from './frame';
import { neighbourPlace, rawLines } from './samples';
import type { BoundaryHandle, StackEvents } from './stackModel';
import { isInView, pixelAt, placeAt } from './xScale';

/** How many steps a key with Shift goes. */
const MANY = 10;

/** A move that is not done. */
interface Move {
  readonly index: number;
  readonly before: number;
  x: number;
}

/** Lines between stages, through all charts, that pointer and keys move. */
export class Boundaries {
  readonly element = h('div', { class: 'boundaries' });
  private readonly handles = new Map<number, HTMLElement>();
  private frame: Frame | undefined;
  /** By pointer; the model's own place counts again when it has ended. */
  private drag: Move | undefined;
  /** Where the handle that has the focus stood when it came to it. */
  private readonly before = new Map<number, number>();

  constructor(
    private readonly events: StackEvents,
    private readonly pixelOf: (event: PointerEvent) => number,
  ) {}

  draw(frame: Frame): void {
    this.frame = frame;
    const wanted = new Set(frame.model.boundaries.map(({ index }) => index));
    for (const [index, element] of this.handles) {
      if (wanted.has(index)) continue;
      element.remove();
      this.handles.delete(index);
    }
    for (const boundary of frame.model.boundaries) this.place(boundary);
  }

  private place(boundary: BoundaryHandle): void {
    const { frame } = this;
    if (!frame) return;
    const element = this.handles.get(boundary.index) ?? this.create(boundary.index);
    const x = this.drag?.index === boundary.index ? this.drag.x : boundary.x;
    element.hidden = !isInView(frame.x, x);
    element.style.transform = `translateX(${Math.round(pixelAt(frame.x, x))}px)`;
    this.describe(element, boundary, x, frame);
  }

  private describe(element: HTMLElement, { index, interval }: BoundaryHandle, x: number, frame: Frame): void {
    const { model } = frame;
    const next = model.bands.find((band) => band.index === index + 1);
    const name = next ? `Begin of ${visibleLine(next.name)}` : `Boundary ${index + 1}`;
    const place = formatPlace(x, model.x);
    const known = interval
      ? `, 90 % of resampled runs between ${interval.map((end) => formatPlace(end, model.x)).join(' and ')}`
      : '';
    element.setAttribute('aria-label', name);
    element.setAttribute('aria-valuemin', String(model.extent[0]));
    element.setAttribute('aria-valuemax', String(model.extent[1]));
    element.setAttribute('aria-valuenow', String(x));
    element.setAttribute('aria-valuetext', place);
    element.title = `${name}: ${place}${known}. Drag, or use the arrow keys.`;
  }

  private create(index: number): HTMLElement {
    const element = h(
      'div',
      { class: 'boundary', role: 'slider', tabindex: 0, 'aria-orientation': 'horizontal' },
      h('span', { class: 'boundary-grip', 'aria-hidden': 'true' }),
    );
    this.handles.set(index, element);
    this.element.append(element);
    this.followPointer(index, element);
    element.addEventListener('focus', () => {
      const now = this.current(index);
      if (now !== undefined) this.before.set(index, now.x);
    });
    element.addEventListener('keydown', (event) => this.pressed(index, event));
    return element;
  }

  private current(index: number): BoundaryHandle | undefined {
    return this.frame?.model.boundaries.find((boundary) => boundary.index === index);
  }

  private followPointer(index: number, element: HTMLElement): void {
    element.addEventListener('pointerdown', (event) => {
      const now = this.current(index);
      if (!now || event.button !== 0) return;
      // The charts below must not take it for a zoom.
      event.stopPropagation();
      element.setPointerCapture(event.pointerId);
      this.drag = { index, before: now.x, x: now.x };
    });
    element.addEventListener('pointermove', (event) => {
      if (!this.drag || !this.frame || !element.hasPointerCapture(event.pointerId)) return;
      event.stopPropagation();
      const place = placeAt(this.frame.x, this.pixelOf(event));
      this.moveTo(this.drag, this.frame.model.x === 'step' ? Math.round(place) : place);
    });
    element.addEventListener('pointerup', () => this.endDrag());
    element.addEventListener('pointercancel', () => this.cancelDrag());
  }

  private moveTo(drag: Move, x: number): void {
    const kept = this.within(drag.index, x);
    if (kept === drag.x) return;
    drag.x = kept;
    const boundary = this.current(drag.index);
    if (boundary) this.place(boundary);
    this.events.boundaryMoved(drag.index, kept, false);
  }

  private endDrag(): void {
    const { drag } = this;
    this.drag = undefined;
    if (!drag || drag.x === drag.before) return;
    this.before.set(drag.index, drag.x);
    this.events.boundaryMoved(drag.index, drag.x, true);
  }

  private cancelDrag(): void {
    const { drag } = this;
    this.drag = undefined;
    if (!drag) return;
    const boundary = this.current(drag.index);
    if (boundary) this.place(boundary);
    this.events.boundaryMoved(drag.index, drag.before, true);
  }

  private pressed(index: number, event: KeyboardEvent): void {
    const way = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : undefined;
    if (way === undefined && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    if (way === undefined) this.giveBack(index);
    else this.step(index, way, event.shiftKey ? MANY : 1);
  }

  private step(index: number, way: -1 | 1, count: number): void {
    const { model } = this.frame ?? {};
    const now = this.current(index)?.x;
    if (now === undefined || !model) return;
    const next =
      model.x === 'step'
        ? now + way * count
        : (neighbourPlace(rawLines(model.charts), now, way, count) ?? now);
    const kept = this.within(index, next);
    if (kept !== now) this.events.boundaryMoved(index, kept, true);
  }

  /** To where it stood before the drag, or before it had the focus. */
  private giveBack(index: number): void {
    if (this.drag) return this.cancelDrag();
    const before = this.before.get(index);
    if (before !== undefined && before !== this.current(index)?.x)
      this.events.boundaryMoved(index, before, true);
  }

  /** A boundary passes neither its neighbours nor the ends. */
  private within(index: number, x: number): number {
    const { model } = this.frame ?? {};
    if (!model) return x;
    const at = (other: number): number | undefined => this.current(other)?.x;
    return Math.min(at(index + 1) ?? model.extent[1], Math.max(at(index - 1) ?? model.extent[0], x));
  }
}
