import type { JsonRecord } from './fields';

/** Nesting of extra values that is kept. Views draw them and channels copy them, both by recursion. */
const MAX_DEPTH = 64;
/** What stands where the nesting was cut. */
export const DEPTH_MARK = '[nested too deeply to show]';

function isDeeper(value: unknown, limit: number): boolean {
  let level: object[] = typeof value === 'object' && value !== null ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth >= limit) return true;
    level = level.flatMap((entry) =>
      Object.values(entry).filter((child): child is object => typeof child === 'object' && child !== null),
    );
  }
  return false;
}

function cut(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return DEPTH_MARK;
  if (Array.isArray(value)) return value.map((entry) => cut(entry, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, cut(entry, depth + 1)]));
}

/** A value that can be walked by recursion: deeper nesting than 64 is replaced with a mark. */
export function withBoundedDepth(value: unknown): unknown {
  return isDeeper(value, MAX_DEPTH) ? cut(value, 0) : value;
}

/** All fields of a record but those that the reader has used, in file order. */
export function extrasOf(record: JsonRecord, used: ReadonlySet<string>): ReadonlyMap<string, unknown> {
  return new Map(
    Object.entries(record)
      .filter(([key]) => !used.has(key))
      .map(([key, value]) => [key, withBoundedDepth(value)]),
  );
}
