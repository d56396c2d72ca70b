import { RE2JS } from 're2js';
import { ImcotError } from '../../common/errors';

/** What is looked for in a text. */
export interface TextQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  /** The text is a regular expression of RE2's, whose time grows with the searched text alone. */
  readonly regex: boolean;
}

/** A match: half-open, in UTF-16 units. */
export type TextMatch = readonly [start: number, end: number];

/** Gives the matches of a text from left to right; they do not overlap, and none is empty. */
export type TextFinder = (text: string) => Generator<TextMatch, void, undefined>;

/** Longest text or expression that is looked for, in UTF-16 units. */
export const MAX_TEXT_QUERY = 1000;

/**
 * Makes a query ready for many texts.
 * @throws ImcotError `usage` or `limit` with a sentence: nothing to look for, too long, no expression
 */
export function textFinder(query: TextQuery): TextFinder {
  const { text, wholeWord } = query;
  if (text === '') throw new ImcotError('usage', 'There is nothing to look for.');
  if (text.length > MAX_TEXT_QUERY)
    throw new ImcotError('limit', `At most ${MAX_TEXT_QUERY} characters can be looked for.`);
  const find = query.regex ? expressionFinder(query) : plainFinder(query);
  if (!wholeWord) return find;
  return function* (searched) {
    for (const match of find(searched)) if (isWord(searched, match)) yield match;
  };
}

/** A plain text never goes back in what it searches, so the browser's own engine is safe, and far quicker. */
function plainFinder({ text, matchCase }: TextQuery): TextFinder {
  const expression = new RegExp(text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), matchCase ? 'gu' : 'giu');
  return function* (searched) {
    for (const { index, 0: found } of searched.matchAll(expression)) yield [index, index + found.length];
  };
}

function expressionFinder({ text, matchCase }: TextQuery): TextFinder {
  const compiled = compile(text, RE2JS.MULTILINE | (matchCase ? 0 : RE2JS.CASE_INSENSITIVE));
  return function* (searched) {
    const matcher = compiled.matcher(searched);
    while (matcher.find()) if (matcher.end() > matcher.start()) yield [matcher.start(), matcher.end()];
  };
}

function compile(text: string, flags: number): RE2JS {
  try {
    return RE2JS.compile(text, flags);
  } catch (thrown) {
    const words = thrown instanceof Error ? thrown.message.replace(/^error parsing regexp: /, '') : '';
    // Flags stand before the expression that it quotes, where nobody wrote them.
    throw new ImcotError(
      'usage',
      `This is no regular expression: ${words.replace(/`(?:\(\?[im]\))+/, '`')}.`,
    );
  }
}

const WORD_BEFORE = /[\p{L}\p{M}\p{N}_]$/u;
const WORD_AFTER = /^[\p{L}\p{M}\p{N}_]/u;

/** Whether neither end of a match is within a word. A character has at most two units. */
function isWord(text: string, [start, end]: TextMatch): boolean {
  return (
    !WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start)) && !WORD_AFTER.test(text.slice(end, end + 2))
  );
}
