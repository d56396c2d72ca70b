import { previewJson } from './json';

const MAX_DEPTH = 200;
const CUT_LENGTH = 1000;

/**
 * A value as one line of JSON that `parseJson` reads back equal. Unlike `JSON.stringify` it keeps NaN and the infinities
 * (as the bare words that Python writes) and negative zero, and does not overflow on deep values: what is nested deeper
 * than 200 becomes a text that shows its beginning. Properties that are undefined are left out; a Map becomes an object.
 */
export function writeJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'function' || typeof value === 'symbol') return 'null';
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  if (depth >= MAX_DEPTH) return JSON.stringify(previewJson(value, CUT_LENGTH));
  if (Array.isArray(value)) return `[${value.map((entry: unknown) => write(entry, depth + 1)).join(',')}]`;
  const entries: Iterable<readonly [unknown, unknown]> =
    value instanceof Map ? (value as ReadonlyMap<unknown, unknown>) : Object.entries(value);
  const pieces: string[] = [];
  for (const [key, held] of entries) {
    if (held !== undefined) pieces.push(`${JSON.stringify(String(key))}:${write(held, depth + 1)}`);
  }
  return `{${pieces.join(',')}}`;
}
