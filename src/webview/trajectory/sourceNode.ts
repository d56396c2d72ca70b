import type { BoundingBox, Size } from '../../common/boundingBox';
import type { ImageView, ToolCallView, TrajectoryView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { cropImage } from './cropImage';
import { FIRST_ORIGINAL, imageById } from './drawnBoxes';
import type { Step } from './readingOrder';
import { turnTone } from './readingOrder';
import type { NodeContext } from './treeNode';
import { rail } from './treeNode';
import { sizeWords } from './words';

/** No rollout cuts deeper; a log that says so goes round in a circle. */
const DEEPEST = 12;

function callByNumber(trajectory: TrajectoryView, number: number): ToolCallView | undefined {
  for (const { parts } of trajectory.turns)
    for (const part of parts) if (part.kind === 'toolCall' && part.call.number === number) return part.call;
  return undefined;
}

/**
 * The pictures between the first image of the prompt and a call, outermost first: the crops that its picture was cut out
 * of, and that picture. Empty for a call on the first image itself.
 */
export function sourceChain(trajectory: TrajectoryView, call: ToolCallView): ImageView[] {
  const chain: ImageView[] = [];
  let at: ToolCallView | undefined = call;
  while (at?.source !== undefined && at.source !== FIRST_ORIGINAL && chain.length < DEEPEST) {
    const image = imageById(trajectory, at.source);
    if (!image) break;
    chain.unshift(image);
    at = image.call === undefined ? undefined : callByNumber(trajectory, image.call);
  }
  return chain;
}

function nameOf(image: ImageView): string {
  if (image.kind === 'original') return image.label;
  return image.call === undefined ? 'an earlier crop' : `the crop of tool call ${image.call}`;
}

/** A box over a picture, in parts of its size. */
function boxOver(box: BoundingBox, size: Size): HTMLElement {
  const mark = h('span', { class: 'source-box' });
  const percent = (value: number, whole: number): string =>
    `${Math.min(100, Math.max(0, (value / whole) * 100))}%`;
  mark.style.left = percent(Math.min(box.x1, box.x2), size.width);
  mark.style.top = percent(Math.min(box.y1, box.y2), size.height);
  mark.style.right = percent(size.width - Math.max(box.x1, box.x2), size.width);
  mark.style.bottom = percent(size.height - Math.max(box.y1, box.y2), size.height);
  return mark;
}

function pictureWithBox(image: ImageView, call: ToolCallView, context: NodeContext): HTMLElement {
  const report = call.report?.tool === 'zoom' ? call.report : undefined;
  const box = report?.cut ?? report?.placed;
  return h(
    'div',
    { class: 'source-picture' },
    cropImage(image, nameOf(image), context),
    box && image.size && image.size.width > 0 && image.size.height > 0 && boxOver(box, image.size),
  );
}

/**
 * A call on an earlier picture, hung under that one: a crop of a crop is one level deeper. The picture is named once
 * more where the call stands, since the tree is read in the order in which things happened; the last of the chain is
 * drawn, with the box on it.
 * @param node the call's own
 */
export function underSources(
  step: Step,
  call: ToolCallView,
  chain: readonly ImageView[],
  node: HTMLElement,
  context: NodeContext,
): HTMLElement {
  node.setAttribute('aria-level', String(2 + chain.length));
  let inner = node;
  for (const [depth, image] of [...chain.entries()].reverse()) {
    const isLast = depth === chain.length - 1;
    inner = h(
      'li',
      {
        class: `node source-image tone-${turnTone(step.turn)}`,
        role: 'treeitem',
        'data-part': step.part,
        'data-call': image.call,
        'aria-level': 2 + depth,
        'aria-expanded': 'true',
        'aria-selected': 'false',
      },
      rail('file-media'),
      h(
        'div',
        { class: 'node-head' },
        h('span', { class: 'node-meta small' }, 'in ', textLine(nameOf(image), '', 80)),
        image.size && h('span', { class: 'node-tokens small number' }, `${sizeWords(image.size)} px`),
      ),
      isLast && pictureWithBox(image, call, context),
      h('ul', { role: 'group' }, inner),
    );
  }
  return inner;
}
