import { asRecord } from './fields';

/**
 * The rows of a table that is an object of columns, one list each: as many as its first list has entries. A field that
 * is no list of that length stands in every row as it is. What is no table, or an empty one, is one row: itself, so that
 * it is not lost.
 */
export function columnRows(value: unknown): readonly unknown[] {
  const entries = Object.entries(asRecord(value) ?? {});
  const first = entries.map(([, column]) => column).find((column) => Array.isArray(column));
  if (!Array.isArray(first) || first.length === 0) return [value];
  return Array.from({ length: first.length }, (_, row) =>
    Object.fromEntries(
      entries.map(([name, column]) => [
        name,
        Array.isArray(column) && column.length === first.length ? (column[row] as unknown) : column,
      ]),
    ),
  );
}
