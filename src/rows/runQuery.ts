import type { RowTest } from '../analysis/expression/compileComparison';
import type { Field } from '../analysis/expression/field';
import { TextColumn } from './column';
import type { RowTable } from './rowTable';
import type { RowQuery, RowSort } from '../protocol/listView';
import { sortRows } from './sortRows';

/** Rows that are tested before a pause is possible. */
const PAUSE = 512;

/** The rows that a query asks for, in their order. Yields often. */
export function* runQuery(
  table: RowTable,
  test: RowTest<number>,
  { ranges, sort }: RowQuery,
): Generator<void, Uint32Array, void> {
  const found = yield* testedRows(table.count, test, ranges);
  if (!sort) return found;
  const keys = yield* keysOf(table, sort);
  return yield* sortRows(found, keys, sort.descending);
}

function* testedRows(
  count: number,
  test: RowTest<number>,
  ranges: RowQuery['ranges'] = [[0, count]],
): Generator<void, Uint32Array, void> {
  const rows = new Uint32Array(count);
  let found = 0;
  for (const [start, end] of ranges) {
    for (let row = start; row < Math.min(end, count); row++) {
      if (test(row)) rows[found++] = row;
      if (row % PAUSE === 0) yield;
    }
  }
  return rows.slice(0, found);
}

/** A number for each row by which it is sorted; NaN where the field is not recorded. */
function* keysOf(table: RowTable, { field: name }: RowSort): Generator<void, Float64Array, void> {
  const keys = new Float64Array(table.count);
  const column = table.column(name);
  const field = table.fields.find((candidate) => candidate.name === name);
  const ranks = column instanceof TextColumn ? yield* ranksOf(column.all) : undefined;
  for (let row = 0; row < table.count; row++) {
    keys[row] =
      ranks && column instanceof TextColumn ? (ranks[column.idAt(row)] as number) : keyOf(field, row);
    if (row % PAUSE === 0) yield;
  }
  return keys;
}

function keyOf(field: Field<number> | undefined, row: number): number {
  const value = field?.read(row);
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  // Sets of names by how many they hold.
  return typeof value === 'object' ? value.length : NaN;
}

/** The place of each text among all of them, case aside; equal texts have the same. Text 0 stands for none. */
function* ranksOf(texts: readonly string[]): Generator<void, Float64Array, void> {
  const order = yield* sortTexts(texts);
  const ranks = new Float64Array(texts.length);
  let rank = 0;
  let last: string | undefined;
  for (const [at, id] of order.entries()) {
    const text = folded(texts[id]);
    if (text !== last) rank++;
    last = text;
    ranks[id] = rank;
    if (at % PAUSE === 0) yield;
  }
  ranks[0] = NaN;
  return ranks;
}

/** What texts are sorted by: long beginnings decide nothing that a person would see. */
const folded = (text = ''): string => text.slice(0, 64).trimStart().toLowerCase();

function* sortTexts(texts: readonly string[]): Generator<void, Uint32Array, void> {
  const keys: string[] = [];
  for (const text of texts) {
    keys.push(folded(text));
    if (keys.length % PAUSE === 0) yield;
  }
  let from = Uint32Array.from(keys.keys());
  let to = new Uint32Array(from.length);
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(from.length, start + width);
      const end = Math.min(from.length, start + 2 * width);
      let [left, right] = [start, middle];
      for (let at = start; at < end; at++) {
        const isLeft =
          left < middle &&
          (right >= end || (keys[from[left] as number] as string) <= (keys[from[right] as number] as string));
        to[at] = from[isLeft ? left++ : right++] as number;
        if (at % PAUSE === 0) yield;
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
