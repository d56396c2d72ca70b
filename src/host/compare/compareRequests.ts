import type { Cell } from '../../analysis/compare/comparison';
import { CELLS } from '../../analysis/compare/comparison';
import { MAX_EXPRESSION } from '../../analysis/expression/checkCharacters';
import { ImcotError } from '../../common/errors';
import type { CompareQuery, Side } from '../../protocol/compareView';
import { checkIndex } from '../trajectories/pageRequests';

const wrong = (what: string): ImcotError =>
  new ImcotError('usage', `The page asked for something that does not exist: ${what}.`);

/** One of the two logs. @throws ImcotError `usage` */
export function checkSide(value: unknown): Side {
  if (value === 'a' || value === 'b') return value;
  throw wrong('a log');
}

/** A query as the page sends it, with nothing in it but what a query has. @throws ImcotError `usage` */
export function checkCompareQuery(value: unknown): CompareQuery {
  if (typeof value !== 'object' || value === null) throw wrong('a list of nothing');
  const { cell, text, selected } = value as Partial<Record<keyof CompareQuery, unknown>>;
  if (typeof text !== 'string') throw wrong('a filter that is no text');
  return {
    // One unit more than is allowed, so that the language itself says what is wrong with it.
    text: text.slice(0, MAX_EXPRESSION + 1),
    ...(cell !== undefined && { cell: checkCell(cell) }),
    ...(selected !== undefined && { selected: checkIndex(selected) }),
  };
}

function checkCell(value: unknown): Cell {
  const found = CELLS.find((cell) => cell === value);
  if (found === undefined) throw wrong('an outcome');
  return found;
}
