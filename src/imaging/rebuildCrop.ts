import type { BoundingBox } from '../common/boundingBox';
import { ImcotError } from '../common/errors';
import type { RotateReport, ToolReport, ZoomReport } from '../trajectory/toolReport';
import type { ImageInput, ImageStore, RgbImage } from './imageStore';
import { blackImage, pillowCrop } from './pillowCrop';
import { pillowResizeInSlices } from './pillowResize';
import { nextTurn } from './nextTurn';
import { pillowRotateInSlices } from './pillowRotate';

/** Pixels of the largest cut that is made: an evaluation's box may lie far outside and be black for the most part. */
export const MAX_CUT_PIXELS = 64_000_000;

/**
 * The pixels that a tool cut or turned, before the policy's image processor.
 * @param input the original that the report was made for
 * @throws ImcotError `input` when the report says that nothing was cut, or the image is not the report's;
 *   `limit` above `MAX_CUT_PIXELS`; and what the store throws
 */
export async function rebuildCut(
  store: ImageStore,
  input: ImageInput,
  report: ToolReport,
): Promise<RgbImage> {
  if (report.rejected !== undefined) {
    throw new ImcotError('input', report.rejection ?? 'The call was refused, so there is no picture.');
  }
  return report.tool === 'zoom' ? cutPiece(store, input, report) : turn(store, input, report);
}

/**
 * The picture as the policy saw it: cut or turned, then resized by Pillow's bicubic to the report's `resizedSize`.
 * @throws ImcotError as `rebuildCut`
 */
export async function rebuildCrop(
  store: ImageStore,
  input: ImageInput,
  report: ToolReport,
): Promise<RgbImage> {
  const cut = await rebuildCut(store, input, report);
  if (!report.resizedSize)
    throw new ImcotError('input', "The model's image processor takes no such picture.");
  return pillowResizeInSlices(cut, report.resizedSize, nextTurn);
}

async function turn(store: ImageStore, input: ImageInput, report: RotateReport): Promise<RgbImage> {
  const image = await store.rgb(input);
  checkSize(image, report.size.width, report.size.height);
  return pillowRotateInSlices(image, report.angle ?? 0, nextTurn);
}

async function cutPiece(store: ImageStore, input: ImageInput, report: ZoomReport): Promise<RgbImage> {
  const { piece } = report;
  if (!piece) throw new ImcotError('input', 'The report has no box that was cut.');
  const { box, size, from } = piece;
  const [width, height] = [box.x2 - box.x1, box.y2 - box.y1];
  if (width * height > MAX_CUT_PIXELS) {
    const sentence = `The cut has ${width} x ${height} pixels; at most ${MAX_CUT_PIXELS} pixels are rebuilt.`;
    throw new ImcotError('limit', sentence);
  }
  if (from === 'original') {
    const original = await store.size(input);
    checkSize(original, size.width, size.height);
    return store.crop(input, box);
  }
  return cutProcessed(await store.rgb(input), box, size);
}

/** A piece of the resized image; only that piece is worked out. */
async function cutProcessed(
  original: RgbImage,
  box: BoundingBox,
  size: { width: number; height: number },
): Promise<RgbImage> {
  const inside = {
    x1: Math.max(0, box.x1),
    y1: Math.max(0, box.y1),
    x2: Math.min(size.width, box.x2),
    y2: Math.min(size.height, box.y2),
  };
  if (inside.x1 >= inside.x2 || inside.y1 >= inside.y2) {
    return blackImage({ width: box.x2 - box.x1, height: box.y2 - box.y1 });
  }
  const part = await pillowResizeInSlices(original, size, nextTurn, inside);
  return pillowCrop(part, {
    x1: box.x1 - inside.x1,
    y1: box.y1 - inside.y1,
    x2: box.x2 - inside.x1,
    y2: box.y2 - inside.y1,
  });
}

function checkSize(image: { width: number; height: number }, width: number, height: number): void {
  if (image.width === width && image.height === height) return;
  const sizes = `${image.width} x ${image.height} pixels instead of ${width} x ${height}`;
  throw new ImcotError('input', `This is not the image that the call was worked out for: it has ${sizes}.`);
}
