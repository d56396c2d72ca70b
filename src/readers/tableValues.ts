import type { JsonRecord } from './fields';
import { asRecord } from './fields';

/** Nesting of values that is followed; what is deeper is null. */
const MAX_DEPTH = 64;

/**
 * A table's value as JSON has it: a 64-bit integer becomes a number, or its digits where a number would lose some; a
 * date its ISO text; bytes their count.
 */
export function plainValue(value: unknown, depth = 0): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  // What is absent inside a list or a struct comes as either.
  if (value === undefined || value === null) return null;
  if (typeof value !== 'object') return value;
  if (depth >= MAX_DEPTH) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (Array.isArray(value)) return value.map((entry) => plainValue(entry, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plainValue(entry, depth + 1)]));
}

/** All fields of a row as JSON has them. */
export function plainRow(row: JsonRecord): JsonRecord {
  return asRecord(plainValue(row)) ?? {};
}
