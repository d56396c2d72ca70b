import type { Size } from '../../common/boundingBox';
import type { JsonRecord } from '../fields';
import { asRecord } from '../fields';

/*
 * Fields as they are spread into objects with optional properties: what has the wrong type reads as not recorded. Stricter
 * than `fields`: a number is a JSON number here.
 */

/** `asRecord` as a guard, for values that are read by several names. */
export function isJsonRecord(value: unknown): value is JsonRecord {
  return asRecord(value) !== undefined;
}

/** `{ [name]: value }` when it is a text, else nothing: to be spread into an object with optional properties. */
export function textField<K extends string>(name: K, value: unknown): { readonly [P in K]?: string } {
  return typeof value === 'string' ? ({ [name]: value } as { readonly [P in K]: string }) : {};
}

/** The same for numbers. */
export function numberField<K extends string>(name: K, value: unknown): { readonly [P in K]?: number } {
  return typeof value === 'number' ? ({ [name]: value } as { readonly [P in K]: number }) : {};
}

/** The same for lists of numbers. */
export function numbersField<K extends string>(
  name: K,
  value: unknown,
): { readonly [P in K]?: readonly number[] } {
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'number')) return {};
  return { [name]: value as readonly number[] } as { readonly [P in K]?: readonly number[] };
}

/** The value when it is one of the words. */
export function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}

/** A size in whole pixels, not negative. */
export function sizeOf(value: unknown): Size | undefined {
  if (!isJsonRecord(value)) return undefined;
  const { width, height } = value;
  return isCount(width) && isCount(height) ? { width, height } : undefined;
}

/** Whether a value is a whole number from 0. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
