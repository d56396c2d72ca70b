import { ImcotError } from '../../common/errors';
import { limitLines, limitTotal } from './limitBody';
import type { Secret } from './secret';
import type { ServerAddress } from './serverAddress';
import { excerpt } from './serverFailure';
import { ServerRefusal } from './serverRefusal';

type Fetch = typeof fetch;
type FetchInput = Parameters<Fetch>[0];
type FetchInit = NonNullable<Parameters<Fetch>[1]>;

/** What a request carries beside its key. The client library would add the machine's system, processor and runtime. */
const PASSED_HEADERS = ['accept', 'content-type'];

/** The longest line of a stream and the largest other answer, in bytes: beyond them lies a fault, not a model. */
const LONGEST_LINE = 4 * 1024 * 1024;
const LARGEST_ANSWER = 16 * 1024 * 1024;
const LONGEST_REFUSAL = 64 * 1024;

/** Its answers are streams; all others are read whole. */
const STREAMED_PATH = '/chat/completions';

/**
 * A `fetch` that talks to one server: no other origin, no redirect, no header but those needed, and answers of bounded
 * size. It throws `ImcotError` for what it will not do and `ServerRefusal` for a status of 400 or more.
 * @param use the real `fetch`
 */
export function guardedFetch(address: ServerAddress, secret: Secret, use: Fetch): Fetch {
  return async (input: FetchInput, init: FetchInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : String(input));
    if (url.origin !== address.origin) {
      throw new ImcotError(
        'internal',
        `A request to ${url.origin} was refused: only the server's own address may be asked.`,
      );
    }
    const headers = new Headers();
    const given = new Headers(init.headers);
    for (const name of PASSED_HEADERS) {
      const value = given.get(name);
      if (value !== null) headers.set(name, value);
    }
    secret.authorize(headers);
    const response = await use(url, { ...init, headers, redirect: 'manual', credentials: 'omit' });
    if (response.type === 'opaqueredirect' || (response.status >= 300 && response.status < 400)) {
      await response.body?.cancel();
      throw new ImcotError(
        'input',
        `The server at ${address.origin} sends elsewhere (status ${response.status}), and redirects are not followed: use the address where the server really is.`,
      );
    }
    if (response.status >= 400) throw await refusalOf(response, secret);
    if (url.pathname.endsWith(STREAMED_PATH) && !isEventStream(response)) {
      const kind = response.headers.get('content-type') ?? 'no content type';
      const start = excerpt(await readStart(response), secret);
      throw new ImcotError(
        'input',
        `The server at ${address.origin} answers with ${excerpt(kind, secret)} where a stream should come: ${start || 'nothing'}. Check that this is a model server.`,
      );
    }
    return bounded(response);
  };
}

async function refusalOf(response: Response, secret: Secret): Promise<ServerRefusal> {
  const body = secret.redact(await readStart(response));
  return new ServerRefusal(response.status, body, response.headers.get('retry-after'));
}

/** The beginning of a body that is only to be told about. */
async function readStart(response: Response): Promise<string> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (text.length > LONGEST_REFUSAL) break;
    }
  } catch {
    // What came until then is all that there is to tell.
  }
  return text;
}

function bounded(response: Response): Response {
  if (response.body === null) return response;
  const isStream = isEventStream(response);
  const body = isStream ? limitLines(response.body, LONGEST_LINE) : limitTotal(response.body, LARGEST_ANSWER);
  const { status, statusText, headers } = response;
  return new Response(body, { status, statusText, headers });
}

function isEventStream(response: Response): boolean {
  return /^text\/event-stream\b/i.test(response.headers.get('content-type') ?? '');
}
