import { ExpressionProblem } from './field';

/** Longer expressions are refused: no person writes one, and depth is bounded by length. */
export const MAX_EXPRESSION = 2000;

const OPERATORS = ['==', '!=', '<=', '>=', '&&', '||'] as const;
const INSTEAD: Readonly<Record<string, string>> = {
  '=': 'Write == to compare.',
  '&': 'Write && for "and".',
  '|': 'Write || for "or".',
  '`': 'Write texts in "…" or \'…\'.',
  '“': 'Write texts in "…" with straight quotes.',
  '”': 'Write texts in "…" with straight quotes.',
};
/** The parser takes these for separators, members, arithmetic and choices, none of which the language has. */
const FOREIGN = new Set([...'=&|`“”;,?:[]{}+*/%^~#@\\']);

/**
 * The parser takes more than the language has, some of it without a trace in its tree. This finds what it would pass
 * over, texts that are not closed, and slips that deserve a better sentence.
 * @throws ExpressionProblem at the first such place
 */
export function checkCharacters(text: string): void {
  if (text.length > MAX_EXPRESSION) {
    throw new ExpressionProblem(MAX_EXPRESSION, `An expression has at most ${MAX_EXPRESSION} characters.`);
  }
  let at = 0;
  while (at < text.length) {
    const character = text[at] ?? '';
    if (character === '"' || character === "'") at = endOfText(text, at);
    else if (text.startsWith('===', at) || text.startsWith('!==', at)) {
      throw new ExpressionProblem(at, `Write ${text.slice(at, at + 2)} with two characters.`);
    } else if (OPERATORS.some((operator) => text.startsWith(operator, at))) at += 2;
    else if (FOREIGN.has(character)) {
      throw new ExpressionProblem(
        at,
        INSTEAD[character] ?? `"${character}" has no meaning outside of a text in quotes.`,
      );
    } else at++;
  }
}

/** One past the closing quote of the text that begins at this place. */
export function endOfText(text: string, start: number): number {
  const quote = text[start];
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === quote) return at + 1;
  }
  throw new ExpressionProblem(start, `The text that begins here is not closed: ${String(quote)} is missing.`);
}

/** What a text in quotes says: a backslash stands before a quote or another backslash; before anything else it is itself. */
export function unquoted(raw: string): string {
  return raw.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1');
}
