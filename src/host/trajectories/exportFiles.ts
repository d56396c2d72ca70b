import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../../common/errors';
import type { TrajectoryView } from '../../protocol/trajectoryView';
import { writeWhole } from '../wholeFile';
import { exportHtml } from './exportHtml';
import { exportMarkdown } from './exportMarkdown';
import type { ExportInput, ExportPicture } from './exportWords';
import { isPlainPicture, pictureFileName } from './exportWords';

/** Longest side of a picture in an export, in pixels: enough to read what a crop shows. */
export const EXPORT_SIDE = 2048;

/**
 * The pictures of a rollout that can be had.
 * @param read gives the picture of an id; one that it can't give is left out
 */
export async function exportPictures(
  { originals, turns }: TrajectoryView,
  read: (id: string) => Promise<ExportPicture>,
): Promise<ReadonlyMap<string, ExportPicture>> {
  const observed = turns.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.kind === 'observation' ? part.images : [])),
  );
  const pictures = new Map<string, ExportPicture>();
  for (const { id, state } of [...originals, ...observed]) {
    if (state !== 'available') continue;
    const picture = await read(id).catch(() => undefined);
    if (picture) pictures.set(id, picture);
  }
  return pictures;
}

/**
 * Writes Markdown, and its pictures into a folder beside it that has its name: the text last, so that it never names a
 * picture that is not there yet.
 * @throws ImcotError `denied` when it can't be written
 */
export async function writeMarkdown(file: string, input: ExportInput): Promise<void> {
  const folder = `${path.basename(file).replace(/\.[^.]*$/, '')}.images`;
  // What a link of Markdown could take for its end is no part of a folder's name.
  const safe = folder.replace(/[<>()[\]\\\n]/g, '-');
  try {
    const target = path.join(path.dirname(file), safe);
    if (input.pictures.size > 0) await madeFolder(target);
    for (const [id, picture] of input.pictures)
      if (isPlainPicture(picture))
        await writeWhole(path.join(target, pictureFileName(id, picture)), [picture.bytes]);
    await writeWhole(file, [exportMarkdown(input, safe)]);
  } catch (thrown) {
    throw notWritten(file, thrown);
  }
}

/** Makes a folder where there is none; those above it must be there. */
async function madeFolder(folder: string): Promise<void> {
  await mkdir(folder).catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
  });
}

/**
 * Writes a page with its pictures inside.
 * @throws ImcotError `denied` when it can't be written
 */
export async function writeHtml(file: string, input: ExportInput): Promise<void> {
  await writeWhole(file, [exportHtml(input)]).catch((thrown: unknown) => {
    throw notWritten(file, thrown);
  });
}

/** That an export could not be written, and why. */
export function notWritten(file: string, cause: unknown): ImcotError {
  return new ImcotError('denied', `${file} could not be written: ${errorMessage(cause)}`, { cause });
}
