import { iconButton, setEnabled } from '../shared/controls';
import { h, icon } from '../shared/dom';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { SPEEDS } from './pageState';
import type { Step } from './readingOrder';
import { countWords, kindWords, stepWords } from './words';

const TONES: Readonly<Record<Step['view']['kind'], string>> = {
  text: 'yellow',
  thought: 'purple',
  toolCall: 'orange',
  observation: 'blue',
  answer: 'green',
};
const LEGEND = ['thought', 'toolCall', 'observation', 'answer'] as const;

/** Width of a mark relative to the others: by tokens, else by length; damped, so that short parts can still be hit. */
function weight(step: Step): number {
  return Math.sqrt(Math.max(4, step.view.tokens ?? step.view.text.length / 4));
}

/** The replay cursor's desk: buttons, the scrubber with one mark per part, the legend. */
export class TransportView {
  readonly element: HTMLElement;
  private readonly marks = h('div', { class: 'marks', 'aria-hidden': 'true' });
  private readonly needle = h('div', { class: 'needle', 'aria-hidden': 'true' });
  private readonly slider: HTMLElement;
  private readonly where = h('span', { class: 'where number' });
  private readonly play: HTMLElement;
  private readonly playIcon = icon('play');
  private readonly speed: HTMLSelectElement;
  private readonly backward: HTMLElement[];
  private readonly forward: HTMLElement[];

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    play: () => void,
  ) {
    this.play = h('button', { class: 'play-button', type: 'button', onclick: play }, this.playIcon);
    this.speed = speedChoice((speed) => store.update({ speed }));
    this.backward = [
      iconButton('debug-reverse-continue', 'To the question (Home)', () => controller.goTo(0)),
      iconButton('debug-step-back', 'One part back (Left)', () => controller.step(-1)),
    ];
    this.forward = [
      iconButton('debug-step-over', 'One part forward (Right)', () => controller.step(1)),
      iconButton('debug-continue', 'To the last part (End)', () => controller.goTo(this.steps().length)),
    ];
    this.slider = h(
      'div',
      { class: 'scrubber', role: 'slider', tabindex: 0, 'aria-label': 'Replay cursor', 'aria-valuemin': 0 },
      this.marks,
      this.needle,
    );
    this.slider.addEventListener('pointerdown', (event) => this.press(event));
    this.slider.addEventListener('pointermove', (event) => {
      if (this.slider.hasPointerCapture(event.pointerId)) this.scrub(event);
    });
    this.element = h(
      'footer',
      { class: 'transport', 'aria-label': 'Replay' },
      h('div', { class: 'transport-buttons' }, ...this.backward, this.play, ...this.forward, this.speed),
      this.slider,
      h('div', { class: 'legend small' }, ...LEGEND.map(legendEntry), this.where),
    );
    store.watch(
      (state) => state.shown,
      () => this.drawMarks(),
    );
    store.watch(
      (state) => state.part,
      () => this.drawCursor(),
    );
    store.watch(
      (state) => state.playing,
      (playing) => this.drawPlay(playing),
    );
    store.watch(
      (state) => state.speed,
      (speed) => (this.speed.value = String(speed)),
    );
    new ResizeObserver(() => this.drawCursor()).observe(this.slider);
  }

  private steps(): readonly Step[] {
    const { shown } = this.store.get();
    return shown.status === 'ready' ? shown.steps : [];
  }

  private drawPlay(playing: boolean): void {
    const name = playing ? 'Pause (Space)' : 'Play (Space)';
    this.play.setAttribute('aria-label', name);
    this.play.title = name;
    this.playIcon.className = `codicon codicon-${playing ? 'debug-pause' : 'play'}`;
  }

  private press(event: PointerEvent): void {
    this.slider.setPointerCapture(event.pointerId);
    this.scrub(event);
  }

  private scrub(event: PointerEvent): void {
    const marks = [...this.marks.children];
    const under = marks.findIndex((mark) => event.clientX < mark.getBoundingClientRect().right);
    const first = marks[0]?.getBoundingClientRect().left ?? 0;
    this.controller.goTo(event.clientX < first ? 0 : under < 0 ? marks.length : under + 1);
  }

  private drawMarks(): void {
    const steps = this.steps();
    steps.forEach((step, index) => {
      const known = this.marks.children[index];
      const mark = known instanceof HTMLElement ? known : h('div');
      if (mark !== known) this.marks.append(mark);
      drawMark(mark, step);
    });
    while (this.marks.children.length > steps.length) this.marks.lastElementChild?.remove();
    this.slider.setAttribute('aria-valuemax', String(steps.length));
    this.drawCursor();
  }

  private drawCursor(): void {
    const steps = this.steps();
    const part = Math.min(this.store.get().part, steps.length);
    [...this.marks.children].forEach((mark, index) => {
      mark.classList.toggle('later', index + 1 > part);
      mark.classList.toggle('current', index + 1 === part);
    });
    const mark = this.marks.children[part - 1];
    const right = mark instanceof HTMLElement ? mark.offsetLeft + mark.offsetWidth : 0;
    this.needle.style.transform = `translateX(${right}px)`;
    this.needle.hidden = steps.length === 0;
    this.element.classList.toggle('idle', steps.length === 0);
    this.slider.setAttribute('aria-valuenow', String(part));
    this.slider.setAttribute('aria-valuetext', stepWords(part, steps));
    this.where.textContent = steps.length === 0 ? '' : `part ${part} of ${steps.length}`;
    this.play.toggleAttribute('disabled', steps.length === 0);
    for (const control of this.backward) setEnabled(control, part > 0);
    for (const control of this.forward) setEnabled(control, part < steps.length);
  }
}

function speedChoice(choose: (speed: number) => void): HTMLSelectElement {
  const choice = h(
    'select',
    { class: 'speed small', 'aria-label': 'Speed of the replay', title: 'Speed of the replay' },
    ...SPEEDS.map((speed) => h('option', { value: speed }, `${speed}×`)),
  );
  choice.addEventListener('change', () => choose(Number(choice.value)));
  return choice;
}

/** Makes a mark that of a step; what it says already is left alone, for a rollout that is written comes many times. */
function drawMark(mark: HTMLElement, step: Step): void {
  const tokens = step.view.tokens === undefined ? '' : `, ${countWords(step.view.tokens, 'token')}`;
  const title = `${step.part} ${kindWords(step.view.kind)}${tokens}`;
  const grow = String(weight(step));
  if (mark.title !== title) mark.title = title;
  if (mark.style.flexGrow !== grow) mark.style.flexGrow = grow;
  if (mark.dataset['kind'] === step.view.kind) return;
  mark.dataset['kind'] = step.view.kind;
  mark.className = `mark tone-${TONES[step.view.kind]}`;
}

function legendEntry(kind: (typeof LEGEND)[number]): HTMLElement {
  return h(
    'span',
    { class: `legend-entry tone-${TONES[kind]}` },
    h('i', { class: 'swatch' }),
    kindWords(kind),
  );
}
