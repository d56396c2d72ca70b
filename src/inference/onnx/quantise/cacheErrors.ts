import { errorMessage, ImcotError } from '../../../common/errors';

/** Bytes for a person. */
export function inGigabytes(bytes: number): string {
  const unit = bytes >= 1e9 ? 1e9 : 1e6;
  return `${(bytes / unit).toFixed(bytes >= 10 * unit ? 0 : 1)} ${unit === 1e9 ? 'GB' : 'MB'}`;
}

/** What the file system said while an entry was made, as a sentence about the cache folder. */
export function cacheError(thrown: unknown, folder: string, bytes: number): ImcotError {
  if (thrown instanceof ImcotError) return thrown;
  const elsewhere = 'Choose another cache folder in the settings, or open the model in full precision.';
  const cause = { cause: thrown };
  switch ((thrown as NodeJS.ErrnoException).code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new ImcotError(
        'limit',
        `The disk of ${folder} is full: the quantised weights need ${inGigabytes(bytes)}. ${elsewhere}`,
        cause,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    // What making a folder in a read-only one says.
    case 'ENOENT':
      return new ImcotError(
        'denied',
        `Nothing can be written to the cache folder ${folder}. ${elsewhere}`,
        cause,
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new ImcotError(
        'usage',
        `The cache folder ${folder} can't be made: a part of its path is a file. ${elsewhere}`,
        cause,
      );
    default:
      return new ImcotError(
        'input',
        `Quantised weights could not be written to ${folder}: ${errorMessage(thrown)}`,
        cause,
      );
  }
}

/** @throws ImcotError `limit` when the disk has less than the entry takes */
export function checkFree(free: number, bytes: number, folder: string): void {
  if (free >= bytes) return;
  throw new ImcotError(
    'limit',
    `The quantised weights need ${inGigabytes(bytes)}, and the disk of ${folder} has ${inGigabytes(free)} free. ` +
      'Make room, choose another cache folder in the settings, or open the model in full precision.',
  );
}

/** @throws ImcotError `limit` when one entry is larger than the whole cache may be */
export function checkLimit(limit: number, bytes: number, folder: string): void {
  if (limit >= bytes) return;
  throw new ImcotError(
    'limit',
    `The quantised weights take ${inGigabytes(bytes)}, and the cache ${folder} may hold ${inGigabytes(limit)}. ` +
      'Raise the limit in the settings, or open the model in full precision.',
  );
}
