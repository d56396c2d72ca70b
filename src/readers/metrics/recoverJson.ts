import { parseJson } from '../../common/json';

/*
 * What can be had of JSON in one piece that is cut off, or damaged somewhere: its small whole parts, each read by
 * itself, so that damage costs the part that it stands in and no other.
 */

/** Longest object that is looked for, in characters: where a brace or quote is damaged nothing else ends the search. */
const LONGEST = 64 * 1024;

/** The whole objects behind a place, outermost first; what stands inside one that is whole is not looked at. */
export function* wholeObjects(text: string, from: number): Generator<Readonly<Record<string, unknown>>> {
  for (let at = text.indexOf('{', from); at >= 0;) {
    const end = endOfObject(text, at);
    const parsed = end === undefined ? undefined : parseJson(text.slice(at, end));
    const isWhole = parsed?.ok === true && end !== undefined;
    if (isWhole) yield parsed.value as Record<string, unknown>;
    at = text.indexOf('{', isWhole ? end : at + 1);
  }
}

/** One past the brace that closes the object at `start`; undefined where none does. */
function endOfObject(text: string, start: number): number | undefined {
  const limit = Math.min(text.length, start + LONGEST);
  let depth = 0;
  for (let at = start; at < limit; at++) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at, limit);
    else if (char === '{') depth++;
    else if (char === '}' && --depth === 0) return at + 1;
  }
  return undefined;
}

/** Position of the closing quote; the limit where there is none. */
function endOfString(text: string, quote: number, limit: number): number {
  for (let at = quote + 1; at < limit; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '"') return at;
  }
  return limit;
}

/** `"name": [`, or `[step, value]`. */
const NAME_OR_POINT = /"((?:[^"\\]|\\.)*)"\s*:\s*\[|\[\s*([^[\],\s]+)\s*,\s*([^[\],\s]+)\s*\]/g;

/** A pair of JSON values in brackets, with the name in front of the list that it stands in. */
export interface NamedPair {
  readonly name: string;
  readonly pair: readonly [unknown, unknown];
}

/** The whole pairs behind a place, each under the last name before it; those in front of any name are left out. */
export function* wholePairs(text: string, from: number): Generator<NamedPair> {
  let name: string | undefined;
  const pattern = new RegExp(NAME_OR_POINT);
  pattern.lastIndex = from;
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    const [, quoted, first, second] = found;
    if (quoted !== undefined) {
      const parsed = parseJson(`"${quoted}"`);
      name = parsed.ok && typeof parsed.value === 'string' ? parsed.value : undefined;
      continue;
    }
    const pair = parseJson(`[${first}, ${second}]`);
    if (name !== undefined && pair.ok) yield { name, pair: pair.value as [unknown, unknown] };
  }
}
