import type { TrajectoryView } from '../../protocol/trajectoryView';
import type { RewardPart, UnknownPart } from '../../trajectory/reward';
import { button } from '../shared/controls';
import { h, icon, replaceContent, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import { verdictTone } from './answerNode';
import type { Controller } from './controller';
import { partBeingWritten } from './liveRollout';
import type { PageState } from './pageState';
import { contribution, rewardBar } from './rewardBar';
import { settingsFold } from './settingsFold';
import { countWords, numberWords, outcomeWords, rewardWords } from './words';

/** Replies of a judge that are drawn. */
const REPLIES = 8;

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

/** Why a part has its value, and what a judge said, folded. */
function grounds(reason: string | undefined, replies: readonly string[] | undefined): HTMLElement[] {
  return [
    ...(reason === undefined ? [] : [h('dd', { class: 'ground small soft' }, textLine(reason, '', 400))]),
    ...(replies === undefined || replies.length === 0
      ? []
      : [h('dd', { class: 'ground' }, repliesFold(replies))]),
  ];
}

function repliesFold(replies: readonly string[]): HTMLElement {
  const title = replies.length === 1 ? 'What the judge said' : `What the judge said, ${replies.length} times`;
  return h(
    'details',
    { class: 'replies small' },
    h('summary', {}, title),
    ...replies.slice(0, REPLIES).map((reply) => textBlock(reply.trim() || '(nothing)', 'reply', 2000)),
    replies.length > REPLIES && h('div', { class: 'soft' }, `and ${replies.length - REPLIES} more`),
  );
}

/** A fact, and why it is so on lines of their own under it. */
function withGrounds(row: HTMLElement, reason?: string, replies?: readonly string[]): HTMLElement {
  row.append(...grounds(reason, replies));
  return row;
}

function unknownFact({ name, reason, replies }: UnknownPart): HTMLElement {
  const row = fact(visibleLine(name, 40), h('span', { class: 'unknown' }, 'unknown'));
  return withGrounds(row, reason, replies);
}

function partFact(part: RewardPart): HTMLElement {
  const product =
    part.weight === undefined ? '' : ` = ${rewardWords(part.value)} × ${numberWords(part.weight)}`;
  const row = factFrom(
    visibleLine(part.name, 40),
    part.provenance,
    h('span', { class: 'number amount' }, rewardWords(contribution(part))),
    h('span', { class: 'product number soft' }, product),
  );
  return withGrounds(row, part.reason, part.replies);
}

const ORDER = ['accuracy', 'format', 'tool'];

/** The parts of DeepEyes' formula as it has them, whether they are known or not; any others behind them. */
function inOrder<P extends { readonly name: string }>(parts: readonly P[]): P[] {
  const place = ({ name }: P): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return [...parts].sort((a, b) => place(a) - place(b));
}

function rewardFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { reward } = trajectory;
  if (!reward) return [];
  const total =
    reward.total === undefined
      ? fact('Total', h('span', { class: 'unknown' }, 'unknown'))
      : factFrom('Total', 'stored', h('b', { class: 'number' }, rewardWords(reward.total)));
  const candidates = reward.candidates ?? [];
  return [
    total,
    ...inOrder([...reward.parts, ...(reward.unknown ?? [])]).map((part) =>
      'value' in part ? partFact(part) : unknownFact(part),
    ),
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

/** Who decided, for people: a rule by its name, a judge, the check of form. */
function judgeWords(by: string): string {
  const rule = /^rule: (.*)$/s.exec(by)?.[1];
  if (rule !== undefined) return `by rule: ${visibleLine(rule, 60)}`;
  if (by === 'judge') return 'by a judge';
  return by === 'format' ? 'by its form' : `by ${visibleLine(by, 60)}`;
}

/** Why nobody has judged, as far as the record tells. */
function notJudgedWords({ outcome, reward, groundTruth }: TrajectoryView): string {
  // The part of the reward says why.
  if (reward?.unknown?.some(({ name }) => name === 'accuracy')) return 'not judged';
  if (outcome.status === 'running') return 'not judged yet';
  if (outcome.status === 'cancelled' || outcome.status === 'error')
    return 'not judged: it has no end of its own';
  return groundTruth === undefined ? 'not judged: the right answer is not known' : 'not judged';
}

function verdictFacts(trajectory: TrajectoryView): HTMLElement[] {
  const { verdict, reward, groundTruth, outcome } = trajectory;
  // The reward tells the same of its accuracy: once is enough.
  const isTold = reward?.parts.some(({ name, reason }) => name === 'accuracy' && reason === verdict?.reason);
  const judged =
    verdict &&
    factFrom(
      'Verdict',
      verdict.provenance,
      h('b', { class: `words ${verdictTone(trajectory)}` }, verdict.correct ? 'right' : 'wrong'),
      verdict.by !== undefined && soft(` ${judgeWords(verdict.by)}`),
    );
  const { status, reason } = outcome;
  const hasEnd = status !== 'finished' && status !== 'running';
  return [
    judged
      ? withGrounds(judged, isTold ? undefined : verdict.reason)
      : fact('Verdict', soft(notJudgedWords(trajectory))),
    ...(groundTruth === undefined ? [] : [fact('Ground truth', textLine(groundTruth, '', 400))]),
    ...(hasEnd ? [withGrounds(fact('Ended', outcomeWords(status)), reason)] : []),
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

function heading({ reward }: TrajectoryView): HTMLElement {
  const formula = reward?.formula === undefined ? '' : visibleLine(reward.formula, 80);
  return h(
    'div',
    { class: 'details-head' },
    h('h2', { class: 'caps small' }, reward ? 'Reward' : 'Verdict'),
    h('span', { class: 'small soft ellipsis', title: formula }, formula),
  );
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
  trajectory: TrajectoryView,
  controller: Controller,
): readonly (readonly [key: unknown, draw: () => Child])[] {
  const { reward, verdict, outcome, groundTruth, settings, index } = trajectory;
  const { extras: others } = trajectory;
  const list = (...rows: Child[]): Child => h('dl', { class: 'details-list' }, ...rows);
  const judged = { reward, verdict, outcome, groundTruth };
  const lengths = lengthFacts(trajectory);
  return [
    [judged, () => [heading(trajectory), reward && rewardBar(reward)]],
    [judged, () => list(...rewardFacts(trajectory), ...verdictFacts(trajectory))],
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

/** Under the stage: verdict, reward by its parts and where each comes from, lengths, and whatever else was recorded. */
export function detailsView(
  store: Store<PageState>,
  controller: Controller,
  siblings: HTMLElement,
): HTMLElement {
  const element = h('section', { class: 'details-region', 'aria-label': 'Verdict and reward', tabindex: 0 });
  let drawn: { readonly key: string; readonly slot: HTMLElement }[] = [];
  let drawnIndex: number | undefined;
  store.watch(
    (state) => state.shown,
    (shown) => {
      const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
      if (trajectory?.index !== drawnIndex) {
        drawn = [];
        element.replaceChildren();
      }
      drawnIndex = trajectory?.index;
      if (!trajectory) return;
      pieces(trajectory, controller).forEach(([from, draw], place) => {
        const key = JSON.stringify(from) ?? '';
        const known = drawn[place];
        if (known?.key === key) return;
        const slot = known?.slot ?? h('div');
        if (!known) element.append(slot);
        // After what the rollout's own reward says.
        if (place === 1) slot.after(siblings);
        replaceContent(slot, draw());
        drawn[place] = { key, slot };
      });
    },
  );
  return element;
}
