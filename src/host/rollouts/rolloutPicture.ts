import { createHash } from 'node:crypto';
import { decodeRgb, MAX_PIXELS } from '../../imaging/decodeImage';
import { readImageBytes } from '../../imaging/imageBytes';
import type { LogPlace } from '../../launch/loadPicture';
import { loadPicture } from '../../launch/loadPicture';
import type { Picture } from '../../rollout/picture';

/** Where the picture of a rollout is: a local file, or bytes from elsewhere. */
export type PictureSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly name: string };

/** A word for people: the file's name. */
export function pictureName(source: PictureSource): string {
  const name = source.kind === 'file' ? source.path : source.name;
  return name.split(/[\\/]/).at(-1) ?? name;
}

/**
 * Opens the picture of a rollout. Bytes are kept beside the log; for a file see `loadPicture`.
 * @throws ImcotError `missing`, `denied`, `input` (not a picture) or `limit`
 */
export async function openPicture(source: PictureSource, place: LogPlace): Promise<Picture> {
  if (source.kind === 'file') return loadPicture(source.path, place);
  const key = createHash('sha256').update(source.bytes).digest('hex');
  const input = { kind: 'bytes', key, bytes: source.bytes } as const;
  const { format } = await readImageBytes(input);
  const pixels = await decodeRgb(input, MAX_PIXELS);
  const size = { width: pixels.width, height: pixels.height };
  return {
    pixels,
    key,
    record: { kind: 'bytes', bytes: source.bytes, mediaType: `image/${format}`, size },
  };
}
