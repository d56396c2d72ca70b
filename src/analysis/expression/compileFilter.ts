import { endOfText } from './checkCharacters';
import type { RowTest } from './compileComparison';
import { compileExpression } from './compileExpression';
import type { ExpressionError, FieldTable } from './field';
import { ExpressionProblem } from './field';
import { parseExpression } from './parseExpression';
import { wordSearch } from './wordSearch';

/**
 * What a text asks for.
 *
 * - `all`: nothing was written, so every row passes
 * - `words`: plain words, looked for in the searched fields
 * - `expression`: a test
 * - `error`: neither
 */
export type Filter<Row> =
  | { readonly kind: 'all' | 'words' | 'expression'; readonly test: RowTest<Row> }
  | { readonly kind: 'error'; readonly error: ExpressionError };

/** Makes a test of what somebody wrote into a filter box. Never throws; compiled once, the test holds no state. */
export function compileFilter<Row>(text: string, fields: FieldTable<Row>): Filter<Row> {
  if (text.trim() === '') return { kind: 'all', test: () => true };
  if (!isExpression(text, fields)) return { kind: 'words', test: wordSearch(text, fields) };
  return compileTest(text, fields);
}

/** The same where a test must stand, as in a breakpoint: plain words are an error. */
export function compileTest<Row>(text: string, fields: FieldTable<Row>): Filter<Row> {
  try {
    return { kind: 'expression', test: compileExpression(parseExpression(text), fields) };
  } catch (thrown) {
    if (!(thrown instanceof ExpressionProblem)) throw thrown;
    return { kind: 'error', error: { column: thrown.column, message: thrown.message } };
  }
}

/**
 * Whether a text is meant as a test: it has an operator outside of quotes, or begins with `!`, or asks `known(…)`, or is
 * the name of a field that is true or false and nothing else.
 */
export function isExpression<Row>(text: string, fields: FieldTable<Row>): boolean {
  const bare = withoutTexts(text);
  if (/[=<>]|&&|\|\||\bknown\s*\(|^[\s(]*!\s*[\p{L}(]/u.test(bare)) return true;
  const names = new Map(fields.map(({ name, type }) => [name, type]));
  if (names.get(bare.replaceAll(/[()]/g, '').trim()) === 'boolean') return true;
  const [, field, quote] =
    /^[\s(]*([\p{L}_][\p{L}\p{N}_.]*)\s+(?:contains|matches)\b\s*("?)/u.exec(bare) ?? [];
  return field !== undefined && (names.has(field) || quote !== '');
}

/** The text with all that stands in quotes replaced by an empty text. */
function withoutTexts(text: string): string {
  let bare = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    // An apostrophe inside of a word quotes nothing.
    const quotes = character === '"' || (character === "'" && !/\w/.test(text[at - 1] ?? ' '));
    const end = quotes ? closingEnd(text, at) : undefined;
    if (end === undefined) bare += character;
    else {
      bare += '""';
      at = end - 1;
    }
  }
  return bare;
}

function closingEnd(text: string, start: number): number | undefined {
  try {
    return endOfText(text, start);
  } catch {
    return undefined;
  }
}
