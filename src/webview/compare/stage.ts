import type { Size } from '../../common/boundingBox';
import type { Side } from '../../protocol/compareView';
import { iconButton } from '../shared/controls';
import { h, replaceContent } from '../shared/dom';
import type { Canvas } from '../trajectory/drawnBoxes';
import { canvasOf } from '../trajectory/drawnBoxes';
import { StageDetail } from '../trajectory/stageDetail';
import { StageImage } from '../trajectory/stageImage';
import { missingImage } from '../trajectory/stageMessage';
import { followPointer } from '../trajectory/stagePointer';
import type { View } from '../trajectory/viewport';
import { boxInWindow, fitView, keepInWindow, viewOfBox, zoomAt } from '../trajectory/viewport';
import { countWords, sizeWords } from '../trajectory/words';
import type { Controller } from './controller';
import type { Ground } from './ground';
import { groundOf } from './ground';
import { legendView } from './legend';
import { CompareOverlay } from './overlay';

/** One press of plus or minus. */
const ZOOM_STEP = 1.4;

/** The picture of the chosen question, with the boxes of both rollouts and the ground truth. */
export class CompareStage {
  readonly element: HTMLElement;
  private readonly window: HTMLElement;
  private readonly note = h('div', { class: 'stage-note' });
  private readonly paper = h('div', { class: 'stage-paper' });
  private readonly images: Readonly<Record<Side, StageImage>>;
  private readonly details: Readonly<Record<Side, StageDetail>>;
  private readonly overlay: CompareOverlay;
  private ground: Ground | undefined;
  private groundKey = '';
  private canvas: Canvas | undefined;
  private view: View = { scale: 1, x: 0, y: 0 };
  /** Whether the view follows the window, as it does until a person zooms. */
  private fitted = true;

  constructor(private readonly controller: Controller) {
    const { store } = controller;
    const image = (side: Side): StageImage =>
      new StageImage(
        controller.images[side],
        () => this.pictureCame(),
        (sentence) => this.tell(sentence),
      );
    const detail = (side: Side): StageDetail =>
      new StageDetail((index, of, { region, maxSide }) =>
        controller.images[side].piece(index, of, region, maxSide),
      );
    this.images = { a: image('a'), b: image('b') };
    this.details = { a: detail('a'), b: detail('b') };
    this.overlay = new CompareOverlay((side, call) =>
      store.update({ hovered: call === undefined ? undefined : { side, call } }),
    );
    this.window = h(
      'div',
      { class: 'stage-window', tabindex: 0, role: 'group', 'aria-roledescription': 'image stage' },
      this.paper,
      this.images.a.element,
      this.images.b.element,
      this.details.a.element,
      this.details.b.element,
      this.overlay.lines,
      this.overlay.labels,
    );
    const tools = h(
      'span',
      { class: 'stage-tools' },
      iconButton('target', 'Zoom to the boxes (Z)', () => this.zoomToBoxes()),
      iconButton('screen-full', 'Fit the image (0)', () => this.fit()),
    );
    this.element = h(
      'div',
      { class: 'compare-stage' },
      h('div', { class: 'stage-bar' }, legendView(controller), tools),
      this.window,
      this.note,
    );
    followPointer(this.window, {
      zoom: (factor, point) => this.zoom(factor, point),
      pan: (dx, dy) => this.pan(dx, dy),
      fit: () => this.fit(),
    });
    new ResizeObserver(() => this.resized()).observe(this.window);
    store.watch(
      ({ shown }) => shown,
      () => this.show(),
    );
    store.watch(
      ({ visible }) => visible,
      () => this.draw(),
    );
    store.watch(
      ({ hovered }) => hovered,
      () => this.draw(),
    );
  }

  /** Zooms by a factor, about the middle when no point is given. */
  zoom(factor: number, point?: { readonly x: number; readonly y: number }): void {
    if (!this.canvas) return;
    const room = this.room();
    const at = point ?? { x: room.width / 2, y: room.height / 2 };
    this.look(zoomAt(this.view, factor, at, room, this.canvas.size), false);
  }

  /** One step in (1) or out (-1). */
  zoomBy(way: 1 | -1): void {
    this.zoom(ZOOM_STEP ** way);
  }

  /** The whole picture. */
  fit(): void {
    if (this.canvas) this.look(fitView(this.room(), this.canvas.size), true);
  }

  /** Brings all boxes that are shown into the middle. */
  zoomToBoxes(): void {
    const { visible } = this.controller.store.get();
    const boxes = (this.ground?.boxes ?? []).filter(({ side }) => visible[side]).map(({ box }) => box);
    const [first, ...more] = [...boxes, ...(visible.truth ? (this.ground?.truth ?? []) : [])];
    if (!this.canvas || !first) return;
    const around = more.reduce(
      (all, box) => ({
        x1: Math.min(all.x1, box.x1),
        y1: Math.min(all.y1, box.y1),
        x2: Math.max(all.x2, box.x2),
        y2: Math.max(all.y2, box.y2),
      }),
      first,
    );
    this.look(viewOfBox(around, this.room(), this.canvas.size), false);
  }

