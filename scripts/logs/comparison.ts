import type { Ledger } from './ledger';
import type { ToldFile } from './told';

/** An object of expected.json. */
export type Fields = Readonly<Record<string, unknown>>;

/** How the entries of one form are compared with what a reader told. */
export interface Comparison {
  /** Whether an entry of expected.json has this form. */
  fits(entry: Fields): boolean;
  compare(entry: Fields, told: ToldFile, ledger: Ledger): void;
}

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};

export const listOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as readonly unknown[]) : [];
