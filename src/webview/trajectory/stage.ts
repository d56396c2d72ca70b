import type { BoundingBox, Size } from '../../common/boundingBox';
import type { RemoteApi } from '../../common/rpc';
import type { ImageView, TrajectoryHostApi, TrajectoryView } from '../../protocol/trajectoryView';
import { iconButton, setEnabled } from '../shared/controls';
import { h, icon, replaceContent } from '../shared/dom';
import type { Store } from '../shared/store';
import { visibleLine } from '../shared/visibleText';
import type { Controller } from './controller';
import type { Canvas, DrawnBox } from './drawnBoxes';
import { canvasOf, FIRST_ORIGINAL, groundAt, imageById } from './drawnBoxes';
import type { PageState } from './pageState';
import { FrameSwitch, shownFrame } from './frameSwitch';
import { numbersIn } from './frames';
import { StageDetail } from './stageDetail';
import { StageFlight } from './stageFlight';
import { StageImage } from './stageImage';
import { missingImage } from './stageMessage';
import { StageMinimap } from './stageMinimap';
import { StageOverlay } from './stageOverlay';
import { followPointer } from './stagePointer';
import { StageSiblings } from './stageSiblings';
import { toggleTruth } from './truthToggle';
import type { View } from './viewport';
import { boxInWindow, fitView, keepInWindow, viewOfBox, zoomAt } from './viewport';
import { boxWords, countWords, sizeWords } from './words';

/** One press of plus or minus. */
const ZOOM_STEP = 1.4;
/** CSS pixels that the image moves by an arrow key. */
const PANS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [60, 0],
  ArrowRight: [-60, 0],
  ArrowUp: [0, 60],
  ArrowDown: [0, -60],
};

/** The region of the image: the original with the boxes on it, or a canvas in its place and what was tried. */
export class StageView {
  readonly head: HTMLElement;
  readonly window: HTMLElement;
  /** What stands under the image when there is none to show. */
  readonly note = h('div', { class: 'stage-note' });
  private readonly frames: FrameSwitch;
  private readonly siblings: StageSiblings;
  private readonly flight = new StageFlight();
  private readonly percent = h('span', {
    class: 'percent small number',
    title: 'Screen pixels per image pixel',
  });
  private readonly name = h('span', { class: 'stage-name ellipsis' });
  private readonly paper = h('div', { class: 'stage-paper' });
  private readonly image: StageImage;
  private readonly detail: StageDetail;
  private readonly overlay: StageOverlay;
  private readonly minimap = new StageMinimap();
  private readonly group = iconButton('group-by-ref-type', 'Boxes of the group (O)', () =>
    this.siblings.toggle(),
  );
  private readonly toBox = iconButton('target', 'Zoom to the current box (B)', () => this.zoomToBox());
  /** The picture that is shown: the original, or what the last box stands on. */
  private ground: ImageView | undefined;
  /** What the stage was set up from. */
  private groundKey = '';
  private boxesKey = '';
  private canvas: Canvas | undefined;
  private view: View = { scale: 1, x: 0, y: 0 };
  /** Whether the view follows the window, as it does until a person zooms. */
  private fitted = true;

  constructor(
    private readonly store: Store<PageState>,
    private readonly controller: Controller,
    host: () => RemoteApi<TrajectoryHostApi>,
  ) {
    this.image = new StageImage(
      controller.images,
      () => this.pictureCame(),
      (sentence) => this.showNote(sentence),
    );
    this.detail = new StageDetail((index, image, { region, maxSide }) =>
      controller.images.piece(index, image, region, maxSide),
    );
    this.overlay = new StageOverlay({
      hover: (call) => controller.hover(call),
      choose: (part) => controller.goTo(part),
    });
    this.frames = new FrameSwitch(store, (words) => controller.say(words));
    this.siblings = new StageSiblings(store, {
      boxes: (index) => host().siblingBoxes(index),
      select: (index) => controller.select(index),
      say: (words) => controller.say(words),
      changed: () => this.draw(),
    });
    const fit = iconButton('screen-full', 'Fit the image (0)', () => this.fit());
    this.head = h(
      'header',
      { class: 'stage-head' },
      icon('device-camera'),
      this.name,
      h('span', { class: 'stage-tools' }, this.frames.element, this.percent, this.group, this.toBox, fit),
    );
    this.window = h(
      'div',
      { class: 'stage-window', tabindex: 0, role: 'group', 'aria-roledescription': 'image stage' },
      this.paper,
      this.image.element,
      this.detail.element,
      this.siblings.lines,
      this.overlay.lines,
      this.siblings.labels,
      this.overlay.labels,
      this.flight.element,
      this.minimap.element,
    );
    this.window.addEventListener('keydown', (event) => this.press(event));
    followPointer(this.window, {
      zoom: (factor, point) => this.zoom(factor, point),
      pan: (dx, dy) => this.pan(dx, dy),
      fit: () => this.fit(),
    });
    new ResizeObserver(() => this.resized()).observe(this.window);
    this.watch();
  }

