import type { Stats } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { errorMessage, ImcotError } from '../../../common/errors';
import { decodeUtf8, parseJson } from '../../../common/json';

/** A JSON object, as anybody may have written it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** True for an object that is no list. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the file system threw, as a sentence that names the file. */
export function readError(thrown: unknown, file: string): ImcotError {
  if (thrown instanceof ImcotError) return thrown;
  const code = thrown instanceof Error ? (thrown as NodeJS.ErrnoException).code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ImcotError('missing', `There is no file ${file}.`, { cause: thrown });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ImcotError('denied', `The system does not allow reading ${file}.`, { cause: thrown });
  }
  return new ImcotError('input', `${file} could not be read: ${errorMessage(thrown)}`, { cause: thrown });
}

/** What stands at a path, symbolic links followed; undefined where nothing does. Errors: `denied`, `input`. */
export async function statOrNothing(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (thrown) {
    const error = readError(thrown, file);
    if (error.code === 'missing') return undefined;
    throw error;
  }
}

/** The real path of a regular file, symbolic links followed; undefined where there is none. */
export async function realFile(file: string): Promise<string | undefined> {
  const found = await statOrNothing(file);
  if (!found?.isFile()) return undefined;
  return realpath(file).catch((thrown: unknown) => {
    throw readError(thrown, file);
  });
}

/**
 * A JSON file's object; undefined where there is no such file. The size is looked at before anything is read.
 * Errors: `limit` above `maxBytes`; `input` when it is no regular file, no JSON, or no object.
 */
export async function readJsonObject(file: string, maxBytes: number): Promise<JsonObject | undefined> {
  const found = await statOrNothing(file);
  if (!found) return undefined;
  if (!found.isFile()) throw new ImcotError('input', `${file} is no regular file.`);
  if (found.size > maxBytes) {
    throw new ImcotError(
      'limit',
      `${file} has ${found.size} bytes; no such file of a checkpoint comes near ${maxBytes}.`,
    );
  }
  const bytes = await readFile(file).catch((thrown: unknown) => {
    throw readError(thrown, file);
  });
  const parsed = parseJson(decodeUtf8(new Uint8Array(bytes)));
  if (!parsed.ok) throw new ImcotError('input', `${file} is not JSON: ${parsed.error}.`);
  if (!isJsonObject(parsed.value)) throw new ImcotError('input', `${file} does not hold a JSON object.`);
  return parsed.value;
}
