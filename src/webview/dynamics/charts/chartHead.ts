import { h, icon, replaceContent } from '../../shared/dom';
import { visibleLine } from '../../shared/visibleText';
import type { ChartModel, StackEvents } from './stackModel';

/** What stands at the right of a head: a run's value at the crosshair. */
export interface HeadValue {
  readonly name: string;
  /** Class of the run's tone. */
  readonly tone: string;
  readonly value: string;
  /** The averaged value, where one is drawn. */
  readonly smooth?: string;
  /** Where the sample stands, when that is not the crosshair's place. */
  readonly place?: string;
}

/** Of so many runs and more, only the values as they were recorded are written: there is no room for both. */
const WITHOUT_AVERAGES = 3;

/** Where a chart stands among the others. */
export interface HeadPlace {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function headButton(name: string, press: () => void): HTMLButtonElement {
  const element = h('button', { class: 'chart-button', type: 'button' }, icon(name));
  element.addEventListener('click', press);
  return element;
}

function nameButton(element: HTMLElement, label: string): void {
  element.setAttribute('aria-label', label);
  element.title = label;
}

/** The line of words and buttons above a chart. */
export class ChartHead {
  readonly element: HTMLElement;
  private readonly title = h('h2', { class: 'chart-title' });
  private readonly subtitle = h('span', { class: 'chart-subtitle soft small' });
  private readonly choice = h('select', { class: 'chart-choice small', hidden: true });
  private readonly note = h('span', { class: 'chart-note soft small' });
  private readonly values = h('span', { class: 'chart-values number' });
  private readonly log: HTMLButtonElement;
  private readonly up: HTMLButtonElement;
  private readonly down: HTMLButtonElement;
  private readonly close: HTMLButtonElement;
  private shownChoices = '';

  constructor(id: string, events: StackEvents) {
    this.log = headButton('graph-line', () => events.logarithmicToggled(id));
    this.up = headButton('arrow-up', () => events.chartMoved(id, -1));
    this.down = headButton('arrow-down', () => events.chartMoved(id, 1));
    this.close = headButton('close', () => events.chartClosed(id));
    this.choice.addEventListener('change', () => events.keyChosen(id, this.choice.value));
    this.element = h(
      'header',
      { class: 'chart-head' },
      this.title,
      this.choice,
      this.subtitle,
      this.note,
      h('span', { class: 'chart-buttons' }, this.log, this.up, this.down, this.close),
      this.values,
    );
  }

  draw(chart: ChartModel, place: HeadPlace, notShown: number): void {
    const title = visibleLine(chart.title);
    this.title.textContent = title;
    // A choice of keys says the same of the one that is chosen.
    const isSaid = chart.choices.length > 1 && chart.choices.some(({ label }) => label === chart.subtitle);
    this.subtitle.textContent = isSaid ? '' : visibleLine(chart.subtitle);
    this.subtitle.title = visibleLine(chart.subtitle);
    this.choice.title = isSaid ? visibleLine(chart.subtitle) : '';
    this.note.textContent =
      notShown === 0 ? '' : `${notShown} ${notShown === 1 ? 'value' : 'values'} not above 0: not shown`;
    this.drawChoices(chart, title);
    nameButton(this.log, `Logarithmic scale: ${title}`);
    this.log.setAttribute('aria-pressed', String(chart.logarithmic));
    nameButton(this.up, `Move up: ${title}`);
    nameButton(this.down, `Move down: ${title}`);
    nameButton(this.close, `Close: ${title}`);
    this.up.disabled = place.isFirst;
    this.down.disabled = place.isLast;
  }

  /** The values at the right; a single run needs no name. */
  showValues(values: readonly HeadValue[]): void {
    const several = values.length > 1;
    const isNarrow = values.length >= WITHOUT_AVERAGES;
    const average = (smooth: string | undefined): string => (smooth === undefined ? '' : `avg ${smooth}`);
    replaceContent(
      this.values,
      values.map(({ name, tone, value, smooth, place }) =>
        h(
          'span',
          {
            class: `chart-value ${several ? tone : ''}`,
            title: [visibleLine(name), value, average(smooth)].filter(Boolean).join(' · '),
          },
          several && h('span', { class: 'chart-value-name words' }, visibleLine(name)),
          place !== undefined && h('span', { class: 'soft small' }, place),
          smooth !== undefined && !isNarrow && h('span', { class: 'soft small' }, average(smooth)),
          h('b', {}, value),
        ),
      ),
    );
  }

  private drawChoices(chart: ChartModel, title: string): void {
    const { choices, key } = chart;
    this.choice.hidden = choices.length < 2;
    this.choice.setAttribute('aria-label', `Key of ${title}`);
    const wanted = JSON.stringify(choices);
    // A list that is open must not be exchanged under the pointer.
    if (wanted !== this.shownChoices) {
      this.shownChoices = wanted;
      replaceContent(
        this.choice,
        choices.map(({ key: value, label }) => h('option', { value }, visibleLine(label))),
      );
    }
    if (key !== undefined && this.choice.value !== key) this.choice.value = key;
  }
}