  private watch(): void {
    const { store } = this;
    store.watch(
      (state) => state.shown,
      () => this.show(),
    );
    let before = store.get().part;
    store.watch(
      (state) => state.part,
      (part) => {
        this.show();
        this.flight.stop();
        if (part === before + 1) this.fly(part);
        before = part;
      },
    );
    for (const slice of ['truth', 'hovered', 'frame', 'hoveredSibling'] as const) {
      store.watch(
        (state) => state[slice],
        () => this.draw(),
      );
    }
    store.watch(
      (state) => state.siblings,
      (on) => {
        this.group.setAttribute('aria-pressed', String(on));
        this.group.classList.toggle('pressed', on);
      },
    );
  }

  /** With the focus on the stage itself, and more of the image than the window shows, arrows move the image. */
  private press(event: KeyboardEvent): void {
    const [dx, dy] = PANS[event.key] ?? [0, 0];
    if (event.target !== this.window || event.shiftKey || this.fitted || (dx === 0 && dy === 0)) return;
    event.preventDefault();
    this.pan(dx, dy);
  }

  /** The movement from the box to the crop, when the cursor has come to the crop. */
  private fly(part: number): void {
    const { shown } = this.store.get();
    if (shown.status !== 'ready' || shown.steps[part - 1]?.view.kind !== 'observation' || !this.canvas)
      return;
    const box = this.boxes().find((drawn) => drawn.lastPart === part && drawn.part < part && !drawn.rejected);
    const { element } = this.image;
    if (box && !element.hidden && element.src !== '')
      this.flight.fly(element.src, this.canvas.size, box.box, this.view, this.room());
  }

  /** Zooms by a factor, about the middle when no point is given. */
  zoom(factor: number, point?: { readonly x: number; readonly y: number }): void {
    if (!this.canvas) return;
    const room = this.room();
    const at = point ?? { x: room.width / 2, y: room.height / 2 };
    this.look(zoomAt(this.view, factor, at, room, this.canvas.size), false);
  }

  zoomIn(): void {
    this.zoom(ZOOM_STEP);
  }

  zoomOut(): void {
    this.zoom(1 / ZOOM_STEP);
  }

  /** The whole image. */
  fit(): void {
    if (this.canvas) this.look(fitView(this.room(), this.canvas.size), true);
  }

  /** Moves the image, in CSS pixels. */
  pan(dx: number, dy: number): void {
    if (!this.canvas) return;
    const moved = { ...this.view, x: this.view.x + dx, y: this.view.y + dy };
    this.look(keepInWindow(moved, this.room(), this.canvas.size), false);
  }

  /** Tells boxes in the next frame, or one further back. */
  stepFrame(delta: number): void {
    this.frames.step(delta);
  }

  /** Shows or hides the boxes of the other rollouts of the group. */
  toggleSiblings(): void {
    this.siblings.toggle();
  }

  /** Shows or hides the boxes of the ground truth. */
  toggleTruth(): void {
    toggleTruth(this.store, (words) => this.controller.say(words));
  }

  /** Brings the last box that the cursor has reached into the middle. */
  zoomToBox(): void {
    const box = this.currentBox();
    if (this.canvas && box) this.look(viewOfBox(box.box, this.room(), this.canvas.size), false);
  }

  /** The boxes that stand on the picture that is shown. */
  private boxes(): readonly DrawnBox[] {
    const { shown } = this.store.get();
    const image = this.groundId();
    return shown.status === 'ready' ? shown.boxes.filter((box) => box.image === image) : [];
  }

  /** The boxes of the ground truth, where they are to be seen: they lie on the first image. */
  private truthBoxes(): readonly BoundingBox[] {
    const { shown, truth } = this.store.get();
    if (!truth || shown.status !== 'ready' || this.groundId() !== FIRST_ORIGINAL) return [];
    return shown.trajectory.groundTruthBoxes?.boxes ?? [];
  }

  private groundId(): string {
    const { shown, part } = this.store.get();
    return shown.status === 'ready' ? groundAt(shown.boxes, part) : FIRST_ORIGINAL;
  }

  private currentBox(): DrawnBox | undefined {
    const { part } = this.store.get();
    return this.boxes().findLast((box) => box.part <= part);
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
    this.image.sharpen(this.view.scale);
    this.detail.look(this.view, this.room(), this.image.side);
  }

  private resized(): void {
    if (!this.canvas) return;
    if (this.fitted) this.fit();
    else this.look(keepInWindow(this.view, this.room(), this.canvas.size), false);
  }

