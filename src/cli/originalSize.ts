import path from 'node:path';
import type { Size } from '../common/boundingBox';
import { errorMessage } from '../common/errors';
import { ImageLookup } from '../imaging/imageLookup';
import type { ImageInput, ImageStore } from '../imaging/imageStore';
import { SharpImageStore } from '../imaging/sharpImageStore';
import { OWN_FOLDER } from '../launch/rolloutLog';
import type { InlineImages } from '../readers/reader';
import type { Trajectory } from '../trajectory/trajectory';

/** Size of a rollout's first image, and what there is to say about it. */
export interface OriginalSize {
  /** Pixels, EXIF orientation applied. */
  readonly size?: Size;
  /** Sentences for a person. */
  readonly notes: readonly string[];
}

async function sizeOf(input: ImageInput): Promise<Size> {
  const store: ImageStore = new SharpImageStore();
  try {
    return await store.size(input);
  } finally {
    store.dispose();
  }
}

/** A log of this program's own in `<folder>/.imcot/rollouts` names pictures of that folder. */
function workspaceOf(file: string): readonly string[] {
  const folder = path.dirname(path.resolve(file));
  const own = path.dirname(folder);
  const isOwn = path.basename(folder) === 'rollouts' && path.basename(own) === OWN_FOLDER;
  return isOwn ? [path.dirname(own)] : [];
}

async function findInput(
  trajectory: Trajectory,
  inline: InlineImages,
  roots: readonly string[],
): Promise<ImageInput | string | undefined> {
  const [image] = trajectory.prompt.images;
  if (image?.kind === 'inline') {
    const bytes = inline.get(image.hash);
    return bytes && { kind: 'bytes', key: image.hash, bytes };
  }
  if (image?.kind !== 'file') return undefined;
  const { file } = trajectory.origin;
  const found = await new ImageLookup({ roots: [...roots, ...workspaceOf(file)] }).find(image.path, file);
  if (found.status === 'found') return { kind: 'path', key: found.path, path: found.path };
  if (found.status === 'denied') return found.reason;
  return found.note ?? 'The image was not found beside the log; --images DIR names another folder.';
}

/**
 * The size that the file records, or else that of the image itself: inside the record, or found beside the log or in
 * `roots`. Never rejects: an image that can't be had is a note.
 */
export async function originalSize(
  trajectory: Trajectory,
  inline: InlineImages,
  roots: readonly string[],
): Promise<OriginalSize> {
  const recorded = trajectory.prompt.images[0]?.size;
  if (recorded) return { size: recorded, notes: [] };
  try {
    const input = await findInput(trajectory, inline, roots);
    if (input === undefined) return { notes: [] };
    if (typeof input === 'string') return { notes: [input] };
    const size = await sizeOf(input);
    const place = input.kind === 'path' ? `found: ${input.path}, ` : '';
    return { size, notes: [`${place}${size.width} x ${size.height}`] };
  } catch (thrown) {
    return { notes: [errorMessage(thrown)] };
  }
}
