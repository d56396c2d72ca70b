import { blackImage } from './pillowCrop';
import type { RgbImage } from './imageStore';
import { PIXELS_A_TURN } from './nextTurn';

/** Output to input, in pixels: x' = xx * x + xy * y + x0, y' = yx * x + yy * y + y0. */
interface Affine {
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

/** A picture in the making: a step for each row. */
type Rows = Generator<void, RgbImage, void>;

/**
 * Pillow's `Image.rotate(angle)` with its defaults: nearest pixel, about the centre, positive counter-clockwise, on a
 * canvas of the same size, so that corners are cut off and what comes in from outside is black.
 * Source: Pillow 12 `Image.py` `rotate` and `Geometry.c` `ImagingTransformAffine`.
 * @param angle in degrees, finite
 */
export function pillowRotate(image: RgbImage, angle: number): RgbImage {
  const rows = rotateRows(image, angle);
  for (;;) {
    const step = rows.next();
    if (step.done === true) return step.value;
  }
}

/**
 * `pillowRotate` for a thread that has other things to do.
 * @param rest awaited between slices of some milliseconds
 */
export async function pillowRotateInSlices(
  image: RgbImage,
  angle: number,
  rest: () => Promise<void>,
): Promise<RgbImage> {
  const rows = rotateRows(image, angle);
  const rowsATurn = Math.max(1, Math.floor(PIXELS_A_TURN / Math.max(1, image.width)));
  for (let row = 1; ; row++) {
    const step = rows.next();
    if (step.done === true) return step.value;
    if (row % rowsATurn === 0) await rest();
  }
}

function* rotateRows(image: RgbImage, angle: number): Rows {
  const turn = ((angle % 360) + 360) % 360;
  if (turn === 0) return { ...image, data: image.data.slice() };
  const last = { x: image.width - 1, y: image.height - 1 };
  if (turn === 180) return yield* remap(image, (x, y) => (last.y - y) * image.width + last.x - x);
  if (image.width === image.height) {
    if (turn === 90) return yield* remap(image, (x, y) => x * image.width + last.x - y);
    if (turn === 270) return yield* remap(image, (x, y) => (last.y - x) * image.width + y);
  }
  const affine = rotation(image, turn);
  return yield* fitsFixedPoint(affine, image) ? fixedPoint(image, affine) : floatingPoint(image, affine);
}

function* remap(image: RgbImage, source: (x: number, y: number) => number): Rows {
  const result = blackImage(image);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) copyPixel(image, source(x, y), result, y * image.width + x);
    yield;
  }
  return result;
}

function copyPixel(from: RgbImage, source: number, to: RgbImage, target: number): void {
  to.data[target * 3] = from.data[source * 3] ?? 0;
  to.data[target * 3 + 1] = from.data[source * 3 + 1] ?? 0;
  to.data[target * 3 + 2] = from.data[source * 3 + 2] ?? 0;
}

function rotation(image: RgbImage, degrees: number): Affine {
  const angle = -degrees * (Math.PI / 180);
  // The reference rounds to 15 decimals, which makes quarter turns exact.
  const cos = Number(Math.cos(angle).toFixed(15));
  const sin = Number(Math.sin(angle).toFixed(15));
  const centre = { x: image.width / 2, y: image.height / 2 };
  return {
    xx: cos,
    xy: sin,
    x0: cos * -centre.x + sin * -centre.y + centre.x,
    yx: -sin,
    yy: cos,
    y0: -sin * -centre.x + cos * -centre.y + centre.y,
  };
}

/** Whether all corners stay within what 16.16 fixed point can say; a turn without shear never takes that path. */
function fitsFixedPoint(affine: Affine, image: RgbImage): boolean {
  if (affine.xy === 0 && affine.yx === 0) return false;
  const corners = [
    [0, 0],
    [image.width, image.height],
    [0, image.height],
    [image.width, 0],
  ] as const;
  return corners.every(
    ([x, y]) =>
      Math.abs(x * affine.xx + y * affine.xy + affine.x0) < 32768 &&
      Math.abs(x * affine.yx + y * affine.yy + affine.y0) < 32768,
  );
}

function* fixedPoint(image: RgbImage, affine: Affine): Rows {
  const fix = (value: number): number => Math.floor(value * 65536 + 0.5);
  const step = { xx: fix(affine.xx), xy: fix(affine.xy), yx: fix(affine.yx), yy: fix(affine.yy) };
  const { width, height } = image;
  const result = blackImage(image);
  let startX = fix(affine.x0 + affine.xx * 0.5 + affine.xy * 0.5);
  let startY = fix(affine.y0 + affine.yx * 0.5 + affine.yy * 0.5);
  for (let y = 0; y < height; y++) {
    let sourceX = startX;
    let sourceY = startY;
    for (let x = 0; x < width; x++) {
      const column = sourceX >> 16;
      const row = sourceY >> 16;
      if (column >= 0 && column < width && row >= 0 && row < height) {
        copyPixel(image, row * width + column, result, y * width + x);
      }
      sourceX += step.xx;
      sourceY += step.yx;
    }
    startX += step.xy;
    startY += step.yy;
    yield;
  }
  return result;
}

/** The reference's way for images beyond 32768 pixels and for angles whose sine rounds to 0. Sums run as they do there. */
function* floatingPoint(image: RgbImage, affine: Affine): Rows {
  const { width, height } = image;
  const result = blackImage(image);
  let startX = affine.x0 + affine.xx * 0.5 + affine.xy * 0.5;
  let startY = affine.y0 + affine.yx * 0.5 + affine.yy * 0.5;
  for (let y = 0; y < height; y++) {
    let sourceX = startX;
    let sourceY = startY;
    for (let x = 0; x < width; x++) {
      if (sourceX >= 0 && sourceX < width && sourceY >= 0 && sourceY < height) {
        copyPixel(image, Math.floor(sourceY) * width + Math.floor(sourceX), result, y * width + x);
      }
      sourceX += affine.xx;
      sourceY += affine.yx;
    }
    startX += affine.xy;
    startY += affine.yy;
    yield;
  }
  return result;
}
