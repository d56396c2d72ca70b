import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import { verdictTone } from './answerNode';
import type { Step } from './readingOrder';
import { rail } from './treeNode';

const ENDS: Readonly<Record<TrajectoryView['outcome']['status'], string>> = {
  finished: 'Finished',
  error: 'Ended by an error',
  cancelled: 'Cancelled',
  length: 'Ran out of tokens',
  turnLimit: 'Ran out of turns',
  running: 'Still running',
};

/** In words how a rollout ended. */
export function outcomeWords(status: TrajectoryView['outcome']['status']): string {
  return ENDS[status];
}

function item(name: string, lastPart: number, ...children: Node[]): HTMLElement {
  return h(
    'li',
    {
      class: 'node ending',
      role: 'treeitem',
      'data-part': lastPart,
      'aria-level': 1,
      'aria-selected': 'false',
    },
    rail(name),
    ...children,
  );
}

/** A last node where the parts do not show the end themselves: no answer among them, or another end than an answer. */
export function outcomeNode(trajectory: TrajectoryView, steps: readonly Step[]): HTMLElement | undefined {
  const answered = steps.some((step) => step.view.kind === 'answer');
  const { status, reason } = trajectory.outcome;
  const finished = status === 'finished';
  if (answered && finished) return undefined;
  const words = h(
    'div',
    { class: 'node-head' },
    h('span', { class: finished ? 'node-meta' : 'node-title' }, finished ? 'no answer part' : ENDS[status]),
    reason !== undefined && h('span', { class: 'node-meta small' }, textLine(reason)),
  );
  if (answered) return item('warning', steps.length, words);
  const { prediction, groundTruth } = trajectory;
  const box = h(
    'div',
    { class: `answer-box ${verdictTone(trajectory)}` },
    prediction === undefined
      ? h('div', { class: 'soft' }, icon('circle-slash'), ' no answer')
      : textBlock(prediction.trim(), 'answer-text'),
    groundTruth !== undefined &&
      h('div', { class: 'ground-truth' }, 'ground truth: ', textLine(groundTruth, '', 600)),
  );
  return item(finished ? 'comment-unresolved' : 'warning', steps.length, words, box);
}
