import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../../common/errors';
import type { LoggedRollouts } from '../../launch/batchLog';
import { readLoggedRollouts } from '../../launch/batchLog';
import type { LogPlace } from '../../launch/loadPicture';
import type { LineWritten, RolloutLog } from '../../launch/rolloutLog';
import { createRolloutLog, newLogPlace, resumeRolloutLog } from '../../launch/rolloutLog';
import { productVersion } from '../version';

/** Where the rollouts of a run go. */
export interface RunPlace extends LogPlace {
  /** There is such a file already, to be gone on with. */
  readonly exists: boolean;
}

/** A log that is open. */
export interface OpenRunLog extends RolloutLog {
  /** What it had before. */
  readonly logged?: LoggedRollouts;
  /** Waits for what was recorded and closes the file; a new one that got no rollout is taken away again. */
  finish(): Promise<void>;
}

/**
 * The file that was named, or a new one in the present folder's `.imcot`.
 * @param name a word for people, for the new one
 * @throws ImcotError `missing` when the folder is not there
 */
export async function runPlace(out: string | undefined, name: string): Promise<RunPlace> {
  if (out === undefined) return newPlace(name);
  const file = path.resolve(out);
  const root = path.dirname(file);
  const folder = await stat(root).catch(() => undefined);
  if (!folder?.isDirectory()) {
    throw new ImcotError('missing', `${file} can't be written: there is no folder ${root}.`);
  }
  return { file, root, exists: await isThere(file) };
}

async function newPlace(name: string): Promise<RunPlace> {
  const place = await newLogPlace(process.cwd(), name);
  if (!(await isThere(place.file))) return { ...place, exists: false };
  // Another run began within this second.
  return { ...(await newLogPlace(process.cwd(), `${name}-${process.pid}`)), exists: false };
}

const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );

/**
 * Opens the log.
 * @param written is given each line when it is in the file
 * @throws ImcotError `input` when what is there is no log; `denied`
 */
export async function openRunLog(
  place: RunPlace,
  signal: AbortSignal,
  written?: LineWritten,
): Promise<OpenRunLog> {
  let lines = 0;
  const count: LineWritten = (line) => {
    lines++;
    written?.(line);
  };
  const writer = `imcot ${productVersion()}`;
  if (place.exists) {
    const logged = await readLoggedRollouts(place.file, signal);
    const log = await resumeRolloutLog(place, logged.nextTrajectory, count);
    // An empty file: of a program that was killed at once, or made by mktemp.
    if (!logged.hasHeader) await log.recorder.header({ writer, created: new Date().toISOString() });
    return { ...log, logged: { ...logged, hasHeader: true }, finish: () => log.close() };
  }
  const log = await createRolloutLog(place, writer, count);
  const finish = async (): Promise<void> => {
    await log.close();
    // The first line is the head.
    if (lines <= 1) await rm(place.file, { force: true });
  };
  return { ...log, finish };
}
