import type { Frame } from './frame';
import { placeAt } from './xScale';

/** A press that moves less than this is a click, CSS pixels. */
const CLICK_SLACK = 4;
/** Factor of the shown range for one turn of the wheel. */
const WHEEL_FACTOR = 1.25;

/** What the pointer does, in places. */
export interface GestureTarget {
  frame(): Frame | undefined;
  /** Pixels from the stack's left edge. */
  pixelOf(event: MouseEvent): number;
  hover(x: number | undefined, event: PointerEvent): void;
  select(pixels: readonly [number, number] | undefined): void;
  zoom(range: readonly [number, number] | undefined): void;
  pick(x: number, event: PointerEvent): void;
}

/** The part of the axis around a place that is left when zoomed by a factor: below 1 nearer. */
export function zoomedRange(
  range: readonly [number, number],
  extent: readonly [number, number],
  place: number,
  factor: number,
): readonly [number, number] | undefined {
  const from = Math.max(extent[0], place - (place - range[0]) * factor);
  const to = Math.min(extent[1], place + (range[1] - place) * factor);
  return from <= extent[0] && to >= extent[1] ? undefined : [from, to];
}

/** The range moved along, as far as there is something. */
export function pannedRange(
  range: readonly [number, number],
  extent: readonly [number, number],
  by: number,
): readonly [number, number] {
  const shift = Math.min(Math.max(by, extent[0] - range[0]), extent[1] - range[1]);
  return [range[0] + shift, range[1] + shift];
}

interface Press {
  readonly pointer: number;
  readonly start: number;
  readonly range: readonly [number, number];
  readonly isPan: boolean;
  isDrag: boolean;
}

const isOverPlot = (event: Event): boolean =>
  event.target instanceof Element && event.target.closest('.plot, .heat-canvas') !== null;

/** Turns pointer events over the plots into zooms, picks and the crosshair. */
export class Gestures {
  private press: Press | undefined;

  constructor(
    private readonly element: HTMLElement,
    private readonly target: GestureTarget,
  ) {
    element.addEventListener('pointerdown', (event) => this.down(event));
    element.addEventListener('pointermove', (event) => this.move(event));
    element.addEventListener('pointerup', (event) => this.up(event));
    element.addEventListener('pointercancel', () => this.cancel());
    element.addEventListener('pointerleave', (event) => target.hover(undefined, event));
    element.addEventListener('dblclick', (event) => {
      if (isOverPlot(event)) target.zoom(undefined);
    });
    element.addEventListener('wheel', (event) => this.wheel(event), { passive: false });
  }

  /** Ends a drag without doing anything; tells whether there was one. */
  cancel(): boolean {
    const { press } = this;
    this.press = undefined;
    this.target.select(undefined);
    return press !== undefined;
  }

  private down(event: PointerEvent): void {
    const frame = this.target.frame();
    if (!frame || event.button !== 0 || !isOverPlot(event)) return;
    this.press = {
      pointer: event.pointerId,
      start: this.target.pixelOf(event),
      range: frame.model.range,
      isPan: event.shiftKey,
      isDrag: false,
    };
  }

  private move(event: PointerEvent): void {
    const frame = this.target.frame();
    if (!frame) return;
    const { press } = this;
    const pixel = this.target.pixelOf(event);
    if (!press) {
      this.target.hover(isOverPlot(event) ? placeAt(frame.x, pixel) : undefined, event);
      return;
    }
    if (!press.isDrag && Math.abs(pixel - press.start) < CLICK_SLACK) return;
    if (!press.isDrag) this.element.setPointerCapture(press.pointer);
    press.isDrag = true;
    if (press.isPan) {
      const by = ((press.start - pixel) / frame.x.width) * (press.range[1] - press.range[0]);
      this.target.zoom(pannedRange(press.range, frame.model.extent, by));
    } else this.target.select([this.within(frame, press.start), this.within(frame, pixel)]);
  }

  private up(event: PointerEvent): void {
    const frame = this.target.frame();
    const { press } = this;
    this.cancel();
    if (!press || !frame) return;
    const places = [placeAt(frame.x, press.start), placeAt(frame.x, this.target.pixelOf(event))] as const;
    // The second press of a double click has picked already.
    if (!press.isDrag) {
      if (event.detail < 2) this.target.pick(places[0], event);
    } else if (!press.isPan) this.target.zoom([Math.min(...places), Math.max(...places)]);
  }

  private wheel(event: WheelEvent): void {
    const frame = this.target.frame();
    if (!frame || !(event.ctrlKey || event.shiftKey) || !isOverPlot(event)) return;
    event.preventDefault();
    // Some systems turn a wheel with Shift into a sideways one.
    const turn = event.deltaY === 0 ? event.deltaX : event.deltaY;
    if (turn === 0) return;
    const { range, extent } = frame.model;
    const factor = turn < 0 ? 1 / WHEEL_FACTOR : WHEEL_FACTOR;
    this.target.zoom(zoomedRange(range, extent, placeAt(frame.x, this.target.pixelOf(event)), factor));
  }

  private within(frame: Frame, pixel: number): number {
    return Math.min(frame.x.left + frame.x.width, Math.max(frame.x.left, pixel));
  }
}
