import type { BoundingBox, Size } from '../../common/boundingBox';
import type { Side } from '../../protocol/compareView';
import type { ImageView } from '../../protocol/trajectoryView';
import type { DrawnBox } from '../trajectory/drawnBoxes';
import { FIRST_ORIGINAL } from '../trajectory/drawnBoxes';
import { labelPlace } from '../trajectory/viewport';
import type { Loaded, Shown } from './pageState';

/** A box of one of the two rollouts on the picture that is shown. */
export interface ComparedBox {
  readonly side: Side;
  readonly drawn: DrawnBox;
  /** In pixels of the picture that is shown. */
  readonly box: BoundingBox;
}

/** The picture of a row, and all that lies on it. */
export interface Ground {
  /** Whose picture it is. */
  readonly side: Side;
  /** Its record in that log. */
  readonly index: number;
  readonly image: ImageView | undefined;
  readonly boxes: readonly ComparedBox[];
  readonly truth: readonly BoundingBox[];
  /** Boxes that lie on a crop, which is not shown here. */
  readonly elsewhere: Readonly<Record<Side, number>>;
  /** Set where the two pictures differ in size: boxes are drawn to scale. */
  readonly scaled?: readonly [Size, Size];
}

type Ready = Extract<Loaded, { status: 'ready' }>;

const ready = (loaded: Loaded | undefined): Ready | undefined =>
  loaded?.status === 'ready' ? loaded : undefined;
const originalOf = (loaded: Ready | undefined): ImageView | undefined => loaded?.trajectory.originals[0];

/** The picture of a row: that of A, or of B where A has none to show. Undefined while neither rollout is here. */
export function groundOf({ a, b }: Shown): Ground | undefined {
  const [ofA, ofB] = [ready(a), ready(b)];
  const isAvailable = (loaded: Ready | undefined): boolean => originalOf(loaded)?.state === 'available';
  // Not to be exchanged as soon as A is here, B's picture waits for it.
  if (a?.status === 'loading' || (!ofA && !ofB)) return undefined;
  const side: Side = isAvailable(ofA) || !isAvailable(ofB) ? (ofA ? 'a' : 'b') : 'b';
  const own = side === 'a' ? ofA : ofB;
  const image = originalOf(own);
  const place = ({ box }: DrawnBox, from: Size | undefined): BoundingBox => scaledTo(box, from, image?.size);
  const boxes = (
    [
      ['a', ofA],
      ['b', ofB],
    ] as const
  ).flatMap(([of, loaded]) =>
    (loaded?.boxes ?? [])
      .filter((drawn) => drawn.image === FIRST_ORIGINAL)
      .map((drawn) => ({ side: of, drawn, box: place(drawn, originalOf(loaded)?.size) })),
  );
  const elsewhere = (loaded: Ready | undefined): number =>
    (loaded?.boxes ?? []).filter((drawn) => drawn.image !== FIRST_ORIGINAL).length;
  const truthOf = [ofA, ofB].find((loaded) => loaded?.trajectory.groundTruthBoxes !== undefined);
  const [sizeA, sizeB] = [originalOf(ofA)?.size, originalOf(ofB)?.size];
  return {
    side,
    index: own?.trajectory.index ?? 0,
    image,
    boxes,
    truth: (truthOf?.trajectory.groundTruthBoxes?.boxes ?? []).map((box) =>
      scaledTo(box, originalOf(truthOf)?.size, image?.size),
    ),
    elsewhere: { a: elsewhere(ofA), b: elsewhere(ofB) },
    ...(sizeA && sizeB && !sameSize(sizeA, sizeB) && { scaled: [sizeA, sizeB] as const }),
  };
}

function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function scaledTo(box: BoundingBox, from: Size | undefined, to: Size | undefined): BoundingBox {
  if (!from || !to || sameSize(from, to)) return box;
  const [x, y] = [to.width / from.width, to.height / from.height];
  return { x1: box.x1 * x, y1: box.y1 * y, x2: box.x2 * x, y2: box.y2 * y };
}

/** Where a label goes: those of A above their boxes at the left, those of B below at the right, so that both are seen. */
export function comparedLabelPlace(
  side: Side,
  box: BoundingBox,
  label: Size,
  window: Size,
): { readonly x: number; readonly y: number } {
  if (side === 'a') return labelPlace(box, label, window);
  const turned = {
    x1: window.width - box.x2,
    y1: window.height - box.y2,
    x2: window.width - box.x1,
    y2: window.height - box.y1,
  };
  const { x, y } = labelPlace(turned, label, window);
  return { x: window.width - x - label.width, y: window.height - y - label.height };
}
