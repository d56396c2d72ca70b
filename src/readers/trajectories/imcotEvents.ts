import { EVENT_LOG_VERSION } from '../../trajectory/eventLog';

/*
 * What an index needs to know of the project's own event log (docs/trajectory-format.md): which line belongs to which
 * trajectory, told from the line's first bytes without parsing it.
 */

/** How many bytes of a line `eventKey` needs at most. */
export const EVENT_KEY_BYTES = 64;

const HEADER = /^\ufeff?\s*\{\s*"imcot"\s*:/;
const EVENT = /^\ufeff?\s*\{\s*"t"\s*:\s*(0|[1-9]\d{0,14})\s*[,}]/;

/**
 * To which trajectory of its file a line of an event log belongs: a number from 0 that only names it, `'header'` for
 * the header line, undefined for a line that is neither (damaged, or no event log).
 * @param linePrefix the line's first bytes: the whole line or at least `EVENT_KEY_BYTES` of it
 */
export function eventKey(linePrefix: Uint8Array): number | 'header' | undefined {
  const number = writtenKey(linePrefix);
  if (number !== undefined) return number;
  let text = '';
  const end = Math.min(linePrefix.length, EVENT_KEY_BYTES);
  // Byte by byte as Latin-1: all that is looked for is ASCII, and a decoder per line would cost more.
  for (let index = 0; index < end; index++) text += String.fromCharCode(linePrefix[index] ?? 0);
  text = text.replace(/^\u00ef\u00bb\u00bf/, '');
  const key = EVENT.exec(text)?.[1];
  if (key !== undefined) return Number(key);
  return HEADER.test(text) ? 'header' : undefined;
}

const WRITTEN = Uint8Array.from('{"t":', (character) => character.charCodeAt(0));
const COMMA = 44;

/**
 * The number of a line as this project writes it, `{"t":7,` to the letter: most lines of all logs, of which there may be
 * millions. Undefined for any other line, which may still be an event.
 */
function writtenKey(line: Uint8Array): number | undefined {
  for (let at = 0; at < WRITTEN.length; at++) if (line[at] !== WRITTEN[at]) return undefined;
  let value = 0;
  let at = WRITTEN.length;
  for (; at < WRITTEN.length + 15; at++) {
    const digit = (line[at] ?? 0) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  const digits = at - WRITTEN.length;
  const leadingZero = digits > 1 && line[WRITTEN.length] === 48;
  return digits > 0 && !leadingZero && line[at] === COMMA ? value : undefined;
}

/**
 * Why a file with this header can't be read, as a sentence; undefined when it can. A source asks this once for the
 * file's first line, before it reads any record.
 * @param header the JSON value of the header line
 */
export function headerProblem(header: unknown): string | undefined {
  const version =
    typeof header === 'object' && header !== null && Object.hasOwn(header, 'imcot')
      ? (header as Record<string, unknown>)['imcot']
      : undefined;
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) {
    return 'The first line of an event log must be its header, {"imcot":1,...}; this one is something else.';
  }
  if (version > EVENT_LOG_VERSION) {
    return (
      `This event log has version ${version} and this program reads up to version ${EVENT_LOG_VERSION}. ` +
      'Install a newer version to open it.'
    );
  }
  return undefined;
}
