import { errorMessage } from '../../common/errors';
import type { ImageView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import type { ImageCache } from './imageCache';

/** Longer sides that are asked for, in pixels: what fits a stage, and a large stage. More comes piece by piece. */
const SIDES = [1600, 2400] as const;

/** The smallest of the sizes above that has a pixel for each of the screen's, or the largest. */
export function sideFor(needed: number): number {
  return SIDES.find((side) => side >= needed) ?? SIDES[SIDES.length - 1] ?? 1600;
}

/** The original on the stage, asked for at the size that the zoom needs. */
export class StageImage {
  readonly element = h('img', { class: 'stage-image', alt: '', draggable: 'false' });
  private shownSide = 0;
  private askedSide = 0;
  private current: { readonly index: number; readonly image: ImageView } | undefined;

  /**
   * @param loaded called when a picture is drawn
   * @param failed called with a sentence when there is none
   */
  constructor(
    private readonly images: ImageCache,
    private readonly loaded: () => void,
    private readonly failed: (sentence: string) => void,
  ) {}

  /** Shows another image, or none. */
  set(index: number, image: ImageView | undefined): void {
    this.current = image && { index, image };
    this.shownSide = 0;
    this.askedSide = 0;
    this.element.removeAttribute('src');
    this.element.hidden = true;
    if (image?.state === 'available') void this.ask(sideFor(0));
  }

  /** Longer side of the picture that is shown, as far as it is known; 0 while there is none. */
  get side(): number {
    return this.shownSide;
  }

  /** Asks for a sharper picture when the screen has more pixels for it than it has itself. */
  sharpen(scale: number): void {
    const size = this.current?.image.size;
    if (!size || this.shownSide === 0) return;
    const longest = Math.max(size.width, size.height);
    const needed = Math.min(longest, longest * scale * devicePixelRatio);
    // A tenth of softness is not worth a second picture.
    if (needed > this.askedSide * 1.1 && this.askedSide < SIDES[1] && this.askedSide < longest)
      void this.ask(sideFor(needed));
  }

  private async ask(maxSide: number): Promise<void> {
    const { current } = this;
    if (!current) return;
    this.askedSide = maxSide;
    try {
      const picture = await this.images.get(current.index, current.image, maxSide);
      if (this.current !== current || maxSide < this.shownSide) return;
      // Decoded aside, so that the stage never turns blank between two pictures.
      const next = new Image();
      next.src = picture.url;
      await next.decode();
      if (this.current !== current || maxSide < this.shownSide) return;
      this.shownSide = maxSide;
      this.element.src = picture.url;
      this.element.alt = current.image.kind === 'original' ? 'The original image' : 'A crop of the rollout';
      this.element.hidden = false;
      this.loaded();
    } catch (thrown) {
      if (this.current === current && this.shownSide === 0) this.failed(errorMessage(thrown));
    }
  }
}
