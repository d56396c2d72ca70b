import type { TrajectoryView, TurnView } from '../../protocol/trajectoryView';
import { h, type Child } from '../shared/dom';
import { textBlock } from '../shared/fileText';
import { answerNode } from './answerNode';
import { callNode } from './callNode';
import { observationNode } from './observationNode';
import type { Step, WordsPart } from './readingOrder';
import { turnTone } from './readingOrder';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode, rail } from './treeNode';
import { countWords, kindWords } from './words';

function head(title: string, kind: string, tokens: number | undefined, note?: Child): HTMLElement {
  return h(
    'div',
    { class: 'node-head', 'data-scroll': true },
    title !== '' && h('span', { class: 'node-title' }, title),
    h('span', { class: 'node-meta small' }, kind, note),
    tokens !== undefined && h('span', { class: 'node-tokens small number' }, countWords(tokens, 'token')),
  );
}

function wordsNode(step: Step, view: WordsPart, title: string, context: NodeContext): HTMLElement {
  const kind = kindWords(view.kind);
  const body = textBlock(view.text.trim(), 'node-body');
  const open = !view.closed && h('span', { class: 'words tone-yellow' }, ' · never closed');
  const node = partNode(
    { part: step.part, level: 2, kind: view.kind },
    context,
    rail(view.kind === 'thought' ? 'lightbulb' : 'note'),
    head(title, kind, view.tokens, open),
    body,
  );
  if (isLong(view.text)) node.append(makeFoldable(node, body, step.part, context));
  return node;
}

function stepNode(step: Step, title: string, trajectory: TrajectoryView, context: NodeContext): HTMLElement {
  const { view } = step;
  switch (view.kind) {
    case 'toolCall':
      return callNode(step, view, context);
    case 'observation':
      return observationNode(step, view, context);
    case 'answer':
      return answerNode(step, view, trajectory, context);
    default:
      return wordsNode(step, view, title, context);
  }
}

/** Observations hang under their call; everything else stands in order. */
function partNodes(
  steps: readonly Step[],
  title: string,
  trajectory: TrajectoryView,
  context: NodeContext,
): HTMLElement[] {
  const nodes: HTMLElement[] = [];
  const calls = new Map<number, HTMLElement>();
  steps.forEach((step, index) => {
    const node = stepNode(step, index === 0 ? title : '', trajectory, context);
    const parent =
      step.view.kind === 'observation' && step.call !== undefined ? calls.get(step.call) : undefined;
    if (step.view.kind === 'toolCall') calls.set(step.view.call.number, node);
    if (!parent) {
      nodes.push(node);
      return;
    }
    node.setAttribute('aria-level', '3');
    let group = parent.querySelector(':scope > [role=group]');
    if (!group) {
      group = h('ul', { role: 'group' });
      parent.append(group);
      parent.setAttribute('aria-expanded', 'true');
    }
    group.append(node);
  });
  return nodes;
}

/** One turn: what the policy wrote in one generation, and what came back. */
export function turnNode(
  turn: TurnView,
  index: number,
  steps: readonly Step[],
  trajectory: TrajectoryView,
  context: NodeContext,
): HTMLElement {
  const title = `Turn ${index + 1}`;
  const first = steps[0]?.view.kind;
  // A turn that opens with words shares its line with them, as a reader expects; any other has a line of its own.
  const shared = first === 'thought' || first === 'text';
  const note = turn.recovered ? 'found outside the messages, not counted' : '';
  const own = h(
    'div',
    { class: 'node turn-head', 'data-part': steps[0]?.part ?? 0 },
    rail('comment-discussion'),
    h(
      'div',
      { class: 'node-head' },
      h('span', { class: 'node-title' }, title),
      h('span', { class: 'node-meta small' }, note || (steps.length === 0 ? 'nothing but white space' : '')),
    ),
  );
  return h(
    'li',
    {
      class: `turn tone-${turnTone(index)}${turn.recovered ? ' recovered' : ''}`,
      role: 'treeitem',
      'aria-level': 1,
      'aria-expanded': 'true',
      'aria-selected': 'false',
    },
    (!shared || turn.recovered) && own,
    h(
      'ul',
      { role: 'group' },
      ...partNodes(steps, shared && !turn.recovered ? title : '', trajectory, context),
    ),
  );
}