  /** Draws the state; picture and boxes are exchanged only where they are others than before. */
  private show(): void {
    const { shown } = this.store.get();
    const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
    const ground = trajectory && (imageById(trajectory, this.groundId()) ?? trajectory.originals[0]);
    const boxes = this.boxes();
    const boxesKey = JSON.stringify(boxes);
    const size = shown.status === 'ready' && ground?.size === undefined ? boxesKey : '';
    const pictures = shown.status === 'ready' ? shown.pictures : -1;
    const groundKey = JSON.stringify([trajectory?.index, ground, trajectory?.frame, pictures, size]);
    const isOther = groundKey !== this.groundKey;
    if (isOther) this.showGround(trajectory, ground, boxes);
    if (isOther || boxesKey !== this.boxesKey) this.showBoxes(boxes);
    this.groundKey = groundKey;
    this.boxesKey = boxesKey;
    this.draw();
  }

  private showGround(
    trajectory: TrajectoryView | undefined,
    ground: ImageView | undefined,
    boxes: readonly DrawnBox[],
  ): void {
    this.ground = ground;
    this.canvas = canvasOf(ground, boxes);
    this.image.set(trajectory?.index ?? 0, ground);
    this.detail.set(trajectory?.index ?? 0, ground);
    this.minimap.set(undefined);
    this.name.textContent = groundName(ground);
    this.name.title = ground?.size ? `${sizeWords(ground.size)} px` : '';
    this.frames.set(ground);
    this.flight.stop();
    if (trajectory && ground?.state !== 'available') this.showNote(undefined);
    else replaceContent(this.note);
    this.window.classList.toggle('empty', trajectory === undefined);
    this.fit();
  }

  private showBoxes(boxes: readonly DrawnBox[]): void {
    this.overlay.setBoxes(boxes);
    const count = countWords(boxes.length, 'box', 'boxes');
    const what =
      this.ground?.kind === 'stored' || this.ground?.kind === 'rebuilt' ? 'Crop' : 'Original image';
    this.window.setAttribute(
      'aria-label',
      `${what}, ${count}. Plus and minus zoom, 0 fits, arrows move what is zoomed in.`,
    );
    setEnabled(this.toBox, boxes.length > 0);
    const { shown } = this.store.get();
    const trajectory = shown.status === 'ready' ? shown.trajectory : undefined;
    this.group.hidden = trajectory?.group === undefined && trajectory?.step === undefined;
  }

  private showNote(sentence: string | undefined): void {
    const known = this.canvas?.known === true ? this.canvas.size : undefined;
    replaceContent(
      this.note,
      missingImage(this.ground, known, sentence, () => this.controller.chooseImageFolder()),
    );
  }

  private pictureCame(): void {
    replaceContent(this.note);
    const { element } = this.image;
    if (this.canvas?.known !== true && element.naturalWidth > 0) {
      this.canvas = { size: { width: element.naturalWidth, height: element.naturalHeight }, known: true };
      this.fit();
    }
    this.minimap.set(element.src);
    this.sharpen();
    this.draw();
  }

  private draw(): void {
    const { canvas, view } = this;
    const { part, hovered } = this.store.get();
    const room = this.room();
    this.paper.hidden = canvas === undefined;
    this.percent.textContent = canvas ? `${Math.round(view.scale * 100)} %` : '';
    if (!canvas) {
      this.overlay.draw(
        { boxes: [], part: -1, hovered: undefined, truth: [], numbers: boxWords },
        view,
        room,
      );
      this.siblings.draw('', view, room);
      this.minimap.draw(undefined, view, room);
      return;
    }
    const area = boxInWindow({ x1: 0, y1: 0, x2: canvas.size.width, y2: canvas.size.height }, view);
    for (const element of [this.paper, this.image.element]) {
      element.style.width = `${area.x2 - area.x1}px`;
      element.style.height = `${area.y2 - area.y1}px`;
      element.style.transform = `translate(${area.x1}px, ${area.y1}px)`;
    }
    this.paper.classList.toggle('unknown-size', !canvas.known);
    const frame = shownFrame(this.store.get(), this.ground);
    const numbers = (box: BoundingBox): string => numbersIn(box, frame, this.ground) ?? boxWords(box);
    this.overlay.draw({ boxes: this.boxes(), part, hovered, truth: this.truthBoxes(), numbers }, view, room);
    this.siblings.draw(this.groundId(), view, room);
    this.minimap.draw(this.fitted ? undefined : canvas.size, view, room);
  }
}

function groundName(ground: ImageView | undefined): string {
  if (!ground) return 'Original';
  if (ground.kind !== 'original' && ground.call !== undefined) return `Crop of tool call ${ground.call}`;
  return visibleLine(ground.label, 80);
}
