import type { TrajectoryView, TurnView } from '../../protocol/trajectoryView';
import { h, replaceContent, type Child } from '../shared/dom';
import { answerNode } from './answerNode';
import { callNode } from './callNode';
import { markdownBlock } from './markdownBlock';
import { observationNode } from './observationNode';
import type { Step, WordsPart } from './readingOrder';
import { turnTone } from './readingOrder';
import { sourceChain, underSources } from './sourceNode';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode, rail } from './treeNode';
import { heatOf } from './tokenHeat';
import { contradictionMarks } from './treeMarks';
import { countWords, kindWords } from './words';
import { WritingNode } from './writingNode';

function head(title: string, kind: string, tokens: number | undefined, note?: Child): HTMLElement {
  return h(
    'div',
    { class: 'node-head', 'data-scroll': true },
    title !== '' && h('span', { class: 'node-title' }, title),
    h('span', { class: 'node-meta small' }, kind, note),
    tokens !== undefined && h('span', { class: 'node-tokens small number' }, countWords(tokens, 'token')),
  );
}

/** How much of a text is drawn at first: all of one that was read while it was written. */
function firstOf(step: Step, context: NodeContext): number | undefined {
  return context.wasWritten(step.part) ? step.view.text.length : undefined;
}

function wordsNode(step: Step, view: WordsPart, title: string, context: NodeContext): HTMLElement {
  const kind = kindWords(view.kind);
  const body = heatOf(view, context) ?? markdownBlock(view.text.trim(), 'node-body', firstOf(step, context));
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

function stepNode(step: Step, title: string, trajectory: TrajectoryView, context: NodeContext): DrawnStep {
  if (step.writing) {
    const writing = new WritingNode(step, title, context);
    return { element: writing.element, update: (next) => writing.update(next) };
  }
  const element = partElement(step, title, trajectory, context);
  element.append(...contradictionMarks(step.view));
  return { element };
}

function partElement(
  step: Step,
  title: string,
  trajectory: TrajectoryView,
  context: NodeContext,
): HTMLElement {
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

/** The node of a part, and how its text grows in place while it is written. */
interface DrawnStep {
  readonly element: HTMLElement;
  update?(step: Step): void;
}

/** What a step is drawn from. */
function keyOf(step: Step, title: string, trajectory: TrajectoryView): string {
  const { verdict, groundTruth } = trajectory;
  const judged = step.view.kind === 'answer' ? { verdict, groundTruth } : {};
  return JSON.stringify([title, step, judged]);
}

/** Observations hang under their call, and calls under the earlier picture that they worked on. */
function hang(
  steps: readonly Step[],
  drawn: readonly DrawnStep[],
  trajectory: TrajectoryView,
  context: NodeContext,
): HTMLElement[] {
  const nodes: HTMLElement[] = [];
  const calls = new Map<number, HTMLElement>();
  steps.forEach((step, index) => {
    const node = drawn[index]?.element;
    if (!node) return;
    if (step.view.kind === 'toolCall' && !step.writing) {
      // A node that stood before may have its observation still.
      node.querySelector(':scope > [role=group]')?.remove();
      node.removeAttribute('aria-expanded');
      const chain = sourceChain(trajectory, step.view.call);
      calls.set(step.view.call.number, node);
      nodes.push(underSources(step, step.view.call, chain, node, context));
      return;
    }
    const parent =
      step.view.kind === 'observation' && step.call !== undefined ? calls.get(step.call) : undefined;
    if (!parent) nodes.push(node);
    else hangUnder(parent, node);
  });
  return nodes;
}

function hangUnder(parent: HTMLElement, node: HTMLElement): void {
  node.setAttribute('aria-level', String(Number(parent.getAttribute('aria-level')) + 1));
  let group = parent.querySelector(':scope > [role=group]');
  if (!group) {
    group = h('ul', { role: 'group' });
    parent.append(group);
    parent.setAttribute('aria-expanded', 'true');
  }
  group.append(node);
}

/** One turn: what the policy wrote in one generation, and what came back. */
export class TurnNode {
  readonly element: HTMLElement;
  private readonly own = h('div', { class: 'node turn-head' });
  private readonly group = h('ul', { role: 'group' });
  private drawn = new Map<number, DrawnStep & { readonly key: string }>();
  private steps: readonly Step[] = [];

  constructor(
    private readonly index: number,
    private readonly context: NodeContext,
  ) {
    this.element = h(
      'li',
      { role: 'treeitem', 'aria-level': 1, 'aria-expanded': 'true', 'aria-selected': 'false' },
      this.group,
    );
  }

  /**
   * Draws the turn as it is now; what did not change since the last time is left alone.
   * @returns whether anything but the text of the part that is being written changed
   */
  draw(turn: TurnView, steps: readonly Step[], trajectory: TrajectoryView): boolean {
    if (this.grow(steps)) return false;
    this.steps = steps;
    const first = steps[0]?.view.kind;
    // A turn that opens with words shares its line with them, as a reader expects; any other has a line of its own.
    const shared = (first === 'thought' || first === 'text') && !turn.recovered;
    const drawn = new Map<number, DrawnStep & { readonly key: string }>();
    steps.forEach((step, place) => {
      const title = place === 0 && shared ? this.title() : '';
      const key = keyOf(step, title, trajectory);
      const known = this.drawn.get(step.part);
      const kept = known?.key === key ? known : undefined;
      drawn.set(step.part, kept ?? { ...stepNode(step, title, trajectory, this.context), key });
    });
    this.drawn = drawn;
    this.group.replaceChildren(...hang(steps, [...drawn.values()], trajectory, this.context));
    this.element.className = `turn tone-${turnTone(this.index)}${turn.recovered ? ' recovered' : ''}`;
    if (shared) this.own.remove();
    else this.drawHead(turn, steps, trajectory);
    return true;
  }

  /** Lets the text of the part that is being written grow, where that is all that happened. */
  private grow(steps: readonly Step[]): boolean {
    const [old, last] = [this.steps.at(-1), steps.at(-1)];
    if (!old?.writing || !last?.writing || old.view.kind !== last.view.kind) return false;
    if (steps.length !== this.steps.length) return false;
    this.drawn.get(last.part)?.update?.(last);
    this.steps = steps;
    return true;
  }

  private title(): string {
    return `Turn ${this.index + 1}`;
  }

  private drawHead(turn: TurnView, steps: readonly Step[], trajectory: TrajectoryView): void {
    const isLast = this.index === trajectory.turns.length - 1;
    const awaited = isLast && trajectory.outcome.status === 'running';
    const empty = steps.length === 0 && !awaited ? 'nothing but white space' : '';
    const note = turn.recovered ? 'found outside the messages, not counted' : empty;
    this.own.dataset['part'] = String(steps[0]?.part ?? 0);
    replaceContent(
      this.own,
      rail('comment-discussion'),
      h(
        'div',
        { class: 'node-head' },
        h('span', { class: 'node-title' }, this.title()),
        h('span', { class: 'node-meta small' }, note),
      ),
    );
    this.element.prepend(this.own);
  }
}
