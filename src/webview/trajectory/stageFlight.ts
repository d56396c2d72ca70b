import type { BoundingBox, Size } from '../../common/boundingBox';
import { h } from '../shared/dom';
import { reducesMotion } from '../shared/motion';
import type { View } from './viewport';
import { boxInWindow, fitView } from './viewport';

/** From the box to the middle, and how long it stays there, in milliseconds. */
const MOVE = 380;
const STAY = 320;
/** Share of the window that the crop fills in the end. */
const SHARE = 0.8;

/** The short movement from a box on the stage to the crop that was cut there. */
export class StageFlight {
  readonly element = h('div', { class: 'stage-flight', 'aria-hidden': 'true' });
  private readonly picture = h('img', { alt: '', draggable: 'false' });
  private running: Animation | undefined;

  constructor() {
    this.element.append(this.picture);
    this.element.hidden = true;
  }

  /** Ends it at once. */
  stop(): void {
    this.running?.cancel();
    this.running = undefined;
    this.element.hidden = true;
    this.picture.removeAttribute('src');
  }

  /**
   * Lets a piece of the shown picture grow out of its place; nothing moves for those who want less motion.
   * @param url of the whole picture, alive
   * @param image size of the picture in pixels
   * @param box the piece, in those pixels
   */
  fly(url: string, image: Size, box: BoundingBox, view: View, room: Size): void {
    this.stop();
    const size = { width: box.x2 - box.x1, height: box.y2 - box.y1 };
    if (reducesMotion() || size.width <= 0 || size.height <= 0 || room.width <= 0 || room.height <= 0) return;
    const from = boxInWindow(box, view);
    const target = { width: room.width * SHARE, height: room.height * SHARE };
    const { scale } = fitView(target, size);
    const [width, height] = [size.width * scale, size.height * scale];
    this.picture.src = url;
    this.picture.style.width = `${image.width * scale}px`;
    this.picture.style.height = `${image.height * scale}px`;
    this.picture.style.transform = `translate(${-box.x1 * scale}px, ${-box.y1 * scale}px)`;
    this.element.style.width = `${width}px`;
    this.element.style.height = `${height}px`;
    this.element.hidden = false;
    const start = `translate(${from.x1}px, ${from.y1}px) scale(${(from.x2 - from.x1) / width}, ${(from.y2 - from.y1) / height})`;
    const end = `translate(${(room.width - width) / 2}px, ${(room.height - height) / 2}px)`;
    const whole = MOVE + STAY;
    const frames = [
      { transform: start, opacity: 1, offset: 0, easing: 'ease-in-out' },
      { transform: end, opacity: 1, offset: MOVE / whole },
      { transform: end, opacity: 1, offset: 0.85, easing: 'ease-in' },
      { transform: end, opacity: 0, offset: 1 },
    ];
    const running = this.element.animate(frames, { duration: whole, fill: 'forwards' });
    this.running = running;
    running.onfinish = () => this.running === running && this.stop();
  }
}
