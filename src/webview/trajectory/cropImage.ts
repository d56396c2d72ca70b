import { errorMessage } from '../../common/errors';
import type { Size } from '../../common/boundingBox';
import type { ImageView } from '../../protocol/trajectoryView';
import { h, icon } from '../shared/dom';
import { visibleLine } from '../shared/visibleText';
import type { NodeContext } from './treeNode';

/** Room of a crop in the tree, in CSS pixels. */
const MAX_WIDTH = 240;
const MAX_HEIGHT = 150;
/** Longer side that is asked for: the room at three device pixels each. */
const MAX_SIDE = 720;
/** Tiny crops are drawn larger, up to this factor, so that one sees what the policy had to make do with. */
const MAX_ENLARGEMENT = 3;
/** Room for a picture whose size is not known before it comes. */
const UNKNOWN_ROOM: Size = { width: 120, height: 90 };

function roomFor(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(MAX_WIDTH / width, MAX_HEIGHT / height, MAX_ENLARGEMENT);
  return { width: Math.max(12, Math.round(width * scale)), height: Math.max(12, Math.round(height * scale)) };
}

function placeholder(image: ImageView, reason: string): HTMLElement {
  const words = visibleLine(image.message ?? reason, 200);
  const box = h(
    'div',
    { class: 'crop-missing small', title: words },
    icon('file-media'),
    h('span', {}, reason),
  );
  if (image.size && image.size.width > 0 && image.size.height > 0) {
    const room = roomFor(image.size.width, image.size.height);
    box.style.width = `${Math.max(110, room.width)}px`;
    box.style.minHeight = `${Math.max(56, room.height)}px`;
  }
  return box;
}

/** Takes the room of a picture before its bytes are there; a column narrower than that shrinks it in proportion. */
function reserve(frame: HTMLElement, size: Size | undefined): void {
  const room = size ? roomFor(Math.max(1, size.width), Math.max(1, size.height)) : UNKNOWN_ROOM;
  frame.style.width = `${room.width}px`;
  frame.style.aspectRatio = `${room.width} / ${room.height}`;
}

/** The picture of an observation, or a frame of its size that says why there is none. */
export function cropImage(
  image: ImageView,
  name: string,
  context: Pick<NodeContext, 'picture'>,
): HTMLElement {
  if (image.state !== 'available') {
    return placeholder(image, image.state === 'denied' ? 'not allowed' : 'no picture');
  }
  const frame = h('div', { class: 'crop-frame skeleton' });
  reserve(frame, image.size);
  const show = async (): Promise<void> => {
    try {
      const picture = await context.picture(image, MAX_SIDE);
      const element = h('img', { class: 'crop-image', alt: name, draggable: 'false' });
      element.src = picture.url;
      await element.decode();
      if (!image.size) reserve(frame, picture.size);
      frame.classList.remove('skeleton');
      frame.replaceChildren(element);
    } catch (thrown) {
      frame.replaceWith(placeholder(image, visibleLine(errorMessage(thrown), 120)));
    }
  };
  void show();
  return frame;
}
