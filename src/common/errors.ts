/**
 * What went wrong, as a value: whose fault it is, and what the person can do next.
 *
 * - `input`: a file or record is not what it should be
 * - `missing`: something is not there (a file, an image)
 * - `denied`: it is there and may not be read (outside the allowed roots, restricted workspace, permissions)
 * - `limit`: it is larger than a limit of ours
 * - `usage`: the caller's words are off
 * - `cancelled`: somebody stopped it
 * - `internal`: a fault of this program
 */
export type ErrorCode = 'input' | 'missing' | 'denied' | 'limit' | 'usage' | 'cancelled' | 'internal';

/** An error whose message is a sentence for a person: what, where, what to do. */
export class ImcotError extends Error {
  override readonly name = 'ImcotError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The sentence to show for anything that was thrown. */
export function errorMessage(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : 'unknown error';
}

/** The code of anything that was thrown; `internal` where nothing better is known. */
export function errorCode(thrown: unknown): ErrorCode {
  return thrown instanceof ImcotError ? thrown.code : 'internal';
}
