import type { RunView } from '../../protocol/dynamicsView';
import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import { focusRun, visibleRuns } from './chartPlan';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { runSample } from './runSample';
import { runsOf } from './stackBuilder';
import { countWords, nameLine } from './words';

/** From so many runs on they are searched rather than looked for. */
const SEARCHED_FROM = 13;

const STATES = { running: 'running', finished: 'finished', failed: 'failed' } as const;

function stateOf({ live, state }: RunView): HTMLElement | undefined {
  if (live)
    return h(
      'span',
      { class: 'live', title: 'Values have come within the last minute' },
      h('span', { class: 'live-dot', 'aria-hidden': 'true' }),
      h('span', { class: 'small soft' }, 'live'),
    );
  if (state === undefined) return undefined;
  return h('span', { class: `small ${state === 'failed' ? 'words tone-red' : 'soft'}` }, STATES[state]);
}

/** The runs, when there are several: which are drawn, and whose stages are painted. */
export class Legend {
  readonly element: HTMLElement;
  private readonly list = h('ul', { class: 'run-list', 'aria-label': 'Runs' });
  private readonly search = h('input', {
    class: 'search',
    type: 'search',
    placeholder: 'Find a run',
    'aria-label': 'Find a run',
    spellcheck: 'false',
  });
  private readonly count = h('span', { class: 'soft small' });
  private readonly band = h('input', { type: 'checkbox', id: 'mean-band' });
  private drawnKey = '';

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
  ) {
    this.band.addEventListener('change', () => controller.setBand(this.band.checked));
    this.search.addEventListener('input', () => this.draw());
    const bandSwitch = h(
      'label',
      {
        class: 'band-switch',
        for: 'mean-band',
        title: 'The mean of the runs at each step, between their least and greatest values',
      },
      this.band,
      'Mean and band',
    );
    this.element = h(
      'details',
      { class: 'legend section', open: true },
      h('summary', {}, h('h2', { class: 'caps' }, 'Runs'), this.count),
      this.search,
      this.list,
      bandSwitch,
    );
    for (const slice of ['view', 'hidden', 'focus', 'band'] as const)
      store.watch(
        (state) => state[slice],
        () => this.draw(),
      );
  }

  private draw(): void {
    const state = this.store.get();
    const runs = runsOf(state);
    this.element.hidden = runs.length < 2;
    this.search.hidden = runs.length < SEARCHED_FROM;
    this.band.checked = state.band;
    const visible = visibleRuns(runs, state);
    this.count.textContent =
      visible.length === runs.length
        ? countWords(runs.length, 'run')
        : `${visible.length} of ${countWords(runs.length, 'run')}`;
    if (runs.length < 2) return;
    const wanted = this.search.hidden ? '' : this.search.value.trim().toLowerCase();
    const focus = focusRun(runs, state)?.id;
    const shown = runs.flatMap((run, colour) =>
      `${run.name} ${run.source} ${run.label}`.toLowerCase().includes(wanted) ? [{ run, colour }] : [],
    );
    const key = JSON.stringify(
      shown.map(({ run, colour }) => [
        run.id,
        run.name,
        run.source,
        run.label,
        run.state,
        run.live,
        colour,
        state.hidden.includes(run.id),
        run.id === focus,
      ]),
    );
    if (key === this.drawnKey) return;
    this.drawnKey = key;
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['of'] : undefined;
    replaceContent(
      this.list,
      shown.length === 0 && h('li', { class: 'soft small' }, 'No run has this in its name.'),
      shown.map(({ run, colour }) => this.row(run, colour, !state.hidden.includes(run.id), run.id === focus)),
    );
    // The row that was pressed is another element now.
    if (focused !== undefined)
      [...this.list.querySelectorAll<HTMLElement>('[data-of]')]
        .find((one) => one.dataset['of'] === focused)
        ?.focus();
  }

  private row(run: RunView, colour: number, isOn: boolean, isFocus: boolean): HTMLElement {
    const name = nameLine(run.name);
    const toggle = h(
      'button',
      {
        class: 'run-toggle',
        type: 'button',
        role: 'checkbox',
        'aria-checked': String(isOn),
        title: `${name}: switch on or off; twice or with Alt: this one alone`,
        'data-of': `toggle ${run.id}`,
        onclick: (event: MouseEvent) => this.press(run.id, event),
      },
      h('span', { class: `codicon codicon-${isOn ? 'eye' : 'eye-closed'}`, 'aria-hidden': 'true' }),
      runSample(colour),
      h('bdi', { class: 'run-name' }, name),
    );
    const focus = h(
      'button',
      {
        class: 'run-focus',
        type: 'button',
        'aria-pressed': String(isFocus),
        'aria-label': `Stages of ${name}`,
        title: isFocus ? 'The stages of this run are painted' : 'Paint the stages of this run',
        'data-of': `focus ${run.id}`,
        onclick: () => this.controller.setFocus(run.id),
      },
      icon('paintcan'),
    );
    const facts = `${nameLine(run.label)} · ${nameLine(run.source)}`;
    return h(
      'li',
      { class: isOn ? 'run' : 'run off' },
      toggle,
      stateOf(run),
      focus,
      h('bdi', { class: 'run-facts soft small', title: facts }, facts),
    );
  }

  private press(id: string, event: MouseEvent): void {
    // The second press of a double one undoes what the first one did.
    if (event.detail === 2) this.controller.toggleRun(id);
    if (event.altKey || event.detail === 2) this.controller.onlyRun(id);
    else if (event.detail < 2) this.controller.toggleRun(id);
  }
}
