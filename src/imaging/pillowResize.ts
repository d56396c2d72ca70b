import type { BoundingBox, Size } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import { blackImage, pillowCrop } from './pillowCrop';
import type { RgbImage } from './imageStore';

/*
 * Pillow's `Image.resize(size, BICUBIC)` for RGB, bit for bit. Source: Pillow 12 `Resample.c`. Antialiased; the
 * horizontal pass comes first and is rounded to bytes before the vertical one; a pass whose size does not change is
 * skipped. Pillow 13 swaps the passes for some shapes; the models were trained with older ones.
 */

const PRECISION_BITS = 22;
const SUPPORT = 2;
const ROWS_PER_BAND = 16;

/** For each output position: the first input position, how many, and their weights at `position * stride`. */
interface Kernel {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

function bicubic(distance: number): number {
  const a = -0.5;
  const x = Math.abs(distance);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function toFixedPoint(weight: number): number {
  const scaled = weight * (1 << PRECISION_BITS);
  return Math.trunc(weight < 0 ? scaled - 0.5 : scaled + 0.5);
}

/** Kernel of the output positions from `start` to `end`. */
function kernelOf(input: number, output: number, start: number, end: number): Kernel {
  const scale = input / output;
  const filterScale = Math.max(scale, 1);
  const reach = SUPPORT * filterScale;
  const stride = Math.ceil(reach) * 2 + 1;
  const kernel: Kernel = {
    first: new Int32Array(end - start),
    count: new Int32Array(end - start),
    weights: new Int32Array((end - start) * stride),
    stride,
  };
  for (let index = 0; index < end - start; index++) {
    const centre = (start + index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const count = Math.min(input, Math.trunc(centre + reach + 0.5)) - first;
    const weights: number[] = [];
    let sum = 0;
    for (let tap = 0; tap < count; tap++) {
      const weight = bicubic((tap + first - centre + 0.5) * (1 / filterScale));
      weights.push(weight);
      sum += weight;
    }
    kernel.first[index] = first;
    kernel.count[index] = count;
    weights.forEach((weight, tap) => {
      kernel.weights[index * stride + tap] = toFixedPoint(sum === 0 ? weight : weight / sum);
    });
  }
  return kernel;
}

/** Where the taps of a pass lie, in bytes of the input: from one pixel of a row to the next, and from tap to tap. */
interface Pass {
  readonly input: RgbImage;
  readonly output: RgbImage;
  readonly kernel: Kernel;
  readonly vertical: boolean;
}

function* runPass({ input, output, kernel, vertical }: Pass): Generator<undefined, RgbImage> {
  const tapStep = vertical ? input.width * 3 : 3;
  const { width, height } = output;
  const pixels = input.data;
  const { weights, stride, first, count } = kernel;
  let target = 0;
  for (let y = 0; y < height; y++) {
    if (y > 0 && y % ROWS_PER_BAND === 0) yield undefined;
    for (let x = 0; x < width; x++) {
      const at = vertical ? y : x;
      const start = first[at] ?? 0;
      let source = (vertical ? start * input.width + x : y * input.width + start) * 3;
      let red = 1 << (PRECISION_BITS - 1);
      let green = red;
      let blue = red;
      const end = at * stride + (count[at] ?? 0);
      for (let tap = at * stride; tap < end; tap++) {
        const weight = weights[tap] ?? 0;
        red += (pixels[source] ?? 0) * weight;
        green += (pixels[source + 1] ?? 0) * weight;
        blue += (pixels[source + 2] ?? 0) * weight;
        source += tapStep;
      }
      output.data[target++] = toByte(red);
      output.data[target++] = toByte(green);
      output.data[target++] = toByte(blue);
    }
  }
  return output;
}

function toByte(sum: number): number {
  const value = sum >> PRECISION_BITS;
  return value < 0 ? 0 : value > 255 ? 255 : value;
}

function* resizeInBands(image: RgbImage, target: Size, window: BoundingBox): Generator<undefined, RgbImage> {
  const width = window.x2 - window.x1;
  const height = window.y2 - window.y1;
  // An image without pixels resizes to black: nothing adds up.
  if (image.width === 0 || image.height === 0) return blackImage({ width, height });
  const columns = kernelOf(image.width, target.width, window.x1, window.x2);
  const rows = kernelOf(image.height, target.height, window.y1, window.y2);
  // Input rows that no output row of the window draws on are left out; that changes no value.
  const top = rows.first[0] ?? 0;
  const bottom = (rows.first[height - 1] ?? 0) + (rows.count[height - 1] ?? 0);
  const keepsHeight = image.height === target.height;
  const used = {
    x1: 0,
    y1: keepsHeight ? window.y1 : top,
    x2: image.width,
    y2: keepsHeight ? window.y2 : bottom,
  };
  let current = pillowCrop(image, used);
  if (image.width === target.width) {
    current = pillowCrop(current, { x1: window.x1, y1: 0, x2: window.x2, y2: current.height });
  } else {
    const output = blackImage({ width, height: current.height });
    current = yield* runPass({ input: current, output, kernel: columns, vertical: false });
  }
  if (keepsHeight) return current;
  const shifted = { ...rows, first: rows.first.map((row) => row - top) };
  return yield* runPass({
    input: current,
    output: blackImage({ width, height }),
    kernel: shifted,
    vertical: true,
  });
}

function checkedWindow(target: Size, window: BoundingBox | undefined): BoundingBox {
  const whole = { x1: 0, y1: 0, x2: target.width, y2: target.height };
  const { x1, y1, x2, y2 } = window ?? whole;
  const inside = x1 >= 0 && y1 >= 0 && x1 < x2 && y1 < y2 && x2 <= target.width && y2 <= target.height;
  if (!inside) {
    throw new ImcotError('input', `A picture can't be resized to ${target.width} x ${target.height} pixels.`);
  }
  return { x1, y1, x2, y2 };
}

/**
 * Resizes as Pillow 12 does.
 * @param target in whole pixels, both sides at least 1
 * @param window the part of the result to work out, integer corners within `target`; all of it when absent. Its pixels
 *   are the same as in the whole result.
 * @throws ImcotError `input` when the target is empty or the window is not inside of it
 */
export function pillowResize(image: RgbImage, target: Size, window?: BoundingBox): RgbImage {
  const bands = resizeInBands(image, target, checkedWindow(target, window));
  for (;;) {
    const step = bands.next();
    if (step.done === true) return step.value;
  }
}

/**
 * `pillowResize` in slices, so that a thread that has other work stays responsive.
 * @param pause awaited between slices
 * @param sliceMilliseconds how long to work before each pause
 */
export async function pillowResizeInSlices(
  image: RgbImage,
  target: Size,
  pause: () => Promise<void>,
  window?: BoundingBox,
  sliceMilliseconds = 12,
): Promise<RgbImage> {
  const bands = resizeInBands(image, target, checkedWindow(target, window));
  let started = performance.now();
  for (;;) {
    const step = bands.next();
    if (step.done === true) return step.value;
    if (performance.now() - started < sliceMilliseconds) continue;
    await pause();
    started = performance.now();
  }
}
