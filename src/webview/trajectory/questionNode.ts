import type { Size } from '../../common/boundingBox';
import type { ImageView, TrajectoryView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode, rail } from './treeNode';
import { countWords, sizeWords } from './words';

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function originalLine(image: ImageView): HTMLElement {
  const facts = [
    // A size that says nothing new is left out.
    image.size &&
      !(image.resizedSize && sameSize(image.size, image.resizedSize)) &&
      `${sizeWords(image.size)} px`,
    image.resizedSize && `seen as ${sizeWords(image.resizedSize)}`,
    image.visualTokens !== undefined && countWords(image.visualTokens, 'visual token'),
    image.state === 'missing' && 'not found',
    image.state === 'denied' && 'not allowed',
  ].filter((fact) => typeof fact === 'string');
  return h(
    'span',
    { class: 'original-line' },
    textLine(image.label, '', 120),
    facts.length > 0 && ` · ${facts.join(' · ')}`,
  );
}

function systemPrompt(system: string): { readonly toggle: HTMLElement; readonly body: HTMLElement } {
  const body = textBlock(system, 'system-prompt');
  body.id = 'system-prompt';
  body.hidden = true;
  const arrow = icon('chevron-right');
  const toggle = h(
    'button',
    {
      class: 'quiet-button small',
      type: 'button',
      'aria-expanded': 'false',
      'aria-controls': 'system-prompt',
    },
    'system prompt',
    arrow,
  );
  toggle.addEventListener('click', (event) => {
    event.stopPropagation();
    body.hidden = !body.hidden;
    toggle.setAttribute('aria-expanded', String(!body.hidden));
    arrow.className = `codicon codicon-chevron-${body.hidden ? 'right' : 'down'}`;
  });
  return { toggle, body };
}

/** The first node: what the policy was asked, about which images, under which system prompt. */
export function questionNode(trajectory: TrajectoryView, context: NodeContext): HTMLElement {
  const system = trajectory.system === undefined ? undefined : systemPrompt(trajectory.system);
  const text = trajectory.user.trim() ? trajectory.user : trajectory.question;
  const body = textBlock(text.trim(), 'node-body');
  const node = partNode(
    { part: 0, level: 1, kind: 'question' },
    context,
    rail('comment'),
    h(
      'div',
      { class: 'node-head', 'data-scroll': true },
      h('span', { class: 'node-title' }, 'Question'),
      h('span', { class: 'node-meta small' }, ...trajectory.originals.map(originalLine)),
      system?.toggle,
    ),
    system?.body,
  );
  // The heading of the page already says a short question: repeat only what it leaves out.
  if (text.trim() !== trajectory.question.trim() || text.length > 140) {
    node.append(body);
    if (isLong(text)) node.append(makeFoldable(node, body, 0, context));
  }
  return node;
}
