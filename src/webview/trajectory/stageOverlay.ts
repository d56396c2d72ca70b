import type { BoundingBox, Size } from '../../common/boundingBox';
import { h, svg } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import type { DrawnBox } from './drawnBoxes';
import { LabelRow } from './labelRow';
import { turnTone } from './readingOrder';
import type { View } from './viewport';
import { boxInWindow, labelPlace } from './viewport';
import { iouWords } from './words';

/** A person pointed at a box. */
export interface OverlayActions {
  hover(call: number | undefined): void;
  choose(part: number): void;
}

/** Which boxes are shown, and how strongly. */
export interface OverlayState {
  readonly boxes: readonly DrawnBox[];
  /** Position of the replay cursor. */
  readonly part: number;
  readonly hovered: number | undefined;
  /** Numbers of a box in the frame that is chosen. */
  numbers(box: BoundingBox): string;
  /** Boxes of the ground truth; none while they are hidden, or on another picture. */
  readonly truth: readonly BoundingBox[];
}

interface DrawnItem {
  readonly drawn: DrawnBox;
  readonly group: SVGGElement;
  readonly rect: SVGRectElement;
  readonly halo: SVGRectElement;
  readonly asked: SVGRectElement | undefined;
  readonly label: HTMLElement;
  readonly numbers: HTMLElement;
}

/** Puts a rectangle at a box, at least two pixels wide and high. */
export function placeRect(rect: SVGRectElement, box: BoundingBox): void {
  rect.setAttribute('x', String(box.x1));
  rect.setAttribute('y', String(box.y1));
  rect.setAttribute('width', String(Math.max(2, box.x2 - box.x1)));
  rect.setAttribute('height', String(Math.max(2, box.y2 - box.y1)));
}

/** The boxes over the image. Drawn in the window's pixels, so that lines and labels keep their size at any zoom. */
export class StageOverlay {
  readonly lines = svg('svg', { class: 'stage-lines', role: 'group', 'aria-label': 'Boxes' });
  readonly labels = h('div', { class: 'stage-labels', 'aria-hidden': 'true' });
  private items: DrawnItem[] = [];
  private readonly truth = svg('g', { class: 'stage-truth' });

  constructor(private readonly actions: OverlayActions) {}

  /** Exchanges the boxes. */
  setBoxes(boxes: readonly DrawnBox[]): void {
    this.items = boxes.map((drawn) => this.item(drawn));
    this.lines.replaceChildren(this.truth, ...this.items.map((item) => item.group));
    this.labels.replaceChildren(...this.items.map((item) => item.label));
  }

  private item(drawn: DrawnBox): DrawnItem {
    const halo = svg('rect', { class: 'box-halo' });
    const rect = svg('rect', { class: 'box-line' });
    const asked = drawn.requested && svg('rect', { class: 'box-asked' });
    const group = svg(
      'g',
      {
        class: `stage-box tone-${turnTone(drawn.turn)}${drawn.rejected ? ' rejected' : ''}`,
        role: 'button',
        tabindex: 0,
      },
      asked,
      halo,
      rect,
    );
    group.addEventListener('mouseenter', () => this.actions.hover(drawn.call));
    group.addEventListener('mouseleave', () => this.actions.hover(undefined));
    group.addEventListener('focus', () => this.actions.hover(drawn.call));
    group.addEventListener('blur', () => this.actions.hover(undefined));
    group.addEventListener('click', () => this.actions.choose(drawn.lastPart));
    group.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      this.actions.choose(drawn.lastPart);
    });
    const numbers = h('span', { class: 'label-numbers number' });
    const label = h(
      'div',
      { class: `stage-label tone-${turnTone(drawn.turn)}` },
      h(
        'span',
        { class: 'label-head' },
        h('b', {}, String(drawn.call)),
        drawn.label !== undefined && visibleLine(drawn.label) !== '' && textLine(drawn.label, '', 60),
        drawn.rejected && h('span', {}, '· rejected'),
        drawn.iou !== undefined && h('span', {}, `· ${iouWords(drawn.iou)}`),
      ),
      numbers,
    );
    return { drawn, group, rect, halo, asked, label, numbers };
  }

  /** Draws the state in a window of that size. */
  draw(state: OverlayState, view: View, window: Size): void {
    this.lines.setAttribute('viewBox', `0 0 ${Math.max(1, window.width)} ${Math.max(1, window.height)}`);
    this.drawTruth(state.truth, view);
    const row = new LabelRow(window);
    const active = state.boxes.find((box) => state.part >= box.part && state.part <= box.lastPart);
    for (const item of this.items) {
      const { drawn, group, label } = item;
      const shown = drawn.part <= state.part || drawn.call === state.hovered;
      const strong = drawn.call === active?.call || drawn.call === state.hovered;
      group.classList.toggle('hidden', !shown);
      group.classList.toggle('strong', strong);
      label.classList.toggle('hidden', !shown);
      label.classList.toggle('strong', strong);
      if (!shown) continue;
      const numbers = state.numbers(drawn.box);
      const name = boxName(drawn, numbers);
      if (group.getAttribute('aria-label') !== name) group.setAttribute('aria-label', name);
      if (item.numbers.textContent !== numbers) item.numbers.textContent = numbers;
      const box = boxInWindow(drawn.box, view);
      placeRect(item.rect, box);
      placeRect(item.halo, box);
      if (item.asked && drawn.requested) placeRect(item.asked, boxInWindow(drawn.requested, view));
      const size = { width: label.offsetWidth, height: label.offsetHeight };
      const own = labelPlace(box, size, window);
      // The strong one is wide, and lies over the others.
      const { x, y } = strong ? own : row.next(own.x, own.y, size);
      label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    }
  }

  private drawTruth(boxes: readonly BoundingBox[], view: View): void {
    while (this.truth.children.length > boxes.length * 2) this.truth.lastElementChild?.remove();
    while (this.truth.children.length < boxes.length * 2)
      this.truth.append(svg('rect', { class: 'truth-halo' }), svg('rect', { class: 'truth-line' }));
    const rects = [...this.truth.children] as SVGRectElement[];
    boxes.forEach((box, i) => {
      for (const rect of rects.slice(2 * i, 2 * i + 2)) placeRect(rect, boxInWindow(box, view));
    });
  }
}

/** What a screen reader says of a box. */
function boxName(drawn: DrawnBox, numbers: string): string {
  const { call, turn, label, rejected, iou } = drawn;
  const words = [
    `Box ${call}`,
    ...(label !== undefined && visibleLine(label) !== '' ? [visibleLine(label, 60)] : []),
    `turn ${turn + 1}`,
    numbers,
    ...(rejected ? ['rejected'] : []),
    ...(iou === undefined ? [] : [iouWords(iou)]),
  ];
  return words.join(', ');
}
