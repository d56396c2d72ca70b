import type { ComparedRollout, ComparedRow, Side } from '../../protocol/compareView';
import type { ImageView, TrajectoryView } from '../../protocol/trajectoryView';
import { button } from '../shared/controls';
import { h, icon, replaceContent, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import { cropImage } from '../trajectory/cropImage';
import { readingOrder } from '../trajectory/readingOrder';
import { countWords, numberWords, outcomeWords, sizeWords } from '../trajectory/words';
import type { Controller } from './controller';
import type { Loaded, Shown } from './pageState';
import { sideBadge, verdictIcon } from './verdict';
import { verdictWords } from './words';

/** So much of an answer is drawn at first, in UTF-16 units. */
const ANSWER = 1200;

/** The question of the chosen row, with what is right. */
export function questionView(controller: Controller): HTMLElement {
  const element = h('div', { class: 'compare-question' });
  controller.store.watch(
    ({ shown }) => shown,
    (shown) => replaceContent(element, shown && questionOf(shown)),
  );
  return element;
}

function questionOf({ row, a, b }: Shown): Child {
  const views = [a, b].flatMap((loaded) => (loaded?.status === 'ready' ? [loaded.trajectory] : []));
  const question = views[0]?.question ?? row.question;
  const truth = views.find(({ groundTruth }) => groundTruth !== undefined)?.groundTruth;
  return [
    h(
      'h2',
      { class: 'question-text' },
      textBlock(question.trim() === '' ? '(no question)' : question, '', 600),
    ),
    truth !== undefined &&
      h('p', { class: 'small' }, h('span', { class: 'soft' }, 'ground truth: '), textLine(truth, '', 600)),
  ];
}

/** What one log has of the chosen row: answer, figures and crops. */
export function sideView(side: Side, controller: Controller): HTMLElement {
  const name = side.toUpperCase();
  const element = h('section', { class: `compare-side side-${side}`, 'aria-label': `Rollout of ${name}` });
  const { store } = controller;
  store.watch(
    ({ shown }) => shown,
    (shown) => replaceContent(element, shown && contentOf(side, shown, controller)),
  );
  store.watch(
    ({ hovered }) => hovered,
    (hovered) => {
      for (const crop of element.querySelectorAll<HTMLElement>('.compared-crop'))
        crop.classList.toggle(
          'hovered',
          hovered?.side === side && crop.dataset['call'] === String(hovered.call),
        );
    },
  );
  return element;
}

function contentOf(side: Side, { row, ...loads }: Shown, controller: Controller): Child {
  const rollout = row[side];
  const name = side.toUpperCase();
  if (!rollout)
    return [
      h(
        'div',
        { class: 'side-head' },
        sideBadge(side),
        h('span', { class: 'soft' }, `No rollout in ${name}`),
      ),
      h(
        'p',
        { class: 'small soft' },
        `${name} holds no${row.several ? ' further' : ''} rollout of this question.`,
      ),
    ];
  const loaded = loads[side] ?? { status: 'loading' };
  return [
    h(
      'div',
      { class: 'side-head' },
      sideBadge(side),
      verdictIcon(rollout.correct),
      h('b', {}, verdictWords(rollout.correct)),
      h(
        'span',
        { class: 'side-open' },
        button(`Open in ${name}`, () => controller.open(side)),
      ),
    ),
    h('p', { class: 'small soft number side-facts' }, factsOf(side, row, rollout).join(' · ')),
    loadedContent(side, loaded, controller),
  ];
}

function factsOf(side: Side, { several }: ComparedRow, rollout: ComparedRollout): string[] {
  const { index, zooms, tokens, step, outcome } = rollout;
  const judged = several && (side === 'a' ? several.tally.judgedA : several.tally.judgedB);
  const right = several && (side === 'a' ? several.tally.rightA : several.tally.rightB);
  return [
    `record ${numberWords(index)}`,
    ...(zooms === undefined ? [] : [countWords(zooms, 'zoom')]),
    ...(tokens === undefined ? [] : [countWords(tokens, 'token')]),
    ...(step === undefined ? [] : [`step ${numberWords(step)}`]),
    ...(outcome === undefined || outcome === 'finished' ? [] : [outcomeWords(outcome).toLowerCase()]),
    ...(several ? [`${right ?? 0} of ${judged ?? 0} judged are right`] : []),
  ];
}

function loadedContent(side: Side, loaded: Loaded, controller: Controller): Child {
  if (loaded.status === 'loading')
    return h(
      'div',
      { class: 'side-skeleton', role: 'status', 'aria-label': 'Loading' },
      h('div', { class: 'skeleton bar' }),
    );
  if (loaded.status === 'failed')
    return h('div', { class: 'side-problem' }, icon('warning'), textBlock(loaded.message, 'small', 600));
  const { trajectory } = loaded;
  return [
    h('div', { class: 'answer-box' }, textBlock(answerOf(trajectory), '', ANSWER)),
    cropsOf(side, trajectory, controller),
  ];
}

/** What was answered: the answer that was judged, else the last one. */
function answerOf({ prediction, turns }: TrajectoryView): string {
  const last = turns.flatMap(({ parts }) => parts).findLast((part) => part.kind === 'answer');
  const words = (prediction ?? (last?.kind === 'answer' ? last.text : '')).trim();
  return words === '' ? '(no answer)' : words;
}

function cropsOf(side: Side, trajectory: TrajectoryView, controller: Controller): Child {
  const crops = readingOrder(trajectory).flatMap(({ view, call }) =>
    view.kind === 'observation' ? view.images.map((image) => ({ image, call: image.call ?? call })) : [],
  );
  if (crops.length === 0) return h('p', { class: 'small soft' }, 'It looked at no crop.');
  const name = side.toUpperCase();
  return h(
    'ul',
    { class: 'compared-crops', 'aria-label': `Crops of ${name}` },
    ...crops.map(({ image, call }) => cropOf(side, image, call, trajectory, controller)),
  );
}

function cropOf(
  side: Side,
  image: ImageView,
  call: number | undefined,
  { index }: TrajectoryView,
  controller: Controller,
): HTMLElement {
  const name = `${side.toUpperCase()}${call ?? ''}`;
  const picture = cropImage(image, `Crop ${name}`, {
    picture: (of, maxSide) => controller.images[side].get(index, of, maxSide),
  });
  const hover = (hovered: boolean) => (): void =>
    controller.store.update({ hovered: hovered && call !== undefined ? { side, call } : undefined });
  return h(
    'li',
    {
      class: `compared-crop side-${side}`,
      'data-call': call,
      onmouseenter: hover(true),
      onmouseleave: hover(false),
    },
    picture,
    h('div', { class: 'small soft number' }, h('b', {}, name), image.size && ` ${sizeWords(image.size)}`),
  );
}
