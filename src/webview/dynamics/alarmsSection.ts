import type { AlarmKind } from '../../analysis/alarms';
import { ALARM_RULES } from '../../analysis/alarms';
import type { Concept } from '../../metrics/concepts';
import type { RunView } from '../../protocol/dynamicsView';
import { h, icon, type Child } from '../shared/dom';
import { visibleRuns } from './chartPlan';
import type { Controller } from './controller';
import type { PageState } from './pageState';
import { runSample } from './runSample';
import { runsOf } from './stackBuilder';
import { alarmWords, nameLine, sentence, stepWords } from './words';

const KINDS = Object.keys(ALARM_RULES) as readonly AlarmKind[];

/** Whether a run has the curves that a rule looks at. */
function canLook(run: RunView, kind: AlarmKind): boolean {
  const has = (concept: Concept): boolean => (run.concepts[concept]?.length ?? 0) > 0;
  if (kind === 'toolCollapse') return has('zoomCount') || has('toolCalls');
  if (kind === 'homogenisedUse') return run.rollouts?.hasZoomCounts === true;
  if (kind === 'rewardWithoutAccuracy') return has('score') && has('accuracy');
  return has('responseLength') || has('responseLengthWithObservations');
}

function listOf(kinds: readonly AlarmKind[]): string {
  return kinds.map(alarmWords).join(', ');
}

function quiet(runs: readonly RunView[]): Child[] {
  const looked = KINDS.filter((kind) => runs.some((run) => canLook(run, kind)));
  const blind = KINDS.filter((kind) => !looked.includes(kind));
  return [
    h(
      'div',
      { class: 'card' },
      looked.length > 0 && h('p', {}, `None of the rules fires: ${listOf(looked)}.`),
      blind.length > 0 &&
        h('p', { class: 'soft small' }, `Not looked at, since the curves are missing: ${listOf(blind)}.`),
    ),
  ];
}

function rules(): HTMLElement {
  const rows = KINDS.flatMap((kind) => [
    h('dt', {}, alarmWords(kind)),
    h('dd', { class: 'soft' }, sentence(ALARM_RULES[kind])),
  ]);
  return h(
    'details',
    { class: 'fold small' },
    h('summary', {}, 'The rules'),
    h('dl', { class: 'rules' }, ...rows),
  );
}

/** What went wrong with the runs, as far as numbers tell. */
export function alarmsSection(state: PageState, controller: Controller): Child[] {
  const all = runsOf(state);
  const runs = visibleRuns(all, state);
  const alarms = runs.flatMap((run) =>
    run.alarms.map((alarm) =>
      h(
        'li',
        { class: 'card alarm tone-red' },
        all.length > 1 &&
          h('p', { class: 'of-run small' }, runSample(all.indexOf(run)), h('bdi', {}, nameLine(run.name))),
        h('p', { class: 'alarm-message' }, icon('warning', 'Alarm'), h('span', {}, sentence(alarm.message))),
        h('p', { class: 'soft small' }, `Rule: ${sentence(alarm.threshold)}.`),
        h(
          'button',
          { class: 'link-button', type: 'button', onclick: () => controller.select(alarm.step, true) },
          `since step ${stepWords(alarm.step)}`,
        ),
      ),
    ),
  );
  return [
    h('div', { class: 'section-head' }, h('h2', { class: 'caps' }, 'Alarms')),
    alarms.length > 0 ? h('ul', { class: 'cards' }, ...alarms) : quiet(runs),
    rules(),
  ];
}

/** What must be known of how the runs were read. */
export function noticesSection(state: PageState): Child[] {
  const { view } = state;
  if (view.status !== 'ready') return [];
  const several = view.runs.length > 1;
  const own = visibleRuns(view.runs, state).flatMap((run) => {
    const steps = run.breaks.map(stepWords);
    const restarted =
      steps.length === 0
        ? []
        : [`A restart wrote anew from step ${steps.join(', ')}: the last written values count.`];
    const problem = run.rollouts?.problem === undefined ? [] : [run.rollouts.problem];
    const bad = run.rollouts?.badRecords ?? 0;
    const unread =
      bad === 0 ? [] : [`${bad} of the rollouts in ${run.rollouts?.name ?? ''} could not be read.`];
    return [...restarted, ...run.notices, ...problem, ...unread].map((words) =>
      several ? `${run.name}: ${words}` : words,
    );
  });
  const notices = [...view.notices, ...own];
  if (notices.length === 0) return [];
  return [
    h('div', { class: 'section-head' }, h('h2', { class: 'caps' }, 'Notices')),
    h(
      'ul',
      { class: 'notices' },
      notices.map((words) => h('li', { class: 'small' }, icon('info'), h('bdi', {}, sentence(words)))),
    ),
  ];
}
