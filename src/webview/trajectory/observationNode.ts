import type { ImageView, PartView } from '../../protocol/trajectoryView';
import { h, icon, type Child } from '../shared/dom';
import { textBlock, textLine } from '../shared/fileText';
import { cropTools } from './cropActions';
import { cropImage } from './cropImage';
import type { Step } from './readingOrder';
import type { NodeContext } from './treeNode';
import { isLong, makeFoldable, partNode } from './treeNode';
import { countWords, numberWords, sizeWords } from './words';

function fact(name: string, ...value: Child[]): Child[] {
  return [h('dt', {}, name), h('dd', {}, ...value)];
}

function seenAs(image: ImageView): string | undefined {
  const tokens = image.visualTokens;
  const words = tokens === undefined ? '' : countWords(tokens, 'visual token');
  if (!image.resizedSize) return words === '' ? undefined : words;
  return `${sizeWords(image.resizedSize)}${words === '' ? '' : ` · ${words}`}`;
}

const SOURCES: Readonly<Record<ImageView['kind'], string>> = {
  original: 'original image',
  stored: 'stored in the file',
  rebuilt: 'cut anew for display',
};

function cropFacts(image: ImageView): HTMLElement {
  const seen = seenAs(image);
  return h(
    'dl',
    { class: 'facts' },
    image.size && fact('crop', `${sizeWords(image.cutSize ?? image.size)} px`),
    seen !== undefined && fact('seen as', seen),
    image.state === 'available' && fact('source', SOURCES[image.kind]),
    image.message !== undefined && fact('note', textLine(image.message)),
  );
}

function crop(image: ImageView, number: number | undefined, context: NodeContext): HTMLElement {
  const maker = image.call ?? number;
  const name = maker === undefined ? 'Image of the observation' : `Crop of tool call ${maker}`;
  const picture = h(
    'div',
    { class: 'crop-picture' },
    cropImage(image, name, context),
    image.state === 'available' && cropTools(image),
  );
  return h('div', { class: 'crop' }, picture, cropFacts(image));
}

/** What came back for a call: crops as the policy got them, words, or an error. */
export function observationNode(
  step: Step,
  view: Extract<PartView, { kind: 'observation' }>,
  context: NodeContext,
): HTMLElement {
  const { images, text, error, pending } = view;
  const node = partNode(
    {
      part: step.part,
      level: 2,
      kind: 'observation',
      label: step.call === undefined ? 'Observation' : `Observation of tool call ${numberWords(step.call)}`,
      call: step.call,
    },
    context,
    h(
      'div',
      { class: 'crops', 'data-scroll': images.length > 0 },
      ...images.map((image) => crop(image, step.call, context)),
    ),
  );
  if (view.tokens !== undefined) {
    const words = `${countWords(view.tokens, 'token')}, outside the loss`;
    node.append(h('div', { class: 'node-tokens small number' }, words));
  }
  if (error !== undefined) {
    node.append(
      h('div', { class: 'observation-error words tone-red' }, icon('error', 'error'), textBlock(error, '')),
    );
  }
  const words = text.trim();
  if (words !== '' && words !== error?.trim()) {
    const body = textBlock(words, 'node-body observation-text');
    node.append(body);
    if (isLong(words)) node.append(makeFoldable(node, body, step.part, context));
  } else if (pending) {
    node.append(h('div', { class: 'soft small' }, 'cut by the call; the model has not seen it yet'));
  } else if (images.length === 0 && error === undefined) {
    node.append(h('div', { class: 'soft' }, 'empty observation'));
  }
  return node;
}
