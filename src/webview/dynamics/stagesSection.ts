import type { StageCard } from '../../analysis/stages/stageCards';
import type { RunView } from '../../protocol/dynamicsView';
import { h, type Child } from '../shared/dom';
import { visibleLine } from '../shared/visibleText';
import { runSample } from './runSample';
import { stageTone } from './charts/tones';
import type { Controller } from './controller';
import { focusRun } from './chartPlan';
import type { PageState } from './pageState';
import { boundarySteps, cardsOf, isMoved, runsOf } from './stackBuilder';
import { capital, confidenceWord, nameLine, sentence, shareWords, stepWords } from './words';

/** Numbers, and pairs of them: '0.67 -> 1.05'. */
const NUMBERS = /[-−]?\d[\d.,]*(?:e[+-]?\d+)?(?:\s*->\s*[-−]?\d[\d.,]*(?:e[+-]?\d+)?)?/g;

/** A card's summary with its numbers strong. */
function emphasised(words: string): Child[] {
  const text = capital(sentence(words));
  const nodes: Child[] = [];
  let from = 0;
  for (const match of text.matchAll(NUMBERS)) {
    // The comma after a number ends the clause.
    const number = match[0].replace(/[.,]+$/, '');
    nodes.push(text.slice(from, match.index), h('b', { class: 'number' }, number.replace('->', '→')));
    from = match.index + number.length;
  }
  return [...nodes, text.slice(from)];
}

/** How far a boundary may lie to either side. */
function plusMinus(run: RunView, index: number, steps: readonly number[]): HTMLElement | undefined {
  const found = run.stages.boundaries[index];
  if (!found || found.step !== steps[index]) return undefined;
  const [from, to] = found.interval;
  const apart = Math.max(found.step - from, to - found.step);
  const title = `Nine of ten resampled runs have the beginning of this stage between steps ${stepWords(from)} and ${stepWords(to)}.`;
  return h('span', { class: 'soft plus-minus', title }, ` ± ${stepWords(apart)}`);
}

function card(run: RunView, stage: StageCard, index: number, state: PageState): HTMLElement {
  const steps = boundarySteps(run, state);
  const moved = index > 0 && run.stages.boundaries[index - 1]?.step !== steps[index - 1];
  const isLast = index === steps.length && run.stages.status === 'stage 2 so far';
  return h(
    'li',
    { class: `card stage-card tone-${stageTone(index)}` },
    h(
      'div',
      { class: 'card-head' },
      h('h3', { class: 'card-title' }, capital(visibleLine(stage.name, 120))),
      h(
        'span',
        { class: 'number stage-range' },
        `${stepWords(stage.from)} – ${stepWords(stage.to)}`,
        index > 0 && plusMinus(run, index - 1, steps),
      ),
    ),
    isLast && h('p', { class: 'soft small' }, 'Still going on, as far as this run has come.'),
    moved && h('p', { class: 'moved small' }, 'Its beginning was moved by you.'),
    h(
      'p',
      { class: 'summary' },
      stage.summary === '' ? 'Too few values to say what they did.' : emphasised(stage.summary),
    ),
  );
}

/** How far the rollouts have been read that a run without stages may yet get its curves from, 0 to 1. */
function unread({ stages, rollouts }: RunView): number | undefined {
  return stages.status === 'no clear stages' ? rollouts?.progress : undefined;
}

function result(run: RunView): string {
  if (unread(run) !== undefined) return 'not known yet';
  if (run.stages.status === 'no clear stages') return 'no clear stages';
  const { confidence } = run.stages;
  return `confidence ${confidenceWord(confidence)} · ${shareWords(confidence)}`;
}

function foundStages(run: RunView, state: PageState, controller: Controller): Child[] {
  const { stages } = run;
  const read = unread(run);
  if (read !== undefined)
    return [
      h(
        'div',
        { class: 'card no-stages' },
        h('h3', { class: 'card-title' }, 'Reading rollouts'),
        h('p', { class: 'summary' }, `Their curves decide. ${shareWords(read)} are read.`),
      ),
    ];
  if (stages.status === 'no clear stages')
    return [
      h(
        'div',
        { class: 'card no-stages' },
        h('h3', { class: 'card-title' }, 'No clear stages'),
        h('p', { class: 'summary' }, sentence(stages.reason)),
      ),
    ];
  const cards = cardsOf(run, state);
  const back = h(
    'button',
    { class: 'link-button', type: 'button', onclick: () => controller.returnBoundaries(run.id) },
    'Return to the found ones',
  );
  return [
    isMoved(run, state) && h('p', { class: 'moved-line small' }, 'Boundaries moved by you. ', back),
    stages.status === 'stage 2 so far' && h('p', { class: 'so-far' }, h('b', {}, 'Stage 2 so far')),
    h(
      'ol',
      { class: 'cards' },
      cards.map((stage, index) => card(run, stage, index, state)),
    ),
    stages.namesWithheld !== undefined && h('p', { class: 'soft small' }, sentence(stages.namesWithheld)),
    h('p', { class: 'soft small reason' }, sentence(stages.reason)),
  ];
}

/** All runs' boundaries under each other. */
function boundaryTable(runs: readonly RunView[], state: PageState): HTMLElement {
  const cell = (run: RunView, index: number): string => {
    const step = boundarySteps(run, state)[index];
    return step === undefined ? '–' : stepWords(step);
  };
  const rows = runs.flatMap((run, colour) =>
    state.hidden.includes(run.id)
      ? []
      : [
          h(
            'tr',
            {},
            h(
              'th',
              { scope: 'row' },
              h(
                'span',
                { class: 'run-cell' },
                runSample(colour),
                h('bdi', { class: 'ellipsis', title: nameLine(run.name) }, nameLine(run.name)),
              ),
            ),
            h('td', { class: 'number' }, cell(run, 0)),
            h('td', { class: 'number' }, cell(run, 1)),
            h(
              'td',
              {},
              run.stages.status === 'no clear stages' ? 'none' : confidenceWord(run.stages.confidence),
            ),
          ),
        ],
  );
  const head = (words: string, title?: string): HTMLElement => h('th', { scope: 'col', title }, words);
  const heads = [
    head('run'),
    head('stage 2', 'First step of stage 2'),
    head('stage 3', 'First step of stage 3'),
    head('confidence'),
  ];
  return h(
    'table',
    { class: 'boundary-table small', 'aria-label': 'Boundaries of all runs' },
    h('thead', {}, h('tr', {}, ...heads)),
    h('tbody', {}, ...rows),
  );
}

/** What was found of the stages. */
export function stagesSection(state: PageState, controller: Controller): Child[] {
  const runs = runsOf(state);
  const run = focusRun(runs, state);
  if (!run) return [];
  return [
    h(
      'div',
      { class: 'section-head' },
      h('h2', { class: 'caps' }, 'Stages'),
      h('span', { class: 'soft small' }, result(run)),
    ),
    runs.length > 1 &&
      h('p', { class: 'of-run small' }, runSample(runs.indexOf(run)), h('bdi', {}, nameLine(run.name))),
    foundStages(run, state, controller),
    h(
      'details',
      { class: 'fold small' },
      h('summary', {}, 'How this was computed'),
      h('p', { class: 'soft' }, sentence(run.stages.method, 2000)),
    ),
    runs.length > 1 && boundaryTable(runs, state),
  ];
}
