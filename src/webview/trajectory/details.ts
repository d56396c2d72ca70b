import type { TrajectoryView } from '../../protocol/trajectoryView';
import type { RewardPart } from '../../trajectory/reward';
import { button } from '../shared/controls';
import { h, replaceContent, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import { verdictTone } from './answerNode';
import type { Controller } from './controller';
import { outcomeWords } from './outcomeNode';
import type { PageState } from './pageState';
import { contribution, rewardBar } from './rewardBar';
import { countWords, numberWords, rewardWords } from './words';

function fact(name: string, ...value: Child[]): HTMLElement {
  return h('div', { class: 'detail' }, h('dt', { class: 'soft' }, name), h('dd', {}, ...value));
}

/** A fact and, at the end of its line, where it comes from. */
function factFrom(name: string, from: string, ...value: Child[]): HTMLElement {
  return fact(name, h('span', { class: 'detail-value' }, ...value), h('span', { class: 'from' }, from));
}

function soft(words: string): HTMLElement {
  return h('span', { class: 'soft' }, words);
}

function partFact(part: RewardPart): HTMLElement {
  const product =
    part.weight === undefined ? '' : ` = ${rewardWords(part.value)} × ${numberWords(part.weight)}`;
  return factFrom(
    visibleLine(part.name, 40),
    part.provenance,
    h('span', { class: 'number amount' }, rewardWords(contribution(part))),
    h('span', { class: 'product number soft' }, product),
  );
}

function rewardFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { reward } = trajectory;
  if (!reward) return [];
  const total =
    reward.total === undefined
      ? fact('Total', soft('unknown'))
      : factFrom('Total', 'stored', h('b', { class: 'number' }, rewardWords(reward.total)));
  const candidates = reward.candidates ?? [];
  return [
    total,
    ...reward.parts.map(partFact),
    ...(candidates.length === 0
      ? []
      : [
          fact(
            'Parts',
            soft(
              `unknown: ${candidates.length} formulas explain the total (${visibleLine(candidates.join(', '), 160)})`,
            ),
          ),
        ]),
  ];
}

/** Problems of form that the parts show. */
function formatWords(trajectory: TrajectoryView): string {
  const parts = trajectory.turns.flatMap((turn) => turn.parts);
  const open = parts.filter((part) => part.kind !== 'observation' && !part.closed).length;
  const unparsable = parts.filter(
    (part) => part.kind === 'toolCall' && part.call.status === 'unparsable',
  ).length;
  const problems = [
    open > 0 ? countWords(open, 'tag') + ' never closed' : '',
    unparsable > 0 ? countWords(unparsable, 'call') + ' can’t be parsed' : '',
  ].filter((problem) => problem !== '');
  return problems.length === 0 ? 'every tag closed, every call parsed' : problems.join(', ');
}

function verdictFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { verdict, groundTruth, outcome } = trajectory;
  const judged = verdict
    ? factFrom(
        'Verdict',
        verdict.provenance,
        h('b', { class: `words ${verdictTone(trajectory)}` }, verdict.correct ? 'right' : 'wrong'),
      )
    : fact('Verdict', soft('not judged'));
  const ended = outcome.status === 'finished' ? [] : [fact('Ended', outcomeWords(outcome.status))];
  return [
    judged,
    ...(groundTruth === undefined ? [] : [fact('Ground truth', textLine(groundTruth, '', 400))]),
    ...ended,
  ];
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

function content(trajectory: TrajectoryView, controller: Controller): Child[] {
  const { reward, bytes, id, group } = trajectory;
  const formula = reward?.formula === undefined ? '' : visibleLine(reward.formula, 80);
  return [
    h(
      'div',
      { class: 'details-head' },
      h('h2', { class: 'caps small' }, reward ? 'Reward' : 'Verdict'),
      h('span', { class: 'small soft ellipsis', title: formula }, formula),
    ),
    reward && rewardBar(reward),
    h(
      'dl',
      { class: 'details-list' },
      ...rewardFacts(trajectory),
      ...verdictFacts(trajectory),
      ...lengthFacts(trajectory),
      group &&
        factFrom('Group', group.provenance === 'uid' ? 'stored' : 'derived', textLine(group.key, '', 60)),
      id !== undefined && fact('Id', textLine(id, '', 80)),
      fact(
        'Record',
        h('span', { class: 'number' }, `${numberWords(bytes.start)}–${numberWords(bytes.end)}`),
        soft(' bytes'),
      ),
    ),
    extras(trajectory),
    h(
      'div',
      { class: 'details-foot' },
      button('Reveal in File', () => controller.reveal(trajectory.index)),
    ),
  ];
}

/** Under the stage: verdict, reward by its parts and where each comes from, lengths, and whatever else was recorded. */
export function detailsView(store: Store<PageState>, controller: Controller): HTMLElement {
  const element = h('section', { class: 'details-region', 'aria-label': 'Verdict and reward', tabindex: 0 });
  store.watch(
    (state) => state.shown,
    (shown) => replaceContent(element, shown.status === 'ready' ? content(shown.trajectory, controller) : []),
  );
  return element;
}
