import type { PartView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { StreamedText } from '../shared/streamedText';
import type { Step } from './readingOrder';
import { turnTone } from './readingOrder';
import type { NodeContext } from './treeNode';
import { partNode, rail } from './treeNode';
import { countWords, kindWords } from './words';

const ICONS: Readonly<Record<PartView['kind'], string>> = {
  text: 'note',
  thought: 'lightbulb',
  toolCall: 'zoom-in',
  answer: 'comment-unresolved',
  observation: 'note',
};
const KIND_CLASSES: Readonly<Record<PartView['kind'], string>> = {
  text: 'text',
  thought: 'thought',
  toolCall: 'tool-call',
  answer: 'answer',
  observation: 'observation',
};

/** The node of the part that is being written: its text grows in place, whatever kind it is going to be. */
export class WritingNode {
  readonly element: HTMLElement;
  private readonly text: StreamedText;
  private readonly tokens = h('span', { class: 'node-tokens small number' });

  constructor(step: Step, title: string, context: NodeContext) {
    const { view } = step;
    this.text = new StreamedText(view.kind === 'toolCall' ? 'node-body mono' : 'node-body');
    const isCall = view.kind === 'toolCall';
    this.element = partNode(
      {
        part: step.part,
        level: 2,
        kind: `${KIND_CLASSES[view.kind]} writing`,
        ...(isCall && { tone: turnTone(step.turn) }),
      },
      context,
      rail(ICONS[view.kind]),
      h(
        'div',
        { class: 'node-head' },
        title !== '' && h('span', { class: 'node-title' }, title),
        h('span', { class: 'node-meta small' }, `${kindWords(view.kind)} · being written`),
        this.tokens,
      ),
      this.text.element,
    );
    this.update(step);
  }

  /** Shows what there is by now. */
  update({ view }: Step): void {
    this.text.show(view.text.trimStart());
    const words = view.tokens === undefined ? '' : countWords(view.tokens, 'token');
    if (this.tokens.textContent !== words) this.tokens.textContent = words;
  }
}
