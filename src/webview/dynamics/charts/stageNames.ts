import { h, replaceContent } from '../../shared/dom';
import { visibleLine } from '../../shared/visibleText';
import type { Frame } from './frame';
import { stageTone } from './tones';
import { pixelAt } from './xScale';

/** The stages' names above all charts, each over a rule as long as the stage. */
export class StageNames {
  readonly element = h('div', { class: 'stage-names' });

  draw({ model, x }: Frame): void {
    this.element.hidden = model.bands.length === 0;
    replaceContent(
      this.element,
      model.bands.map((band) => {
        const left = Math.max(x.left, pixelAt(x, band.from));
        const right = Math.min(x.left + x.width, pixelAt(x, band.to));
        if (right <= left) return undefined;
        const name = `${band.index + 1} ${visibleLine(band.name)}`;
        const element = h(
          'span',
          { class: `stage-title small words tone-${stageTone(band.index)}`, title: name },
          name,
        );
        element.style.left = `${left}px`;
        element.style.width = `${right - left - 2}px`;
        return element;
      }),
    );
  }
}
