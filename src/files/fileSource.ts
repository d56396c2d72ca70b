import { close, constants, fstat, open, read, stat } from 'node:fs';
import { promisify } from 'node:util';
import type { ByteSource } from '../common/byteSource';
import { ImcotError } from '../common/errors';
import { fileError } from './fileErrors';

const openFd = promisify(open);
const closeFd = promisify(close);
const readFd = promisify(read);

/** Reads up to `length` bytes at `position` of an open file into `target` at `at`; may well come back with fewer. */
export type ReadAt = (
  descriptor: number,
  target: Uint8Array,
  at: number,
  length: number,
  position: number,
) => Promise<{ readonly bytesRead: number }>;

/** What tells one file, and one state of it, from another. */
export interface FileStat {
  /** Device and inode; the same for a file that was deleted and made again often enough, so never the only proof. */
  readonly identity: string;
  /** Bytes. */
  readonly size: number;
  /** Time of the last change in nanoseconds since 1970, as decimal digits. */
  readonly modified: string;
}

/** A file that stays open: the same file even when its name comes to mean another one. */
export interface OpenFile extends ByteSource {
  /** The state of the open file. */
  stat(): Promise<FileStat>;
  /** The state of whatever has the file's name now. @throws ImcotError `missing` when nothing has */
  statByName(): Promise<FileStat>;
  /** Fills `target` from `offset` as far as the file goes, and returns the number of bytes. */
  readInto(target: Uint8Array, offset: number): Promise<number>;
  close(): Promise<void>;
  /** Number by which threads of this process can read the same open file; absent where there is none. */
  readonly descriptor?: number;
}

const promisedFstat = (fd: number): Promise<FileStat> =>
  new Promise((resolve, reject) => {
    fstat(fd, { bigint: true }, (error, stats) => (error ? reject(error) : resolve(toFileStat(stats))));
  });

interface BigStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

function toFileStat(stats: BigStats): FileStat {
  return {
    identity: `${stats.dev}:${stats.ino}`,
    size: Number(stats.size),
    modified: String(stats.mtimeNs),
  };
}

function statPath(path: string): Promise<FileStat> {
  return new Promise((resolve, reject) => {
    stat(path, { bigint: true }, (error, stats) => {
      if (error) reject(error);
      else if (stats.isFile()) resolve(toFileStat(stats));
      else if (stats.isDirectory()) reject(new ImcotError('input', `${path} is a folder, not a file.`));
      else reject(new ImcotError('input', `${path} is not a regular file (a device, a pipe or a socket).`));
    });
  });
}

/**
 * Bytes of unknown content, to be read into. In truth a `Buffer`, whose `indexOf` and that of its parts is several
 * times faster than a plain array's; not from Node's pool, since callers keep and transfer it.
 */
export function allocateBytes(length: number): Uint8Array {
  return Buffer.allocUnsafeSlow(length) as Uint8Array;
}

/** Fills `target` from `offset` of an open file as far as the file goes, and returns the number of bytes. */
export async function readIntoFrom(
  descriptor: number,
  target: Uint8Array,
  offset: number,
  readAt: ReadAt = readFd,
): Promise<number> {
  let got = 0;
  while (got < target.length) {
    const { bytesRead } = await readAt(descriptor, target, got, target.length - got, offset + got);
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return got;
}

/** A file on a disk, read piece by piece with `pread`; never mapped, since a mapped file that shrinks is a crash. */
export class FileSource implements OpenFile {
  private closed = false;

  private constructor(
    readonly name: string,
    readonly descriptor: number,
    private readonly readAt: ReadAt,
  ) {}

  /**
   * @param readAt how the system is asked; for tests in which it fails
   * @throws ImcotError with a sentence: not there, a folder, not a regular file, not allowed
   */
  static async open(path: string, readAt: ReadAt = readFd): Promise<FileSource> {
    try {
      // Before opening: opening a named pipe would wait for its writer, and a device may do something when it is opened.
      await statPath(path);
      // Should it become a pipe just now, opening does not wait and reading fails.
      const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
      return new FileSource(path, await openFd(path, flags), readAt);
    } catch (thrown) {
      throw fileError(thrown, path);
    }
  }

  async size(): Promise<number> {
    return (await this.stat()).size;
  }

  stat(): Promise<FileStat> {
    return this.guard(() => promisedFstat(this.descriptor));
  }

  statByName(): Promise<FileStat> {
    return this.guard(() => statPath(this.name));
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const target = allocateBytes(length);
    const got = await this.readInto(target, offset);
    return got === length ? target : target.subarray(0, got);
  }

  readInto(target: Uint8Array, offset: number): Promise<number> {
    return this.guard(() => readIntoFrom(this.descriptor, target, offset, this.readAt));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await closeFd(this.descriptor);
  }

  private async guard<T>(action: () => Promise<T>): Promise<T> {
    if (this.closed) throw new ImcotError('cancelled', `${this.name} was closed.`);
    try {
      return await action();
    } catch (thrown) {
      throw fileError(thrown, this.name);
    }
  }
}
