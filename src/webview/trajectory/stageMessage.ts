import type { Size } from '../../common/boundingBox';
import type { ImageView } from '../../protocol/trajectoryView';
import { button } from '../shared/controls';
import { h, icon } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import { sizeWords } from './words';

/** Paths that are listed; more of them say nothing new. */
const LISTED = 8;

function title(image: ImageView | undefined): string {
  if (!image) return 'No image recorded';
  if (image.state === 'denied') return 'The image may not be read';
  return image.state === 'missing' ? 'Image not found' : 'No image to show';
}

/**
 * What the stage says in place of the original.
 * @param sentence why, when the host gave the image up while it was asked for
 */
export function missingImage(
  image: ImageView | undefined,
  size: Size | undefined,
  sentence: string | undefined,
  choose: () => void,
): HTMLElement {
  const why = sentence ?? image?.message;
  const tried = image?.tried ?? [];
  // Where the log named no image there is nothing to look for in a folder.
  const canHelp = image?.state === 'missing' || image?.state === 'denied';
  return h(
    'div',
    { class: 'missing-image' },
    h('p', { class: 'message-title' }, icon('file-media'), ` ${title(image)}`),
    why !== undefined && h('p', { class: 'small soft' }, textLine(why, '', 400)),
    size && h('p', { class: 'small soft' }, `The canvas has the image’s size, ${sizeWords(size)} px.`),
    tried.length > 0 &&
      h(
        'ul',
        { class: 'tried small', 'aria-label': 'Paths that were tried' },
        ...tried
          .slice(0, LISTED)
          .map((path) => h('li', { title: visibleLine(path, 600) }, textLine(path, 'mono', 400))),
        tried.length > LISTED && h('li', { class: 'soft' }, `and ${tried.length - LISTED} more`),
      ),
    canHelp && button('Choose Image Folder...', choose, 'primary'),
  );
}
