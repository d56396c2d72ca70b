import { h } from '../../shared/dom';
import type { XScale } from './xScale';
import { isInView, pixelAt } from './xScale';

/**
 * What moves with the pointer lies over the charts as elements of its own, so that no chart is drawn again for it. The
 * layer itself can be focused: it takes the keys that move the crosshair.
 */
export class Overlay {
  readonly keys = h('div', {
    class: 'stack-keys',
    tabindex: 0,
    role: 'application',
    'aria-label':
      'Charts: arrow keys move the crosshair from sample to sample, Enter picks, plus and minus zoom, Escape clears',
  });
  private readonly cross = h('div', { class: 'crosshair', hidden: true });
  private readonly selection = h('div', { class: 'zoom-selection', hidden: true });
  private readonly tip = h('div', { class: 'stack-tip small', hidden: true });
  readonly element = h(
    'div',
    { class: 'stack-overlay' },
    this.keys,
    h('div', { class: 'stack-lines', 'aria-hidden': 'true' }, this.cross, this.selection),
    this.tip,
  );

  /** Shows the crosshair at a place, or takes it away. */
  showCross(scale: XScale, x: number | undefined): void {
    this.cross.hidden = x === undefined || !isInView(scale, x);
    if (x !== undefined) this.cross.style.transform = `translateX(${Math.round(pixelAt(scale, x))}px)`;
  }

  /** The area between two pixels that a drag has chosen so far. */
  showSelection(pixels: readonly [number, number] | undefined): void {
    this.selection.hidden = !pixels;
    if (!pixels) return;
    const left = Math.min(...pixels);
    this.selection.style.left = `${left}px`;
    this.selection.style.width = `${Math.abs(pixels[1] - pixels[0])}px`;
  }

  /** Words beside the pointer, within the layer. */
  showTip(words: string | undefined, left = 0, top = 0): void {
    this.tip.hidden = words === undefined;
    if (words === undefined) return;
    this.tip.textContent = words;
    const room = this.element.clientWidth - this.tip.offsetWidth - 4;
    this.tip.style.left = `${Math.max(0, Math.min(left + 12, room))}px`;
    this.tip.style.top = `${top + 14}px`;
  }
}
