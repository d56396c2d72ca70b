import type { BoundingBox, Size } from '../../common/boundingBox';
import type { ImageView } from '../../protocol/trajectoryView';
import { h } from '../shared/dom';
import type { Picture } from './imageCache';
import type { View } from './viewport';
import { boxInWindow } from './viewport';

/** A view that has stood still for so long is worth a piece of its own, in milliseconds. */
const STILL = 120;
/** Longest side of a piece in pixels: larger than any window at two device pixels each. */
const LARGEST = 4096;
/** What is asked for around the window, as a share of it on each side: a little pan needs no new piece. */
const AROUND = 0.25;

/** A piece of an image, as it is to be asked for. */
export interface WantedPiece {
  /** Whole pixels inside the image. */
  readonly region: BoundingBox;
  readonly maxSide: number;
}

/**
 * The piece that a window shows, with something around it, on a grid, so that looks at nearly the same place ask for the
 * same piece; in as many pixels as the screen has for it, or as there are.
 * @param density device pixels per CSS pixel
 */
export function pieceInView(view: View, window: Size, image: Size, density: number): WantedPiece {
  const span = (offset: number, room: number, extent: number): [number, number] => {
    const seen = room / view.scale;
    const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, seen / 8))));
    const first = -offset / view.scale - seen * AROUND;
    const last = first + seen * (1 + 2 * AROUND);
    return [
      Math.min(extent - 1, Math.max(0, Math.floor(first / step) * step)),
      Math.min(extent, Math.max(1, Math.ceil(last / step) * step)),
    ];
  };
  const [x1, x2] = span(view.x, window.width, image.width);
  const [y1, y2] = span(view.y, window.height, image.height);
  const longest = Math.max(x2 - x1, y2 - y1);
  const maxSide = Math.min(LARGEST, Math.ceil(longest * Math.min(1, view.scale * density)));
  return { region: { x1, y1, x2, y2 }, maxSide: Math.max(16, maxSide) };
}

/** The part of a large image that is in view, at full detail, over the preview of the whole. */
export class StageDetail {
  readonly element = h('img', { class: 'stage-detail', alt: '', draggable: 'false' });
  private current: { readonly index: number; readonly image: ImageView } | undefined;
  private shown: BoundingBox | undefined;
  private wanted = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private view: View = { scale: 1, x: 0, y: 0 };

  /** @param ask asks for a piece of an image of a record */
  constructor(
    private readonly ask: (index: number, image: ImageView, piece: WantedPiece) => Promise<Picture>,
  ) {
    this.element.hidden = true;
  }

  /** Shows a piece of another image, or of none. */
  set(index: number, image: ImageView | undefined): void {
    this.current = image && { index, image };
    this.drop();
  }

  /**
   * Follows the view; asks for a piece once it stands still, where the preview has too few pixels for it.
   * @param previewSide longer side of the preview that is shown, 0 while there is none
   */
  look(view: View, window: Size, previewSide: number): void {
    this.view = view;
    this.draw();
    clearTimeout(this.timer);
    const size = this.current?.image.size;
    if (!size || previewSide === 0 || this.current?.image.state !== 'available') return;
    const longest = Math.max(size.width, size.height);
    const needed = longest * Math.min(1, view.scale * devicePixelRatio);
    // A tenth of softness is not worth a second picture.
    if (needed <= previewSide * 1.1) return this.drop();
    this.timer = setTimeout(() => void this.load(pieceInView(view, window, size, devicePixelRatio)), STILL);
  }

  private drop(): void {
    clearTimeout(this.timer);
    this.shown = undefined;
    this.wanted = '';
    this.element.hidden = true;
    this.element.removeAttribute('src');
  }

  private async load(piece: WantedPiece): Promise<void> {
    const { current } = this;
    const key = JSON.stringify(piece);
    if (!current || key === this.wanted) return;
    this.wanted = key;
    try {
      const picture = await this.ask(current.index, current.image, piece);
      const next = new Image();
      next.src = picture.url;
      await next.decode();
      if (this.wanted !== key || this.current !== current) return;
      this.element.src = picture.url;
      this.element.hidden = false;
      this.shown = piece.region;
      this.draw();
    } catch {
      // The preview stays; the next look asks again.
      if (this.wanted === key) this.wanted = '';
    }
  }

  private draw(): void {
    if (!this.shown) return;
    const place = boxInWindow(this.shown, this.view);
    this.element.style.width = `${place.x2 - place.x1}px`;
    this.element.style.height = `${place.y2 - place.y1}px`;
    this.element.style.transform = `translate(${place.x1}px, ${place.y1}px)`;
    this.element.classList.toggle('pixels', this.view.scale * devicePixelRatio >= 4);
  }
}
