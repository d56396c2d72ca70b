import type { Cell, ComparedLogs, ComparisonSummary, SideSummary } from '../../analysis/compare/comparison';
import type { CompareView, Side } from '../../protocol/compareView';
import { iconButton } from '../shared/controls';
import { h, icon, replaceContent } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import { countWords, numberWords } from '../trajectory/words';
import type { Controller } from './controller';
import { sideBadge } from './verdict';
import { cellWords, meanWords, shareWords } from './words';

type Ready = Extract<CompareView, { status: 'ready' }>;

/** The names of both logs, with what can be done about them. */
export function headView(controller: Controller, help: () => void): HTMLElement {
  const names = h('div', { class: 'compared-names' });
  controller.store.watch(
    ({ view }) => view,
    (view) => {
      if (view) replaceContent(names, nameOf('a', view), nameOf('b', view));
    },
  );
  return h(
    'header',
    { class: 'compare-head' },
    h('h1', { class: 'visually-hidden' }, 'Two logs of the same questions'),
    names,
    h(
      'span',
      { class: 'head-buttons' },
      iconButton('refresh', 'Read both logs again', () => controller.again()),
      iconButton('question', 'Keys (?)', help),
    ),
  );
}

function nameOf(side: Side, view: CompareView): HTMLElement {
  const { name, folder } = view.names[side];
  const facts = view.status === 'ready' ? factsOf(side, view.compared) : [];
  return h(
    'div',
    { class: 'compared-name' },
    sideBadge(side),
    h(
      'div',
      { class: 'compared-words' },
      h(
        'div',
        { class: 'log-name', title: visibleLine(folder === '' ? name : `${folder}/${name}`, 400) },
        h('span', { class: 'visually-hidden' }, `${side.toUpperCase()}: `),
        folder !== '' && [textLine(folder, 'soft'), ' / '],
        textLine(name),
      ),
      h('div', { class: 'small soft' }, facts.join(' · ')),
    ),
  );
}

function factsOf(side: Side, { summary, formats }: ComparedLogs): string[] {
  const { records, badRecords, all, paired } = summary[side];
  const alone = summary.cells[side === 'a' ? 'aloneA' : 'aloneB'];
  return [
    formats[side],
    countWords(records, 'rollout'),
    ...(badRecords > 0 ? [`${countWords(badRecords, 'record')} can’t be read`] : []),
    ...(alone > 0 ? [`${numberWords(alone)} without a partner`] : []),
    ...(alone > 0 && all.judged > paired.judged ? [`${shareWords(all.accuracy)} right in all`] : []),
  ];
}

/** Figures of both logs, and the outcomes by which the list is narrowed. */
export function summaryView(controller: Controller): HTMLElement {
  const element = h('section', { class: 'compare-summary', 'aria-label': 'Both logs in numbers' });
  const draw = (): void => {
    const { view, cell } = controller.store.get();
    const focused =
      document.activeElement instanceof HTMLElement ? document.activeElement.dataset['cell'] : undefined;
    replaceContent(element, view?.status === 'ready' && contentOf(view, cell, controller));
    // The press that drew it anew keeps the keyboard.
    if (focused !== undefined) element.querySelector<HTMLElement>(`[data-cell="${focused}"]`)?.focus();
  };
  controller.store.watch(({ view }) => view, draw);
  controller.store.watch(({ cell }) => cell, draw);
  return element;
}

function contentOf({ compared }: Ready, cell: Cell | undefined, controller: Controller): Node[] {
  const { summary } = compared;
  return [
    ...noticesOf(compared).map((words) =>
      h('p', { class: 'notice small' }, icon('info'), h('span', {}, words)),
    ),
    h('p', { class: 'small soft' }, pairsWords(summary)),
    figuresTable(summary),
    outcomesTable(summary, cell, controller),
    chips(summary, cell, controller),
  ];
}

function noticesOf({ sameRollouts, summary }: ComparedLogs): string[] {
  if (summary.pairs === 0)
    return ['The two logs share no question: pictures are matched by name, questions by their words.'];
  if (!sameRollouts) return [];
  const { judgedA, judgedB } = sameRollouts;
  const who =
    judgedA === judgedB
      ? judgedA
        ? 'Both are judged.'
        : 'Neither is judged.'
      : `Only ${judgedA ? 'A' : 'B'} is judged.`;
  return [`Both logs hold the very same rollouts. ${who}`];
}

