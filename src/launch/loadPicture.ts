import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../common/errors';
import { decodeRgb, MAX_PIXELS } from '../imaging/decodeImage';
import { readImageBytes } from '../imaging/imageBytes';
import type { Picture } from '../rollout/picture';
import type { RecordedImage } from '../rollout/recorder';

/** Where a log stands, and what belongs to it. */
export interface LogPlace {
  /** The log, absolute. */
  readonly file: string;
  /** Pictures in this folder are named by their path from the log; all others are copied beside it. */
  readonly root: string;
}

/**
 * Opens a picture for rollouts. The log names it by a relative path where it lies under the log's root, so that nothing
 * is stored twice; a picture from elsewhere goes beside the log, once, so that the log can be opened anywhere.
 * @param file absolute path
 * @throws ImcotError `missing`, `denied`, `input` (not a picture) or `limit`, naming the file
 */
export async function loadPicture(file: string, place: LogPlace): Promise<Picture> {
  const real = await resolved(file);
  const { bytes, format } = await readImageBytes({ kind: 'path', key: real, path: real });
  const key = createHash('sha256').update(bytes).digest('hex');
  const pixels = await decodeRgb({ kind: 'path', key, path: real }, MAX_PIXELS);
  const size = { width: pixels.width, height: pixels.height };
  const near = await isUnder(real, place.root);
  const record: RecordedImage = near
    ? { kind: 'file', path: fromLog(real, await resolvedFolder(place.file)), size }
    : { kind: 'bytes', bytes, mediaType: `image/${format}`, size };
  return { pixels, record, key };
}

async function resolved(file: string): Promise<string> {
  try {
    return await realpath(file);
  } catch (thrown) {
    const missing = ['ENOENT', 'ENOTDIR'].includes((thrown as NodeJS.ErrnoException).code ?? '');
    const why = missing ? 'it is not there' : errorMessage(thrown);
    throw new ImcotError(missing ? 'missing' : 'denied', `The picture ${file} can't be opened: ${why}.`);
  }
}

const resolvedFolder = (file: string): Promise<string> => realpath(path.dirname(file));

async function isUnder(file: string, root: string): Promise<boolean> {
  const relative = path.relative(await realpath(root).catch(() => root), file);
  return relative !== '' && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative);
}

/** With slashes on every system: the log may be read on another one. */
function fromLog(file: string, folder: string): string {
  return path.relative(folder, file).split(path.sep).join('/');
}
