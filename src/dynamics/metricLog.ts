import { stat } from 'node:fs/promises';
import type { RawRuns } from '../metrics/rawRun';
import { fileError } from '../files/fileErrors';

/** A file of metrics, or the folder that one marks, that is looked at again and again. */
export interface MetricLog {
  readonly path: string;
  /** What it tells so far. Another object once the file was replaced, or was read as a whole again. */
  readonly told: RawRuns;
  /** A sentence: why it can't be read, or not to its end. What was read of it stays. */
  readonly failure: string | undefined;
  /** Bytes, of which `read` have been taken. */
  readonly size: number;
  readonly read: number;
  /** Time of the last change that was seen, in milliseconds since 1970. */
  readonly changedAt: number;
  /**
   * Takes what has come since the last look; everything at first.
   * @returns whether anything has changed
   * @throws only when the signal fires
   */
  look(options: LookOptions): Promise<boolean>;
}

/** What a look is to do. */
export interface LookOptions {
  readonly signal: AbortSignal;
  /** Told after each piece: there is more in `told`. */
  readonly onProgress?: () => void;
  /** False: nobody will look again, and what stands at the end is taken as far as it goes. */
  readonly isFollowed: boolean;
}

/** A state of a file: two that are equal mean that nobody wrote to it in between. */
export interface FileState {
  readonly mark: string;
  /** Device and inode. */
  readonly identity: string;
  readonly size: number;
  /** In milliseconds since 1970. */
  readonly modified: number;
}

/** The state of what has a name now; undefined when nothing has. @throws ImcotError when the system does not tell */
export async function fileState(path: string): Promise<FileState | undefined> {
  try {
    const { dev, ino, size, mtimeNs, mtimeMs } = await stat(path, { bigint: true });
    const identity = `${dev}:${ino}`;
    return {
      mark: `${identity}:${size}:${mtimeNs}`,
      identity,
      size: Number(size),
      modified: Number(mtimeMs),
    };
  } catch (thrown) {
    const error = fileError(thrown, path);
    if (error.code === 'missing') return undefined;
    throw error;
  }
}

/** What is said of a file that was there before. */
export const goneSentence = (path: string): string =>
  `${path} is no longer there. What was read of it stays.`;
