import type { Size } from '../../common/boundingBox';
import type { ImageView, TrajectoryView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import { disclosure } from './treeDisclosure';
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

/** The first node: what the policy was asked, about which images, under which system prompt. */
export function questionNode(trajectory: TrajectoryView, context: NodeContext): HTMLElement {
  const system = trajectory.system === undefined ? undefined : textBlock(trajectory.system, 'system-prompt');
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
      system && disclosure('system prompt', system, 'system-prompt').button,
    ),
    system,
  );
  // The heading of the page already says a short question: repeat only what it leaves out.
  if (text.trim() !== trajectory.question.trim() || text.length > 140) {
    node.append(body);
    if (isLong(text)) node.append(makeFoldable(node, body, 0, context));
  }
  return node;
}
