import { h, icon, replaceContent } from '../../shared/dom';
import { formatPlace } from './format';
import type { Frame } from './frame';
import { isInView, pixelAt } from './xScale';

const NAMES = { step: 'step', relative: 'time', wall: 'clock' } as const;
/** A label at an edge goes no farther out than this, CSS pixels: half of a usual one. */
const HALF_LABEL = 18;

/** The labels of the x axis under the last chart, and the marks of restarts. */
export class XAxisRow {
  readonly element = h('div', { class: 'x-axis small soft' });

  draw({ model, ticks, x }: Frame): void {
    const end = x.left + x.width;
    const labels = ticks.map(({ value, label }) => {
      const pixel = pixelAt(x, value);
      const element = h('span', { class: 'x-label number' }, label);
      element.style.left = `${pixel}px`;
      if (label.length > 5 && pixel > end - HALF_LABEL) element.classList.add('x-label-end');
      return element;
    });
    const breaks = model.breaks
      .filter((place) => isInView(x, place))
      .map((place) => this.breakMark(place, model, x));
    replaceContent(this.element, h('span', { class: 'x-name' }, NAMES[model.x]), labels, breaks);
  }

  private breakMark(place: number, model: Frame['model'], x: Frame['x']): HTMLElement {
    const mark = h(
      'span',
      { class: 'break-mark' },
      icon('debug-restart', `Restart: written anew from ${formatPlace(place, model.x)}`),
    );
    mark.style.left = `${pixelAt(x, place)}px`;
    return mark;
  }
}
