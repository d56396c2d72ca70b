import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { nodeCodecs } from '../../files/codecs';
import { FORMAT_BYTES, guessFormat } from '../../imaging/rasterFormat';
import { linesOfTrajectory } from '../../readers/trajectories/imcotFromTrajectory';
import type { RecordResult } from '../../readers/reader';
import type { EventSink } from '../../rollout/recorder';
import { EventLogFile } from '../../rollout/recorderFile';
import { headerLine } from '../../trajectory/eventLog';
import type { ImageReference } from '../../trajectory/imageReference';
import type { Trajectory } from '../../trajectory/trajectory';
import type { ImageAccess } from '../images/imageAccess';
import { notWritten } from './exportFiles';

type ReadRecord = Extract<RecordResult, { status: 'ok' }>;

/**
 * Writes one rollout in the project's own format: a log of its own with its pictures in a folder beside it. Pictures
 * that files of the log's are copied byte for byte; crops that the log left blank stay so, since they are cut anew from
 * the original whenever they are shown. A picture that can't be had keeps the name that the log has for it.
 * @param file where to; what is there is overwritten once all is written, and stays as it is where that fails
 * @param images reads only what may be read
 * @throws ImcotError `denied` or `missing` when it can't be written
 */
export async function exportLog(
  file: string,
  record: ReadRecord,
  images: ImageAccess,
  writer: string,
): Promise<void> {
  // All of it in a folder of its own first: beside the file, so that moving it is renaming it.
  const unfinished = await mkdtemp(path.join(path.dirname(file), `.${path.basename(file)}.part-`)).catch(
    (thrown: unknown) => {
      throw notWritten(file, thrown);
    },
  );
  try {
    await writeLog(path.join(unfinished, path.basename(file)), record, images, writer);
    await moveInto(path.dirname(file), unfinished).catch((thrown: unknown) => {
      throw notWritten(file, thrown);
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Moves what a folder holds: what lies in its folders first, so that no log names a picture that is not there yet. */
async function moveInto(target: string, source: string): Promise<void> {
  const entries = await readdir(source, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    await mkdir(path.join(target, name), { recursive: true });
    await moveInto(path.join(target, name), path.join(source, name));
  }
  for (const { name } of entries.filter((entry) => entry.isFile()))
    await rename(path.join(source, name), path.join(target, name));
}

async function writeLog(
  file: string,
  { trajectory, images: inline }: ReadRecord,
  images: ImageAccess,
  writer: string,
): Promise<void> {
  const log = await EventLogFile.create(file);
  try {
    const copied = await withCopies(trajectory, (reference) => copyOf(reference, images, log));
    await log.append(headerLine({ writer }));
    for (const line of linesOfTrajectory(0, copied, inline)) await log.append(line);
  } finally {
    await log.close();
  }
}

type Copy = (reference: ImageReference) => Promise<ImageReference>;

async function withCopies(trajectory: Trajectory, copy: Copy): Promise<Trajectory> {
  const all = async (references: readonly ImageReference[]): Promise<ImageReference[]> => {
    const copies: ImageReference[] = [];
    // One after the other: no more than one is held.
    for (const reference of references) copies.push(await copy(reference));
    return copies;
  };
  const prompt = { ...trajectory.prompt, images: await all(trajectory.prompt.images) };
  const turns: Trajectory['turns'][number][] = [];
  for (const turn of trajectory.turns) {
    const { observation } = turn;
    turns.push(
      observation
        ? { ...turn, observation: { ...observation, images: await all(observation.images) } }
        : turn,
    );
  }
  return { ...trajectory, prompt, turns };
}

async function copyOf(
  reference: ImageReference,
  images: ImageAccess,
  log: EventSink,
): Promise<ImageReference> {
  if (reference.kind !== 'file') return reference;
  const found = await images.resolve(reference, new Map());
  if (found.state !== 'available' || found.input.kind !== 'path') return reference;
  const content = await readFile(found.input.path).catch(() => undefined);
  if (!content) return reference;
  const bytes = Uint8Array.from(content);
  const hash = nodeCodecs.sha256(bytes);
  return { ...reference, path: await log.writeImage(hash, mediaTypeOf(bytes), bytes), size: found.size };
}

/** By the first bytes, since a name may say anything. */
function mediaTypeOf(bytes: Uint8Array): string {
  const guess = guessFormat(bytes.subarray(0, FORMAT_BYTES));
  return guess.kind === 'raster' ? `image/${guess.format}` : 'application/octet-stream';
}
