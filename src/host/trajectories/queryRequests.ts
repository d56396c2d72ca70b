import { MAX_EXPRESSION } from '../../analysis/expression/checkCharacters';
import { ImcotError } from '../../common/errors';
import type { RowQuery, RowSort } from '../../protocol/listView';
import { checkIndex } from './pageRequests';

/** Most ranges that a list is narrowed to. */
const MAX_RANGES = 1_000_000;

const wrong = (what: string): ImcotError =>
  new ImcotError('usage', `The page asked for something that does not exist: ${what}.`);

/** A query as the page sends it, with nothing in it but what a query has. @throws ImcotError `usage` */
export function checkQuery(value: unknown): RowQuery {
  if (typeof value !== 'object' || value === null) throw wrong('a list of nothing');
  const { text, sort, ranges, selected } = value as Partial<Record<keyof RowQuery, unknown>>;
  // One unit more than is allowed, so that the language itself says what is wrong with it.
  if (typeof text !== 'string') throw wrong('a filter that is no text');
  return {
    text: text.slice(0, MAX_EXPRESSION + 1),
    ...(sort !== undefined && { sort: checkSort(sort) }),
    ...(ranges !== undefined && { ranges: checkRanges(ranges) }),
    ...(selected !== undefined && { selected: checkIndex(selected) }),
  };
}

function checkSort(value: unknown): RowSort {
  const { field, descending } = (value ?? {}) as Partial<Record<keyof RowSort, unknown>>;
  if (typeof field !== 'string' || field.length > 100) throw wrong('a column');
  return { field, descending: descending === true };
}

function checkRanges(value: unknown): readonly (readonly [number, number])[] {
  if (!Array.isArray(value) || value.length > MAX_RANGES) throw wrong('rows that are no ranges');
  let least = 0;
  return (value as unknown[]).map((pair) => {
    if (!Array.isArray(pair)) throw wrong('rows that are no ranges');
    const [start, end] = [checkIndex(pair[0]), checkIndex(pair[1])];
    if (start < least || end < start) throw wrong('rows in reverse');
    least = end;
    return [start, end];
  });
}
