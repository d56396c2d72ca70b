/** Longest path that is looked at, in UTF-16 units: what operating systems take at most. */
const MAX_LENGTH = 4096;

/** A path from a log that may be looked for, or why not. */
export type CheckedPath =
  | {
      readonly ok: true;
      /** Between slashes, `.` and empty ones left out, `..` kept. Never empty; the last one is a plain name. */
      readonly segments: readonly string[];
      /** It starts at the root of the file system. */
      readonly absolute: boolean;
    }
  | { readonly ok: false; readonly reason: string };

/**
 * Looks at a path as text, before any file system sees it. Refused is what means something else on another system:
 * a backslash or a drive is plain on Linux and leaves the folder on Windows, `//host/share` sends credentials there.
 */
export function checkLoggedPath(logged: string, platform: string = process.platform): CheckedPath {
  const refuse = (reason: string): CheckedPath => ({ ok: false, reason });
  if (logged.length > MAX_LENGTH) return refuse(`The path has ${logged.length} characters.`);
  if (logged.includes('\0')) return refuse('The path holds a NUL character.');
  if (logged.includes('\\')) return refuse('The path holds a backslash; only paths with / are followed.');
  if (logged.startsWith('//')) return refuse('The path names another computer (it starts with //).');
  if (/^[a-z][a-z0-9+.-]*:/i.test(logged)) {
    return refuse(
      'The path starts with a drive or an address such as file: or http:, which is not followed.',
    );
  }
  // On Windows "name:stream" is another file behind the named one.
  if (platform === 'win32' && logged.includes(':')) return refuse('The path holds a colon.');
  const segments = logged.split('/').filter((segment) => segment !== '' && segment !== '.');
  const name = segments.at(-1);
  if (name === undefined || name === '..' || logged.endsWith('/')) return refuse('The path names no file.');
  return { ok: true, segments, absolute: logged.startsWith('/') };
}
