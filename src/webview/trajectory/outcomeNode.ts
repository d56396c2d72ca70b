import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import { verdictTone } from './answerNode';
import type { Step } from './readingOrder';
import { rail } from './treeNode';
import { outcomeWords } from './words';

type Status = TrajectoryView['outcome']['status'];

const ICONS: Readonly<Record<Status, string>> = {
  finished: 'comment-unresolved',
  error: 'error',
  cancelled: 'debug-stop',
  length: 'warning',
  turnLimit: 'warning',
  running: 'sync',
};
const TONES: Readonly<Record<Status, string>> = {
  finished: '',
  error: ' words tone-red',
  cancelled: ' words tone-yellow',
  length: ' words tone-yellow',
  turnLimit: ' words tone-yellow',
  running: '',
};

function item(status: Status, lastPart: number, ...children: (Node | undefined)[]): HTMLElement {
  return h(
    'li',
    {
      class: `node ending ended-${status}`,
      role: 'treeitem',
      'data-part': lastPart,
      'aria-level': 1,
      'aria-selected': 'false',
    },
    rail(ICONS[status]),
    children.filter((child) => child !== undefined),
  );
}

/**
 * A last node where the parts do not show the end themselves: no answer among them, or another end than an answer.
 * Undefined as well for a rollout that goes on: its end is a `LiveNode`.
 */
export function outcomeNode(trajectory: TrajectoryView, steps: readonly Step[]): HTMLElement | undefined {
  const answered = steps.some((step) => step.view.kind === 'answer');
  const { status, reason } = trajectory.outcome;
  const finished = status === 'finished';
  if (status === 'running' || (answered && finished)) return undefined;
  const title = finished ? 'no answer part' : outcomeWords(status);
  const words = h(
    'div',
    { class: 'node-head' },
    h('span', { class: finished ? 'node-meta' : `node-title${TONES[status]}` }, title),
  );
  const why = reason === undefined ? undefined : textBlock(reason, 'node-body outcome-reason');
  if (answered) return item(status, steps.length, words, why);
  const { prediction, groundTruth } = trajectory;
  // Whoever stopped a rollout, or whatever broke it, knows that there is no answer.
  const hasAnswer = prediction !== undefined && prediction.trim() !== '';
  if (!hasAnswer && (status === 'cancelled' || status === 'error'))
    return item(status, steps.length, words, why);
  const box = h(
    'div',
    { class: `answer-box ${verdictTone(trajectory)}` },
    hasAnswer
      ? textBlock(prediction.trim(), 'answer-text')
      : h('div', { class: 'soft' }, icon('circle-slash'), ' no answer'),
    groundTruth !== undefined &&
      h('div', { class: 'ground-truth' }, 'ground truth: ', textLine(groundTruth, '', 600)),
  );
  return item(status, steps.length, words, why, box);
}
