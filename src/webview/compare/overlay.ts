import type { BoundingBox, Size } from '../../common/boundingBox';
import type { Side } from '../../protocol/compareView';
import { h, svg } from '../shared/dom';
import { textLine } from '../shared/fileText';
import { visibleLine } from '../shared/visibleText';
import { LabelRow } from '../trajectory/labelRow';
import type { View } from '../trajectory/viewport';
import { boxInWindow } from '../trajectory/viewport';
import { iouWords } from '../trajectory/words';
import type { ComparedBox } from './ground';
import { comparedLabelPlace } from './ground';
import type { PageState, Visible } from './pageState';

/** The second line of B's boxes stands so far inside of the first, in CSS pixels. */
const INNER = 4;

interface DrawnItem {
  readonly compared: ComparedBox;
  readonly group: SVGGElement;
  readonly rects: readonly { readonly rect: SVGRectElement; readonly inset: number }[];
  readonly label: HTMLElement;
}

/** The boxes of both rollouts over the picture: A in one line, B in two, the ground truth dashed. */
export class CompareOverlay {
  readonly lines = svg('svg', { class: 'stage-lines', 'aria-hidden': 'true' });
  readonly labels = h('div', { class: 'stage-labels', 'aria-hidden': 'true' });
  private items: DrawnItem[] = [];
  private truth: readonly BoundingBox[] = [];
  private readonly truthGroup = svg('g', { class: 'stage-truth' });

  constructor(private readonly hover: (side: Side, call: number | undefined) => void) {}

  /** Exchanges the boxes. */
  set(boxes: readonly ComparedBox[], truth: readonly BoundingBox[]): void {
    this.items = boxes.map((compared) => this.item(compared));
    this.truth = truth;
    this.truthGroup.replaceChildren(
      ...truth.flatMap(() => [svg('rect', { class: 'truth-halo' }), svg('rect', { class: 'truth-line' })]),
    );
    this.lines.replaceChildren(this.truthGroup, ...this.items.map(({ group }) => group));
    this.labels.replaceChildren(...this.items.map(({ label }) => label));
  }

  private item(compared: ComparedBox): DrawnItem {
    const { side, drawn } = compared;
    const insets = side === 'a' ? [0] : [0, INNER];
    const rects = insets.flatMap((inset) =>
      ['box-halo', 'box-line'].map((name) => ({ rect: svg('rect', { class: name }), inset })),
    );
    const group = svg('g', { class: `stage-box compared side-${side}` }, ...rects.map(({ rect }) => rect));
    group.addEventListener('mouseenter', () => this.hover(side, drawn.call));
    group.addEventListener('mouseleave', () => this.hover(side, undefined));
    const label = h(
      'div',
      { class: `stage-label compared side-${side}` },
      h('b', {}, `${side.toUpperCase()}${drawn.call}`),
      drawn.label !== undefined && visibleLine(drawn.label) !== '' && textLine(drawn.label, '', 60),
      drawn.rejected && h('span', {}, '· rejected'),
      drawn.iou !== undefined && h('span', {}, `· ${iouWords(drawn.iou)}`),
    );
    return { compared, group, rects, label };
  }

  /** Draws in a window of that size. */
  draw(view: View, window: Size, visible: Visible, hovered: PageState['hovered']): void {
    this.lines.setAttribute('viewBox', `0 0 ${Math.max(1, window.width)} ${Math.max(1, window.height)}`);
    this.truthGroup.classList.toggle('hidden', !visible.truth);
    const truthRects = [...this.truthGroup.children] as SVGRectElement[];
    this.truth.forEach((box, at) => {
      for (const rect of truthRects.slice(2 * at, 2 * at + 2)) place(rect, boxInWindow(box, view), 0);
    });
    const row = new LabelRow(window);
    for (const { compared, group, rects, label } of this.items) {
      const { side, drawn } = compared;
      const isStrong = hovered?.side === side && hovered.call === drawn.call;
      for (const element of [group, label]) {
        element.classList.toggle('hidden', !visible[side]);
        element.classList.toggle('strong', isStrong);
      }
      if (!visible[side]) continue;
      const box = boxInWindow(compared.box, view);
      for (const { rect, inset } of rects) place(rect, box, inset);
      const size = { width: label.offsetWidth, height: label.offsetHeight };
      const own = comparedLabelPlace(side, box, size, window);
      // The strong one is wide, and lies over the others.
      const { x, y } = isStrong ? own : row.next(own.x, own.y, size);
      label.style.transform = `translate(${Math.round(x)}px, ${Math.round(y)}px)`;
    }
  }
}

function place(rect: SVGRectElement, box: BoundingBox, inset: number): void {
  const [width, height] = [box.x2 - box.x1 - 2 * inset, box.y2 - box.y1 - 2 * inset];
  rect.setAttribute('x', String(box.x1 + inset));
  rect.setAttribute('y', String(box.y1 + inset));
  rect.setAttribute('width', String(Math.max(2, width)));
  rect.setAttribute('height', String(Math.max(2, height)));
}
