import { APIConnectionError, APIError } from 'openai';
import type { ErrorCode } from '../../common/errors';
import { ImcotError } from '../../common/errors';
import { field } from './fields';
import type { Secret } from './secret';
import { ServerRefusal } from './serverRefusal';

const LONGEST_REASON = 300;
const CAUSES_FOLLOWED = 8;

/** What really went wrong below the client library's own errors. */
export function rootFailure(thrown: unknown): unknown {
  if (thrown instanceof APIConnectionError && thrown.cause !== undefined) return rootFailure(thrown.cause);
  return thrown;
}

/** The code that Node gave a connection's failure, such as `ECONNREFUSED`. */
export function connectionCode(thrown: unknown): string | undefined {
  let error: unknown = thrown;
  for (let depth = 0; depth < CAUSES_FOLLOWED && error !== undefined; depth++) {
    const code = field(error, 'code');
    if (typeof code === 'string') return code;
    // Several addresses of one name were tried: the first one speaks for all.
    const several = field(error, 'errors');
    error = Array.isArray(several) ? (several as readonly unknown[])[0] : causeOf(error);
  }
  return undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

/**
 * A failed request as a sentence. It has no cause, since the errors below may hold what was sent.
 * @param origin where the server is
 */
export function describeFailure(thrown: unknown, origin: string, secret: Secret): ImcotError {
  const failure = rootFailure(thrown);
  if (failure instanceof ImcotError) return failure;
  if (failure instanceof ServerRefusal) return describeRefusal(failure, origin, secret);
  const told = failure instanceof APIError ? failure.message : undefined;
  if (told !== undefined && !(failure instanceof APIConnectionError)) {
    return new ImcotError('input', `The server at ${origin} broke off: ${excerpt(told, secret)}`);
  }
  if (failure instanceof SyntaxError) {
    return new ImcotError(
      'input',
      `The server at ${origin} sent what is no JSON. Check that this is a model server.`,
    );
  }
  const code = connectionCode(failure);
  const hint =
    code === 'ECONNREFUSED' ? 'Is it running, and is the port right?' : 'Check address and network.';
  return new ImcotError(
    'missing',
    `The server at ${origin} can't be reached${code === undefined ? '' : ` (${code})`}. ${hint}`,
  );
}

interface Verdict {
  readonly code: ErrorCode;
  readonly sentence: string;
}

function describeRefusal(refusal: ServerRefusal, origin: string, secret: Secret): ImcotError {
  const { code, sentence } = verdictOn(refusal.status);
  const reason = excerpt(refusal.reason, secret);
  const said = reason === '' ? '' : ` It says: ${reason}`;
  return new ImcotError(code, `The server at ${origin} ${sentence} (status ${refusal.status}).${said}`);
}

function verdictOn(status: number): Verdict {
  if (status === 401 || status === 403)
    return { code: 'denied', sentence: 'does not accept the key: set another one' };
  if (status === 404)
    return { code: 'missing', sentence: 'does not know this: check its address and the model name' };
  if (status === 408) return { code: 'limit', sentence: 'did not get the request in time' };
  if (status === 413)
    return { code: 'limit', sentence: 'takes no request this large: use smaller pictures or fewer' };
  if (status === 429)
    return { code: 'limit', sentence: 'is asked too often: try later or allow fewer at a time' };
  if (status >= 500) return { code: 'missing', sentence: 'is in trouble: look at its own log' };
  return { code: 'input', sentence: 'refuses the request' };
}

/** A stranger's text on one line, cut to what fits into a sentence. */
export function excerpt(text: string, secret: Secret): string {
  const line = secret
    .redact(text)
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= LONGEST_REASON ? line : `${line.slice(0, LONGEST_REASON)}…`;
}