function pairsWords({ questions, pairs, mostPairs }: ComparisonSummary): string {
  const shared = `${countWords(questions, 'question')} in both`;
  if (mostPairs <= 1) return shared;
  return `${shared}, ${countWords(pairs, 'pair')}: up to ${numberWords(mostPairs)} rollouts of one, paired in file order`;
}

function figuresTable({ a, b }: ComparisonSummary): HTMLElement {
  const row = (name: string, title: string, of: (side: SideSummary) => string): HTMLElement =>
    h('tr', { title }, h('th', { scope: 'row' }, name), h('td', {}, of(a)), h('td', {}, of(b)));
  return h(
    'table',
    { class: 'figures number' },
    h('caption', { class: 'visually-hidden' }, 'Figures over the rollouts that have a partner'),
    h('thead', {}, h('tr', {}, h('td', {}), ...letterHeads())),
    h(
      'tbody',
      {},
      row('Accuracy', 'Right answers among the judged', ({ paired }) => shareWords(paired.accuracy)),
      row(
        'Right of judged',
        'Rollouts',
        ({ paired }) => `${numberWords(paired.right)} of ${numberWords(paired.judged)}`,
      ),
      row('Not judged', 'Rollouts without a verdict', ({ paired }) =>
        numberWords(paired.total - paired.judged),
      ),
      row('Zooms', 'Crops that came back, mean', ({ meanZooms }) => meanWords(meanZooms, 2)),
      row('Tokens', 'Tokens that the policy wrote, mean where the log tells', ({ meanTokens }) =>
        meanWords(meanTokens, 0),
      ),
    ),
  );
}

function letterHeads(): HTMLElement[] {
  return (['a', 'b'] as const).map((side) =>
    h('th', { scope: 'col' }, sideBadge(side), h('span', { class: 'visually-hidden' }, side.toUpperCase())),
  );
}

function outcomesTable(
  summary: ComparisonSummary,
  cell: Cell | undefined,
  controller: Controller,
): HTMLElement {
  const press = (of: Cell): HTMLElement => h('td', {}, cellButton(of, summary, cell, controller, 'outcome'));
  const head = (words: string, scope: 'row' | 'col'): HTMLElement => h('th', { scope }, words);
  return h(
    'table',
    { class: 'outcomes number' },
    h('caption', { class: 'visually-hidden' }, 'Outcomes of the pairs; a press narrows the list'),
    h('thead', {}, h('tr', {}, h('td', {}), head('B right', 'col'), head('B wrong', 'col'))),
    h(
      'tbody',
      {},
      h('tr', {}, head('A right', 'row'), press('bothRight'), press('onlyA')),
      h('tr', {}, head('A wrong', 'row'), press('onlyB'), press('bothWrong')),
    ),
  );
}

function chips(summary: ComparisonSummary, cell: Cell | undefined, controller: Controller): HTMLElement {
  const others = (['unjudged', 'aloneA', 'aloneB'] as const).filter(
    (of) => summary.cells[of] > 0 || of === cell,
  );
  const all = h(
    'button',
    { type: 'button', class: 'chip', 'aria-pressed': String(cell === undefined), 'data-cell': 'all' },
    'all',
  );
  all.addEventListener('click', () => controller.narrow(undefined));
  return h(
    'div',
    { class: 'chips', role: 'group', 'aria-label': 'Other rows' },
    all,
    ...others.map((of) => cellButton(of, summary, cell, controller, 'chip')),
  );
}

function cellButton(
  of: Cell,
  { cells, pairs }: ComparisonSummary,
  cell: Cell | undefined,
  controller: Controller,
  kind: 'outcome' | 'chip',
): HTMLElement {
  const count = numberWords(cells[of]);
  const share = shareWords(pairs === 0 ? null : cells[of] / pairs);
  const element = h(
    'button',
    {
      type: 'button',
      class: `${kind} cell-${of}`,
      'aria-pressed': String(cell === of),
      'data-cell': of,
      title: `${cellWords(of)}: narrow the list`,
    },
    h('span', kind === 'outcome' ? { class: 'visually-hidden' } : {}, `${cellWords(of)} `),
    kind === 'outcome' ? [h('b', {}, count), h('span', { class: 'small' }, share)] : count,
  );
  element.addEventListener('click', () => controller.narrow(of));
  return element;
}
