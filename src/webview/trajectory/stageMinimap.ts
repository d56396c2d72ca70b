import type { Size } from '../../common/boundingBox';
import { h } from '../shared/dom';
import type { View } from './viewport';

/** Longer side, in CSS pixels. */
const SIDE = 118;

/** The whole image in a corner while the stage shows a part of it, with that part framed. */
export class StageMinimap {
  readonly element: HTMLElement;
  private readonly image = h('img', { alt: '', draggable: 'false' });
  private readonly frame = h('div', { class: 'minimap-frame' });
  private ready = false;

  constructor() {
    this.element = h('div', { class: 'minimap', 'aria-hidden': 'true' }, this.image, this.frame);
    this.element.hidden = true;
  }

  /** The picture, as a Blob URL that is alive. */
  set(url: string | undefined): void {
    this.ready = url !== undefined;
    if (url !== undefined) this.image.src = url;
    else this.image.removeAttribute('src');
  }

  /** Draws the frame; hidden without a size, that is while all of the image is in view. */
  draw(image: Size | undefined, view: View, window: Size): void {
    this.element.hidden = image === undefined || !this.ready;
    if (!image) return;
    const scale = SIDE / Math.max(image.width, image.height);
    this.element.style.width = `${image.width * scale}px`;
    this.element.style.height = `${image.height * scale}px`;
    const left = Math.max(0, -view.x / view.scale);
    const top = Math.max(0, -view.y / view.scale);
    const width = Math.min(image.width - left, window.width / view.scale);
    const height = Math.min(image.height - top, window.height / view.scale);
    this.frame.style.left = `${left * scale}px`;
    this.frame.style.top = `${top * scale}px`;
    this.frame.style.width = `${width * scale}px`;
    this.frame.style.height = `${height * scale}px`;
  }
}
