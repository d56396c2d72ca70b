import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { ImcotError } from '../common/errors';
import type { ImageInput } from './imageStore';
import type { RasterFormat } from './rasterFormat';
import { FORMAT_BYTES, guessFormat } from './rasterFormat';

/** Larger files are not read: no picture below the pixel limit needs as much. */
export const MAX_FILE_BYTES = 512 * 1024 * 1024;

/** Encoded bytes of a picture, or its first ones, with the format that they show. */
export interface ImageBytes {
  readonly format: RasterFormat;
  readonly bytes: Uint8Array;
  /** False when the file goes on after `bytes`. */
  readonly whole: boolean;
}

/** What to call an image in messages. */
export function imageName(input: ImageInput): string {
  return input.kind === 'path' ? path.basename(input.path) : 'The image inside the log';
}

/**
 * Reads the encoded picture through one file handle, and not by mapping it: a file that another process cuts short
 * would end this one. The format is checked before the rest of the file is read.
 * @param atMost bytes to read when they suffice; all of them when absent
 * @throws ImcotError `missing`, `denied`, `input` (not a picture that is decoded, not a regular file) or `limit`
 */
export async function readImageBytes(input: ImageInput, atMost?: number): Promise<ImageBytes> {
  const name = imageName(input);
  if (input.kind === 'bytes') {
    return { format: checkFormat(name, input.bytes), bytes: input.bytes, whole: true };
  }
  const handle = await openFile(input.path, name);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new ImcotError('input', `${name} is not a regular file.`);
    if (stats.size > MAX_FILE_BYTES) {
      throw new ImcotError('limit', `${name} has ${stats.size} bytes; at most ${MAX_FILE_BYTES} are read.`);
    }
    const head = await readFrom(handle, Math.min(stats.size, FORMAT_BYTES));
    const format = checkFormat(name, head);
    const bytes = await readFrom(handle, Math.min(stats.size, atMost ?? stats.size));
    return { format, bytes, whole: bytes.length >= stats.size };
  } catch (thrown) {
    throw readFailure(thrown, name);
  } finally {
    await handle.close();
  }
}

async function openFile(file: string, name: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK a named pipe in place of the picture would wait for a writer for ever.
    // The path has its links resolved: one that is a link now was put there since.
    const flags = (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0);
    return await open(file, constants.O_RDONLY | flags);
  } catch (thrown) {
    throw readFailure(thrown, name);
  }
}

function readFailure(thrown: unknown, name: string): ImcotError {
  if (thrown instanceof ImcotError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const options = { cause: thrown };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ImcotError('missing', `${name} is not there any more.`, options);
  }
  if (code === 'ELOOP') {
    return new ImcotError('denied', `${name} is a link now and is not followed.`, options);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ImcotError('denied', `${name} may not be read: check the permissions of the file.`, options);
  }
  return new ImcotError('input', `${name} could not be read (${code || 'unknown reason'}).`, options);
}

/** Up to `length` bytes from the file's start: fewer when it was cut short meanwhile. */
async function readFrom(handle: FileHandle, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

function checkFormat(name: string, bytes: Uint8Array): RasterFormat {
  const guess = guessFormat(bytes);
  if (guess.kind === 'raster') return guess.format;
  const found = guess.kind === 'refused' ? guess.name : bytes.length === 0 ? 'empty' : 'something else';
  throw new ImcotError('input', `${name} is ${found}: expected a PNG, JPEG, WebP, GIF or TIFF picture.`);
}
