import type { TrajectoryView } from '../../protocol/trajectoryView';
import { button } from '../shared/controls';
import { h, icon, replaceContent, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import type { Store } from '../shared/store';
import type { Controller } from './controller';
import { fact, factFrom, soft } from './detailsRow';
import { partBeingWritten } from './liveRollout';
import type { PageState, Shown } from './pageState';
import { rewardBar } from './rewardBar';
import { rewardChoice } from './rewardChoice';
import { formFact, rewardFacts } from './rewardFacts';
import { formulaLabel } from './rewardFormulaWords';
import { settingsFold } from './settingsFold';
import { verdictFacts } from './verdictFacts';
import type { SignActions } from './verdictSigns';
import { signFacts } from './verdictSigns';
import { countWords, numberWords } from './words';

type ReadyShown = Extract<Shown, { status: 'ready' }>;

/** Problems of form that the parts show. */
function formatWords(trajectory: TrajectoryView): string {
  const parts = trajectory.turns.flatMap((turn) => turn.parts);
  // What is being written will be closed.
  const written = partBeingWritten(trajectory);
  const whole = parts.filter((part) => part !== written);
  const open = whole.filter((part) => part.kind !== 'observation' && !part.closed).length;
  const unparsable = whole.filter(
    (part) => part.kind === 'toolCall' && part.call.status === 'unparsable',
  ).length;
  const problems = [
    open > 0 ? countWords(open, 'tag') + ' never closed' : '',
    unparsable > 0 ? countWords(unparsable, 'call') + ' can’t be parsed' : '',
  ].filter((problem) => problem !== '');
  return problems.length === 0 ? 'every tag closed, every call parsed' : problems.join(', ');
}

function lengthFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { modelTokens, observationTokens, zoomCount, toolCalls } = trajectory;
  const visual =
    observationTokens === undefined ? '' : ` + ${numberWords(observationTokens)} observed, outside the loss`;
  const length =
    modelTokens === undefined
      ? soft('tokens not recorded')
      : h('span', { class: 'number' }, countWords(modelTokens, 'token'), soft(visual));
  return [
    fact('Length', length),
    fact('Zooms', numberWords(zoomCount), soft(` of ${countWords(toolCalls, 'tool call')}`)),
    fact('Syntax', formatWords(trajectory)),
  ];
}

function extras(trajectory: TrajectoryView): HTMLElement | undefined {
  if (trajectory.extras.length === 0) return undefined;
  return h(
    'details',
    { class: 'extras' },
    h('summary', {}, `${countWords(trajectory.extras.length, 'other field')} of the record`),
    h(
      'dl',
      { class: 'small' },
      ...trajectory.extras.map(([name, value]) =>
        h(
          'div',
          { class: 'extra' },
          h('dt', { class: 'soft' }, textLine(name, '', 80)),
          h('dd', {}, textBlock(value, 'mono', 600)),
        ),
      ),
    ),
  );
}

/** The formula that the parts shown belong to. */
function formulaLine({ reward }: TrajectoryView): HTMLElement | undefined {
  if (reward?.formula === undefined) return undefined;
  const label = formulaLabel(reward.formula);
  return h('p', { class: 'formula-line small soft ellipsis', title: label }, label);
}

/** Where the rollout stands in the training, and the way there. */
function stepFact(step: number, show: () => void): HTMLElement {
  const words = `Step ${numberWords(step)} in the curves`;
  return fact(
    'Training',
    h('button', { class: 'link-button', type: 'button', onclick: show }, icon('graph-line'), words),
  );
}

function placeFacts(
  { bytes, id, group, step, index }: TrajectoryView,
  controller: Controller,
): (HTMLElement | false | undefined)[] {
  return [
    step !== undefined && stepFact(step, () => controller.showInCurves(index)),
    group &&
      factFrom('Group', group.provenance === 'uid' ? 'stored' : 'derived', textLine(group.key, '', 60)),
    id !== undefined && fact('Id', textLine(id, '', 80)),
    fact(
      'Record',
      h('span', { class: 'number' }, `${numberWords(bytes.start)}–${numberWords(bytes.end)}`),
      soft(' bytes'),
    ),
  ];
}

/** The pieces of the region: what each is drawn from, and how. One that did not change is left alone. */
function pieces(
  { trajectory, steps }: ReadyShown,
  controller: Controller,
  goTo: SignActions['goTo'],
): readonly (readonly [key: unknown, draw: () => Child])[] {
  const { reward, recordedReward, form, verdict, outcome, groundTruth, settings, index } = trajectory;
  const { patterns, signals, extras: others } = trajectory;
  const list = (...rows: Child[]): Child => h('dl', { class: 'details-list' }, ...rows);
  const judged = { reward, recordedReward, form, verdict, outcome, groundTruth };
  const lengths = lengthFacts(trajectory);
  const actions: SignActions = { goTo, hover: (call) => controller.hover(call) };
  return [
    [judged, () => [formulaLine(trajectory), reward && rewardBar(reward)]],
    [judged, () => list(...rewardFacts(trajectory), ...formFact(trajectory), ...verdictFacts(trajectory))],
    // Parts are found by where they stand, so that steps count too.
    [[patterns, signals, steps.length], () => list(...signFacts(trajectory, steps, actions))],
    [lengths.map((row) => row.textContent), () => list(...lengths)],
    [[trajectory.bytes, trajectory.step, index], () => list(...placeFacts(trajectory, controller))],
    [settings, () => settingsFold(settings)],
    [others, () => extras(trajectory)],
    [
      index,
      () =>
        h(
          'div',
          { class: 'details-foot' },
          button('Reveal in File', () => controller.reveal(index)),
        ),
    ],
  ];
}

/**
 * Under the stage: verdict, reward by its parts and where each comes from, what deserves a look, lengths, and whatever
 * else was recorded.
 * @param goTo shows a part of the tree, with the cursor on it
 */
export function detailsView(
  store: Store<PageState>,
  controller: Controller,
  siblings: HTMLElement,
  goTo: SignActions['goTo'],
): HTMLElement {
  const title = h('h2', { class: 'caps small' });
  // It stays while all else is drawn anew, and with it the focus of who goes through the formulas.
  const head = h('div', { class: 'details-head' }, title, rewardChoice(store, controller));
  const body = h('div');
  const element = h(
    'section',
    { class: 'details-region', 'aria-label': 'Verdict and reward', tabindex: 0 },
    head,
    body,
  );
  let drawn: { readonly key: string; readonly slot: HTMLElement }[] = [];
  let drawnIndex: number | undefined;
  store.watch(
    (state) => state.shown,
    (shown) => {
      const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
      if (trajectory?.index !== drawnIndex) {
        drawn = [];
        body.replaceChildren();
      }
      drawnIndex = trajectory?.index;
      head.hidden = shown.status !== 'ready';
      if (shown.status !== 'ready') return;
      title.textContent = shown.trajectory.reward ? 'Reward' : 'Verdict';
      pieces(shown, controller, goTo).forEach(([from, draw], place) => {
        const key = JSON.stringify(from) ?? '';
        const known = drawn[place];
        if (known?.key === key) return;
        const slot = known?.slot ?? h('div');
        if (!known) body.append(slot);
        // After what the rollout's own reward says.
        if (place === 1) slot.after(siblings);
        replaceContent(slot, draw());
        drawn[place] = { key, slot };
      });
    },
  );
  return element;
}
