import type { RunView } from '../../protocol/dynamicsView';
import { h, icon, type Child } from '../shared/dom';
import { formatValue } from './charts/format';
import type { PlannedChart } from './chartPlan';
import { focusRun, keyView, planCharts, unitOf } from './chartPlan';
import type { Controller } from './controller';
import type { PageState, StepValue } from './pageState';
import { runSample } from './runSample';
import { runsOf } from './stackBuilder';
import { capital, countOf, nameLine, shareWords, stepWords } from './words';

function linkButton(symbol: string, words: string, press: () => void): HTMLElement {
  return h(
    'button',
    { class: 'link-button step-link', type: 'button', onclick: press },
    icon(symbol),
    h('span', {}, words),
  );
}

function revealButton(run: RunView, value: StepValue, step: number, controller: Controller): HTMLElement {
  // What was worked out stands in no file; its number stands in line with the others.
  if (value.value === undefined || keyView(run, value.key)?.computed === true)
    return h('span', { class: 'icon-room' });
  return h(
    'button',
    {
      class: 'icon-button',
      type: 'button',
      title: 'Reveal in File',
      'aria-label': `Reveal in File: ${nameLine(value.key)} at step ${stepWords(step)}`,
      onclick: () => controller.revealPoint({ run: value.run, key: value.key }, step),
    },
    icon('go-to-file'),
  );
}

function valueText(state: PageState, chart: PlannedChart, { value }: StepValue): HTMLElement {
  if (value === undefined) return h('span', { class: 'soft small no-sample' }, 'no sample here');
  const ids = new Set(chart.lines.map(({ id }) => id));
  const curves = state.drawn?.response.curves.filter(({ id }) => ids.has(id)) ?? [];
  return h('span', { class: 'number step-value' }, formatValue(value, unitOf(chart.concept, curves)));
}

function valueRows(state: PageState, controller: Controller): Child[] {
  const { details } = state;
  const runs = runsOf(state);
  const several = runs.length > 1;
  return planCharts(runs, { ...state, band: false }).map((chart): Child[] => {
    const values = details?.values.filter((value) => value.chart === chart.id) ?? [];
    const name = h('dt', { title: chart.subtitle }, chart.concept === undefined ? chart.title : chart.title);
    const rows = values.flatMap((value) => {
      const colour = runs.findIndex(({ id }) => id === value.run);
      const run = runs[colour];
      if (!run) return [];
      return [
        h(
          'dd',
          {},
          several && runSample(colour),
          several && h('bdi', { class: 'soft ellipsis' }, nameLine(run.name)),
          valueText(state, chart, value),
          revealButton(run, value, details?.step ?? 0, controller),
        ),
      ];
    });
    return rows.length === 0
      ? []
      : [h('div', { class: several ? 'step-row several' : 'step-row' }, name, rows)];
  });
}

function rolloutLinks(run: RunView, state: PageState, controller: Controller): Child[] {
  const { details, selected } = state;
  if (details === undefined || selected === undefined || details.run !== run.id) return [];
  const { rollouts } = details;
  if (rollouts?.status === 'ready') {
    if (rollouts.rollouts === 0)
      return [h('p', { class: 'soft small' }, `No rollout of this step is in ${nameLine(rollouts.log)}.`)];
    const { correct } = rollouts;
    const count =
      rollouts.rollouts === 1
        ? 'Open the rollout of this step'
        : `Open the ${countOf(rollouts.rollouts)} rollouts of this step`;
    return [
      linkButton('list-tree', count, () => controller.openRollouts(run.id, details.step)),
      correct !== undefined &&
        h('p', { class: 'soft small' }, `${countOf(correct)} of them were judged right`),
      h('p', { class: 'soft small' }, `in ${nameLine(rollouts.log)}`),
    ];
  }
  if (rollouts?.status === 'reading') {
    const progress = run.rollouts?.progress;
    return [
      h(
        'p',
        { class: 'soft small' },
        `The rollouts are being read${progress === undefined ? '' : `: ${shareWords(progress)}`}…`,
      ),
    ];
  }
  return [
    h('p', { class: 'soft small' }, 'No log of rollouts was found near this run.'),
    linkButton('link', 'Link rollouts…', () => controller.linkRollouts(run.id)),
  ];
}

/** What is known of the chosen step. */
export function stepSection(state: PageState, controller: Controller): Child[] {
  const { selected } = state;
  const runs = runsOf(state);
  const run = focusRun(runs, state);
  if (selected === undefined)
    return [
      h('div', { class: 'section-head' }, h('h2', { class: 'caps' }, 'Step')),
      h(
        'p',
        { class: 'soft small' },
        'Press on a curve to choose a step: its values and its rollouts stand here.',
      ),
    ];
  const close = h(
    'button',
    {
      class: 'icon-button',
      type: 'button',
      title: 'Give the step up (Escape)',
      'aria-label': 'Give the step up',
      onclick: () => controller.select(undefined),
    },
    icon('close'),
  );
  return [
    h('div', { class: 'section-head' }, h('h2', { class: 'caps' }, `Step ${stepWords(selected)}`), close),
    h(
      'div',
      { class: 'card step-card' },
      h('dl', { class: 'step-values' }, valueRows(state, controller)),
      run &&
        h(
          'div',
          { class: 'step-links' },
          runs.length > 1 && h('p', { class: 'small' }, capital(`of ${nameLine(run.name)}:`)),
          rolloutLinks(run, state, controller),
        ),
    ),
  ];
}
