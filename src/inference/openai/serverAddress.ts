import { ImcotError } from '../../common/errors';

/** Where a server is. */
export interface ServerAddress {
  /** Scheme, host and port: the only ones that are ever contacted. */
  readonly origin: string;
  /** Where OpenAI's paths begin, without a slash at the end: `http://127.0.0.1:8000/v1`. */
  readonly base: string;
  /** What lies above `/v1`, where the servers' own paths begin. */
  readonly root: string;
}

/** `localhost:8000` reads as a URL whose scheme is `localhost`. */
const HOST_WITHOUT_SCHEME = /^[\w.-]+(:\d+)?(\/|$)/;

/**
 * Reads an address as a person types it. Without a scheme it is `http`; without a path, `/v1` follows; a whole path down
 * to `/chat/completions` is understood.
 * @throws ImcotError `usage` for other schemes and for user names, queries and fragments; the text itself is not
 *   repeated where a password may stand in it
 */
export function parseServerAddress(text: string): ServerAddress {
  const typed = text.trim();
  const url = parseUrl(
    HOST_WITHOUT_SCHEME.test(typed) && !/^https?:/i.test(typed) ? `http://${typed}` : typed,
  );
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw refusal('it must begin with http:// or https://');
  }
  if (url.username !== '' || url.password !== '') throw refusal('a key goes into its own setting');
  if (url.search !== '' || url.hash !== '') throw refusal('it must end with its path');
  const path = url.pathname
    .replace(/\/+$/, '')
    .replace(/\/chat\/completions$/, '')
    .replace(/\/models$/, '');
  const base = path === '' ? `${url.origin}/v1` : `${url.origin}${path}`;
  return { origin: url.origin, base, root: base.replace(/\/v1$/, '') };
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function refusal(reason: string): ImcotError {
  return new ImcotError(
    'usage',
    `The server's address can't be used: ${reason}. An example is http://127.0.0.1:8000/v1.`,
  );
}
