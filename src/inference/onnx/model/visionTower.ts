import type { Disposable } from '../../../common/disposable';
import { ImcotError } from '../../../common/errors';
import type { VisionConfig } from '../checkpoint/modelConfig';
import { VISION, windowLength } from '../graph/vision';
import { patchPositions } from '../positions/patchGrid';
import { visionRotary } from '../positions/visionRotary';
import { windowOrder, type WindowOrder } from '../positions/windows';
import type { PreparedImage } from '../processor/imageProcessor';
import type { RuntimeSession, RuntimeTensor } from '../runtime/runtime';

// Large enough that a softmax gives exactly 0, small enough that adding a score stays finite.
const MASKED = -1e30;

/** A picture on its way to visual tokens. */
export class VisionTower implements Disposable {
  constructor(
    readonly session: RuntimeSession,
    private readonly vision: VisionConfig,
  ) {}

  /**
   * Visual tokens in reading order, [tokens, outHidden].
   * @throws ImcotError `cancelled` by the signal
   */
  async features(
    image: Pick<PreparedImage, 'pixelValues' | 'grid'>,
    signal?: AbortSignal,
  ): Promise<Float32Array> {
    const { vision, session } = this;
    const { runtime } = session;
    const order = windowOrder([image.grid], vision);
    const group = vision.mergeSize ** 2;
    const patches = image.grid.rows * image.grid.columns;
    const tokens = patches / group;
    const { cos, sin } = visionRotary(
      patchPositions(image.grid, vision.mergeSize, order.order),
      vision.hiddenSize / vision.heads,
    );
    const places = windowPlaces(order.windowPatches, windowLength(vision));
    const half = vision.hiddenSize / vision.heads / 2;
    const length = windowLength(vision);
    const inputs: Record<string, RuntimeTensor> = {
      [VISION.patches]: runtime.tensor(inWindowOrder(image.pixelValues, order, group), [
        patches,
        image.pixelValues.length / patches,
      ]),
      [VISION.cos]: runtime.tensor(cos, [patches, half]),
      [VISION.sin]: runtime.tensor(sin, [patches, half]),
      [VISION.intoWindows]: runtime.tensor(places.into, [places.into.length]),
      [VISION.outOfWindows]: runtime.tensor(places.outOf, [patches]),
      [VISION.windowBias]: runtime.tensor(places.bias, [order.windowPatches.length, 1, length, length]),
    };
    const ordered = new Float32Array(tokens * vision.outHiddenSize);
    const out = runtime.tensor(ordered, [tokens, vision.outHiddenSize]);
    const binding = session.bind();
    try {
      for (const [name, tensor] of Object.entries(inputs)) binding.input(name, tensor);
      binding.output(VISION.features, out);
      await session.run(binding, signal);
    } finally {
      binding.dispose();
      for (const tensor of Object.values(inputs)) tensor.dispose();
      out.dispose();
    }
    return inReadingOrder(ordered, order, vision.outHiddenSize);
  }

  dispose(): void {
    this.session.dispose();
  }
}

/** Patches move with their visual token: `group` rows at a time. */
function inWindowOrder(values: Float32Array, { order }: WindowOrder, group: number): Float32Array {
  const width = values.length / order.length;
  if (!Number.isInteger(width / group)) throw new ImcotError('internal', 'The pixels do not fit the grid.');
  const result = new Float32Array(values.length);
  order.forEach((from, to) => result.set(values.subarray(from * width, (from + 1) * width), to * width));
  return result;
}

function inReadingOrder(rows: Float32Array, { order }: WindowOrder, width: number): Float32Array {
  const result = new Float32Array(rows.length);
  order.forEach((to, from) => result.set(rows.subarray(from * width, (from + 1) * width), to * width));
  return result;
}

/** Windows of one length each: ragged ones are filled up with patch 0, which the bias hides. */
function windowPlaces(
  windowPatches: Int32Array,
  length: number,
): { into: BigInt64Array; outOf: BigInt64Array; bias: Float32Array } {
  const into = new BigInt64Array(windowPatches.length * length);
  const outOf: bigint[] = [];
  const bias = new Float32Array(windowPatches.length * length * length);
  windowPatches.forEach((filled, window) => {
    for (let place = 0; place < filled; place++) {
      into[window * length + place] = BigInt(outOf.length);
      outOf.push(BigInt(window * length + place));
    }
    if (filled === length) return;
    for (let row = 0; row < length; row++) {
      const start = (window * length + row) * length;
      bias.fill(MASKED, start + filled, start + length);
    }
  });
  return { into, outOf: BigInt64Array.from(outOf), bias };
}
