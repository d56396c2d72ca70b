import { ImcotError } from '../common/errors';
import type { ToolReport } from '../trajectory/toolReport';
import type { RgbImage } from './imageStore';
import { nextTurn } from './nextTurn';
import { pillowCrop } from './pillowCrop';
import { pillowResizeInSlices } from './pillowResize';
import { pillowRotateInSlices } from './pillowRotate';
import { MAX_CUT_PIXELS } from './rebuildCrop';

/**
 * What a tool makes of a picture whose pixels are there, as the policy sees it: cut or turned, then resized by Pillow's
 * bicubic to the report's `resizedSize`.
 * @param source the picture that the report was made for
 * @throws ImcotError `input` when the report refuses, gives no size for the result, or speaks of another size;
 *   `limit` above `MAX_CUT_PIXELS`
 */
export async function cutPicture(source: RgbImage, report: ToolReport): Promise<RgbImage> {
  if (report.rejected !== undefined) {
    throw new ImcotError('input', report.rejection ?? 'The call was refused, so there is no picture.');
  }
  const { resizedSize } = report;
  if (!resizedSize) throw new ImcotError('input', "The model's image processor takes no such picture.");
  const cut = report.tool === 'rotate' ? await turn(source, report.angle) : await piece(source, report);
  return pillowResizeInSlices(cut, resizedSize, nextTurn);
}

function turn(source: RgbImage, angle: number | undefined): Promise<RgbImage> {
  return pillowRotateInSlices(source, angle ?? 0, nextTurn);
}

async function piece(source: RgbImage, report: Extract<ToolReport, { tool: 'zoom' }>): Promise<RgbImage> {
  const { piece: cut } = report;
  if (!cut) throw new ImcotError('input', 'The report has no box that was cut.');
  const { box, size, from } = cut;
  const [width, height] = [box.x2 - box.x1, box.y2 - box.y1];
  if (width * height > MAX_CUT_PIXELS) {
    const sentence = `The cut has ${width} x ${height} pixels; at most ${MAX_CUT_PIXELS} pixels are cut.`;
    throw new ImcotError('limit', sentence);
  }
  const image = from === 'original' ? source : await pillowResizeInSlices(source, size, nextTurn);
  if (image.width !== size.width || image.height !== size.height) {
    const sizes = `${image.width} x ${image.height} pixels instead of ${size.width} x ${size.height}`;
    throw new ImcotError(
      'input',
      `This is not the picture that the call was worked out for: it has ${sizes}.`,
    );
  }
  return pillowCrop(image, box);
}
