import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorMessage, ImcotError } from '../common/errors';
import type { EventSink } from '../rollout/recorder';
import { Recorder } from '../rollout/recorder';
import { EventLogFile } from '../rollout/recorderFile';
import type { LogPlace } from './loadPicture';

/** The folder of the project's own files within a workspace. */
export const OWN_FOLDER = '.imcot';
const ROLLOUTS = 'rollouts';

/** A log that rollouts are written to. */
export interface RolloutLog {
  readonly place: LogPlace;
  readonly recorder: Recorder;
  /** Waits for what was recorded and closes the file. */
  close(): Promise<void>;
}

/**
 * A new log's place in a workspace folder or another one: `.imcot/rollouts/<time>-<name>.imcot.jsonl`. Makes the folders,
 * and the `.gitignore` that keeps version control out of them.
 * @param folder absolute; pictures below it are named, not copied
 * @param name a word for people, such as the picture's file name
 */
export async function newLogPlace(folder: string, name: string, now = new Date()): Promise<LogPlace> {
  const own = path.join(folder, OWN_FOLDER);
  try {
    await mkdir(path.join(own, ROLLOUTS), { recursive: true });
    await writeFile(path.join(own, '.gitignore'), '*\n', { flag: 'wx' }).catch((thrown: unknown) => {
      if ((thrown as NodeJS.ErrnoException).code !== 'EEXIST') throw thrown;
    });
  } catch (thrown) {
    throw new ImcotError('denied', `${own} can't be written: ${errorMessage(thrown)}`, { cause: thrown });
  }
  const time = now.toISOString().slice(0, 19).replaceAll(':', '').replace('T', '-');
  const word = name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-').slice(0, 60);
  return { file: path.join(own, ROLLOUTS, `${time}-${word}.imcot.jsonl`), root: folder };
}

/** Is given each line of a log, without its line end, once it is in the file. */
export type LineWritten = (line: string) => void;

/**
 * Makes a log and writes its head.
 * @param writer name and version of the program
 * @throws ImcotError `usage` when there is such a file, `denied` when it can't be made
 */
export async function createRolloutLog(
  place: LogPlace,
  writer: string,
  written?: LineWritten,
): Promise<RolloutLog> {
  const file = await EventLogFile.create(place.file);
  const log = logOver(file, place, 0, written);
  await log.recorder.header({ writer, created: new Date().toISOString() });
  return log;
}

/**
 * Goes on with a log.
 * @param firstTrajectory above every number that it has
 * @throws ImcotError `missing` or `denied`
 */
export async function resumeRolloutLog(
  place: LogPlace,
  firstTrajectory: number,
  written?: LineWritten,
): Promise<RolloutLog> {
  return logOver(await EventLogFile.resume(place.file), place, firstTrajectory, written);
}

function logOver(
  file: EventLogFile,
  place: LogPlace,
  firstTrajectory: number,
  written?: LineWritten,
): RolloutLog {
  const recorder = new Recorder(written ? telling(file, written) : file, {
    sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
    now: () => new Date().toISOString(),
    firstTrajectory,
  });
  return { place, recorder, close: () => file.close() };
}

function telling(file: EventSink, written: LineWritten): EventSink {
  return {
    append: (line) => file.append(line).then(() => written(line)),
    writeImage: (hash, mediaType, bytes) => file.writeImage(hash, mediaType, bytes),
  };
}
