import { realpath, stat } from 'node:fs/promises';
import { errorCode, errorMessage, ImcotError } from '../../common/errors';
import type { BoundingBox, Size } from '../../common/boundingBox';
import type { EncodedImage, ImageInput, ImageStore } from '../../imaging/imageStore';
import { nextTurn } from '../../imaging/nextTurn';
import { pillowResizeInSlices } from '../../imaging/pillowResize';
import { rebuildCut } from '../../imaging/rebuildCrop';
import type { InlineImages } from '../../readers/reader';
import type { ImageReference } from '../../trajectory/imageReference';
import type { GroundTruthBoxes } from '../../protocol/trajectoryView';
import type { Trajectory } from '../../trajectory/trajectory';
import type { FindImage, ImageAccess } from './imageAccess';
import type { ImagePlan, ResolvedImage } from './resolvedImage';
import { TruthBoxes } from './truthBoxes';

/** `ImageAccess` over an image store. */
export class ImagePictures implements ImageAccess {
  constructor(
    private readonly store: ImageStore,
    private readonly find: FindImage,
    private readonly truth = new TruthBoxes(() => Promise.resolve(undefined), find),
  ) {}

  truthBoxes(trajectory: Trajectory, options = { quick: false }): Promise<GroundTruthBoxes | undefined> {
    return this.truth.of(trajectory, options.quick);
  }

  async resolve(reference: ImageReference, inline: InlineImages): Promise<ResolvedImage> {
    try {
      if (reference.kind === 'blank') return unknown('The log kept nothing of this image.');
      if (reference.kind === 'file') return await this.resolveFile(reference.path);
      const bytes = inline.get(reference.hash);
      if (!bytes) return unknown('The bytes of this image are not in the record.');
      return await this.withSize({ kind: 'bytes', key: reference.hash, bytes });
    } catch (thrown) {
      return failed(thrown);
    }
  }

  private async resolveFile(logged: string): Promise<ResolvedImage> {
    const found = await this.find(logged);
    if (found.status === 'denied') return { state: 'denied', message: found.reason };
    if (found.status === 'missing') {
      const message = found.note ?? 'No such image was found beside the log or in the image folders.';
      return { state: 'missing', message, tried: found.tried };
    }
    const { size, mtimeMs } = await stat(found.path);
    return this.withSize({ kind: 'path', key: `${found.path} ${size} ${mtimeMs}`, path: found.path });
  }

  private async withSize(input: ImageInput): Promise<ResolvedImage> {
    return { state: 'available', input, size: await this.store.size(input) };
  }

  async picture(plan: ImagePlan, maxSide: number): Promise<EncodedImage> {
    await checkPlace(plan.kind === 'whole' ? plan.input : plan.original);
    if (plan.kind === 'whole') return this.store.preview(plan.input, maxSide);
    const pixels = await rebuildCut(this.store, plan.original, plan.report);
    if (Math.max(pixels.width, pixels.height) <= maxSide)
      return this.store.encode(pixels, { lossless: true });
    return this.store.piece(pixels, { x1: 0, y1: 0, x2: pixels.width, y2: pixels.height }, maxSide);
  }

  async seen(plan: ImagePlan, seen: Size | undefined): Promise<EncodedImage> {
    await checkPlace(plan.kind === 'whole' ? plan.input : plan.original);
    const pixels =
      plan.kind === 'whole'
        ? await this.store.rgb(plan.input)
        : await rebuildCut(this.store, plan.original, plan.report);
    const shown = seen ? await pillowResizeInSlices(pixels, seen, nextTurn) : pixels;
    return this.store.encode(shown, { lossless: true });
  }

  async region(
    plan: ImagePlan,
    box: BoundingBox,
    maxSide: number,
  ): Promise<{ readonly image: EncodedImage; readonly box: BoundingBox }> {
    await checkPlace(plan.kind === 'whole' ? plan.input : plan.original);
    if (plan.kind === 'whole') {
      const inside = insideOf(box, await this.store.size(plan.input));
      return { image: await this.store.region(plan.input, inside, maxSide), box: inside };
    }
    const pixels = await rebuildCut(this.store, plan.original, plan.report);
    const inside = insideOf(box, pixels);
    return { image: await this.store.piece(pixels, inside, maxSide), box: inside };
  }
}

/**
 * A path is found once and read whenever its picture is asked for. By then it may lead elsewhere.
 * @throws ImcotError `denied` when a link has taken the place of the file or of a folder above it
 */
async function checkPlace(input: ImageInput): Promise<void> {
  if (input.kind === 'bytes') return;
  const now = await realpath(input.path).catch(() => input.path);
  if (now === input.path) return;
  throw new ImcotError('denied', `${input.path} leads to another file now, so it is not read.`);
}

/** @throws ImcotError `input` where no pixel is left */
function insideOf(box: BoundingBox, { width, height }: Size): BoundingBox {
  const inside = {
    x1: Math.max(0, Math.floor(box.x1)),
    y1: Math.max(0, Math.floor(box.y1)),
    x2: Math.min(width, Math.ceil(box.x2)),
    y2: Math.min(height, Math.ceil(box.y2)),
  };
  if (inside.x1 < inside.x2 && inside.y1 < inside.y2) return inside;
  throw new ImcotError('input', `Nothing of a picture of ${width} x ${height} pixels lies there.`);
}

function unknown(message: string): ResolvedImage {
  return { state: 'unknown', message };
}

function failed(thrown: unknown): ResolvedImage {
  const code = errorCode(thrown);
  const state = code === 'missing' || code === 'denied' ? code : 'unknown';
  return { state, message: errorMessage(thrown) };
}
