import type { TrajectoryView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { markdownBlock } from './markdownBlock';
import type { Step, WordsPart } from './readingOrder';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode, rail } from './treeNode';
import { heatOf } from './tokenHeat';
import { countWords } from './words';

/** Tone of a verdict; none while nobody has judged. */
export function verdictTone(trajectory: TrajectoryView): string {
  if (!trajectory.verdict) return '';
  return trajectory.verdict.correct ? 'tone-green' : 'tone-red';
}

/** The answer beside the ground truth. */
export function answerNode(
  step: Step,
  view: WordsPart,
  trajectory: TrajectoryView,
  context: NodeContext,
): HTMLElement {
  const { verdict, groundTruth } = trajectory;
  const words = view.text.trim();
  const body = heatOf(view, context) ?? markdownBlock(words === '' ? '(empty)' : words, 'answer-text');
  const node = partNode(
    { part: step.part, level: 2, kind: 'answer', label: 'Answer' },
    context,
    rail(verdict ? (verdict.correct ? 'check' : 'close') : 'comment-unresolved'),
    h(
      'div',
      { class: `answer-box ${verdictTone(trajectory)}`, 'data-scroll': true },
      body,
      groundTruth !== undefined &&
        h('div', { class: 'ground-truth' }, 'ground truth: ', textLine(groundTruth, '', 600)),
      view.tokens !== undefined &&
        h('div', { class: 'node-tokens small number' }, countWords(view.tokens, 'token')),
      !view.closed && h('div', { class: 'small words tone-yellow' }, 'never closed'),
    ),
  );
  if (isLong(words)) node.append(makeFoldable(node, body, step.part, context));
  return node;
}