  /** Moves the picture, in CSS pixels. */
  pan(dx: number, dy: number): void {
    if (!this.canvas) return;
    const moved = { ...this.view, x: this.view.x + dx, y: this.view.y + dy };
    this.look(keepInWindow(moved, this.room(), this.canvas.size), false);
  }

  private room(): Size {
    return { width: this.window.clientWidth, height: this.window.clientHeight };
  }

  private look(view: View, fitted: boolean): void {
    this.view = view;
    this.fitted = fitted;
    this.sharpen();
    this.draw();
  }

  private sharpen(): void {
    const side = this.ground?.side ?? 'a';
    this.images[side].sharpen(this.view.scale);
    this.details[side].look(this.view, this.room(), this.images[side].side);
  }

  private resized(): void {
    if (!this.canvas) return;
    if (this.fitted) this.fit();
    else this.look(keepInWindow(this.view, this.room(), this.canvas.size), false);
  }

  /** Exchanges picture and boxes where they are others than before. */
  private show(): void {
    const { shown } = this.controller.store.get();
    const ground = shown && groundOf(shown);
    // While the next row is on its way the last one's picture stays: no flicker between two questions of one picture.
    if (shown && !ground && (shown.a?.status === 'loading' || shown.b?.status === 'loading')) return;
    const groundKey = JSON.stringify([ground?.side, ground?.index, ground?.image, shown?.pictures]);
    this.ground = ground;
    if (groundKey !== this.groundKey) this.showPicture(ground);
    this.groundKey = groundKey;
    this.overlay.set(ground?.boxes ?? [], ground?.truth ?? []);
    this.window.setAttribute('aria-label', stageLabel(ground));
    this.tell(undefined);
    this.draw();
  }

  private showPicture(ground: Ground | undefined): void {
    this.canvas = canvasOf(
      ground?.image,
      (ground?.boxes ?? []).map(({ drawn, box }) => ({ ...drawn, box })),
    );
    for (const side of ['a', 'b'] as const) {
      const image = side === ground?.side ? ground.image : undefined;
      this.images[side].set(ground?.index ?? 0, image);
      this.details[side].set(ground?.index ?? 0, image);
    }
    this.fit();
  }

  private pictureCame(): void {
    const element = this.images[this.ground?.side ?? 'a'].element;
    if (this.canvas?.known !== true && element.naturalWidth > 0) {
      this.canvas = { size: { width: element.naturalWidth, height: element.naturalHeight }, known: true };
      this.fit();
    }
    this.sharpen();
    this.draw();
  }

  /** What is to be said under the picture; `sentence` where it was given up while it was asked for. */
  private tell(sentence: string | undefined): void {
    const { ground } = this;
    const known = this.canvas?.known === true ? this.canvas.size : undefined;
    const isMissing = ground !== undefined && (sentence !== undefined || ground.image?.state !== 'available');
    replaceContent(
      this.note,
      isMissing && missingImage(ground.image, known, sentence, () => this.controller.chooseImageFolder()),
      ...(ground ? remarks(ground) : []).map((words) => h('p', { class: 'stage-remark small soft' }, words)),
    );
  }

  private draw(): void {
    const { canvas, view } = this;
    const { visible, hovered } = this.controller.store.get();
    this.paper.hidden = canvas === undefined;
    this.overlay.draw(view, this.room(), canvas ? visible : { a: false, b: false, truth: false }, hovered);
    if (!canvas) return;
    const area = boxInWindow({ x1: 0, y1: 0, x2: canvas.size.width, y2: canvas.size.height }, view);
    for (const element of [this.paper, this.images.a.element, this.images.b.element]) {
      element.style.width = `${area.x2 - area.x1}px`;
      element.style.height = `${area.y2 - area.y1}px`;
      element.style.transform = `translate(${area.x1}px, ${area.y1}px)`;
    }
    this.paper.classList.toggle('unknown-size', !canvas.known);
  }
}

function stageLabel(ground: Ground | undefined): string {
  if (!ground) return 'No picture';
  const count = (side: Side): string =>
    countWords(ground.boxes.filter((box) => box.side === side).length, 'box', 'boxes');
  return `Picture with ${count('a')} of A and ${count('b')} of B. Plus and minus zoom, 0 fits.`;
}

function remarks({ elsewhere, scaled }: Ground): string[] {
  const onCrops = (['a', 'b'] as const)
    .filter((side) => elsewhere[side] > 0)
    .map((side) => `${countWords(elsewhere[side], 'box', 'boxes')} of ${side.toUpperCase()}`);
  return [
    ...(onCrops.length > 0 ? [`Not drawn, since they lie on crops: ${onCrops.join(', ')}.`] : []),
    ...(scaled
      ? [
          `The picture has ${sizeWords(scaled[0])} pixels in A and ${sizeWords(scaled[1])} in B: boxes are drawn to scale.`,
        ]
      : []),
  ];
}
