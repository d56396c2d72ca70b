import { errorMessage, ImcotError } from '../common/errors';

/** What a person looks for. */
export interface LogQuery {
  readonly text: string;
  readonly matchCase: boolean;
  readonly wholeWord: boolean;
  /** The text is a regular expression of JavaScript's, matched within lines. */
  readonly regex: boolean;
}

/** How a query is looked for. */
export type LogPattern =
  /** These very bytes. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** An expression over bytes that are read as Latin-1, so that positions are bytes. */
  | { readonly kind: 'binary'; readonly expression: RegExp; readonly longest: number }
  /** An expression of the person's own over the text of lines. */
  | { readonly kind: 'lines'; readonly expression: RegExp; readonly looksAround: boolean };

/** Longest text or expression that is looked for, in UTF-16 units. */
export const MAX_QUERY = 1000;
/** A byte of a word: a letter, digit or underscore of ASCII, or any byte of a character beyond. */
const WORD_BYTE = '[0-9A-Za-z_\\x80-\\xff]';

/** The same in a text. */
const WORD_UNIT = '[0-9A-Za-z_\\u0080-\\uffff]';

/**
 * Makes the pattern of a query.
 * @throws ImcotError `usage` with a sentence: nothing to look for, too long, no valid expression
 */
export function patternOf({ text, matchCase, wholeWord, regex }: LogQuery): LogPattern {
  if (text === '') throw new ImcotError('usage', 'There is nothing to look for.');
  if (text.length > MAX_QUERY)
    throw new ImcotError('limit', `At most ${MAX_QUERY} characters can be looked for.`);
  if (regex) return linePattern(text, matchCase, wholeWord);
  if (/[\n\r]/.test(text))
    throw new ImcotError('usage', 'A text is looked for within lines: it can hold no line end.');
  const bytes = utf8(text);
  if (matchCase && !wholeWord) return { kind: 'bytes', bytes };
  const body = matchCase ? escapeBytes(bytes) : [...text].map(anyCase).join('');
  const source = wholeWord ? `(?<!${WORD_BYTE})${body}(?!${WORD_BYTE})` : body;
  // Another case of a character may take one byte more.
  return {
    kind: 'binary',
    expression: new RegExp(source, 'g'),
    longest: bytes.length + [...text].length * 2,
  };
}

function linePattern(text: string, matchCase: boolean, wholeWord: boolean): LogPattern {
  const source = wholeWord ? `(?<!${WORD_UNIT})(?:${text})(?!${WORD_UNIT})` : text;
  const flags = `gm${matchCase ? '' : 'i'}`;
  try {
    // As written first, so that a message is about what the person wrote.
    new RegExp(text, flags);
    const expression = new RegExp(source, flags);
    return { kind: 'lines', expression, looksAround: wholeWord || /\(\?<?[=!]/.test(text) };
  } catch (thrown) {
    throw new ImcotError('usage', `This is no regular expression: ${errorMessage(thrown)}.`);
  }
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

function escapeBytes(bytes: Uint8Array): string {
  return [...bytes].map(byteEscape).join('');
}

function byteEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** A character in both of its cases, as bytes. */
function anyCase(character: string): string {
  const forms = [character, character.toLowerCase(), character.toUpperCase()];
  const single = forms.filter((form) => [...form].length === 1);
  if (single.every((form) => form.length === 1 && form < '\u0080'))
    return `[${single.map((form) => byteEscape(form.charCodeAt(0))).join('')}]`;
  const different = [...new Set(single.map((form) => escapeBytes(utf8(form))))];
  return different.length === 1 ? (different[0] ?? '') : `(?:${different.join('|')})`;
}
