/*
 * One spelling for texts that are to be compared: answers come with full-width letters, Arabic digits, typographic
 * minus signs, Markdown and LaTeX around what they say.
 */

/**
 * The longest text that rules look into, in UTF-16 units. Answers of 1000 characters and more are wrong by DeepEyes'
 * contract, and whoever writes that much says more than a rule can weigh.
 */
export const MAX_RULE_TEXT = 1000;

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉';
const DIGIT = /\p{Nd}/u;

/** Digits of every script, as ASCII. Unicode keeps those of one script together, 0 to 9. */
function asciiDigit(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  let first = code;
  while (first > code - 10 && DIGIT.test(String.fromCodePoint(first - 1))) first--;
  // A run of ten that others precede without a gap does not occur below the mathematical digits, which NFKC replaces.
  return String((code - first) % 10);
}

function plainDigits(run: string, digits: string): string {
  return [...run].map((char) => (char === '⁻' ? '-' : String(digits.indexOf(char)))).join('');
}

/**
 * A text in compatibility form (NFKC) with ASCII digits, quotes, minus signs and single blanks, trimmed. Raised digits
 * become `^2` and lowered ones `_2`, since `10²` is not 102; `1½` becomes `1 1/2`.
 */
export function plainText(text: string): string {
  return text
    .replaceAll(/⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/gu, (run) => `^${plainDigits(run, SUPERSCRIPTS)}`)
    .replaceAll(/[₀-₉]+/gu, (run) => `_${plainDigits(run, SUBSCRIPTS)}`)
    .replaceAll(/[¼-¾⅐-⅞↉]/gu, ' $&')
    .normalize('NFKC')
    .replaceAll(/\p{Nd}/gu, (char) => (char >= '0' && char <= '9' ? char : asciiDigit(char)))
    .replaceAll('\u2044', '/')
    .replaceAll('\u066b', '.')
    .replaceAll('\u066c', ',')
    .replaceAll(/[\u2010-\u2012\u2212]/gu, '-')
    .replaceAll(/[\u2018\u2019]/gu, "'")
    .replaceAll(/[\u201c\u201d]/gu, '"')
    .replaceAll(/\u200b|\u200c|\u200d|\u2060|\ufeff|\u00ad/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
}

const WRAPPED = /\\(?:text|textbf|textit|textrm|mathrm|mathbf|mathit|operatorname|mbox)\s?\{([^{}]*)\}/g;
const NUMBER_IN_BRACES = String.raw`\{\s?(-?\d+(?:\.\d+)?)\s?\}`;
const FRACTION = new RegExp(String.raw`\\frac\s?${NUMBER_IN_BRACES}\s?${NUMBER_IN_BRACES}`, 'g');

/** A plain text with the LaTeX that surrounds numbers and words taken off; other LaTeX stays as it is. */
export function withoutLatex(plain: string): string {
  const dollars = plain.replaceAll('\\$', '').split('$').length - 1;
  // A single dollar sign is money; a pair of them is mathematics.
  const text = dollars > 1 && dollars % 2 === 0 ? plain.replaceAll(/(?<!\\)\$/g, '') : plain;
  if (!text.includes('\\')) return text.trim();
  return text
    .replaceAll(/\\[()[\]]|\\left|\\right|\\[!]/g, '')
    .replaceAll(/\\[,;: ]/g, ' ')
    .replaceAll('{,}', ',')
    .replaceAll(/\\[dtc]frac/g, '\\frac')
    .replaceAll(/\\(?:times|cdot)(?![a-zA-Z])/g, '×')
    .replaceAll(/\^\s?\{?\s?\\circ\s?\}?|\\degree/g, '°')
    .replaceAll('\\pm', '±')
    .replaceAll(WRAPPED, '$1')
    .replaceAll(FRACTION, ' $1/$2')
    .replaceAll(/\\frac\s?(\d)(\d)/g, ' $1/$2')
    .replaceAll(/\\([%$#&_])/g, '$1')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/^([+-]) /, '$1');
}

const OPENING = new Set([...'*_`"\' ']);
const CLOSING = new Set([...'*_`"\' .!;,:。！']);

/** A text without quotes and emphasis around it and without the stop at its end. */
export function bareText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && OPENING.has(text.charAt(start))) start++;
  while (end > start && CLOSING.has(text.charAt(end - 1))) end--;
  return text.slice(start, end);
}

const LEAD_INS = [
  /^(?:so|thus|therefore|hence|finally)[, ] ?/i,
  /^(?:the |my )?(?:(?:final|correct|right|best) )?(?:answer|option|choice|result)(?: is| would be|:| =| is:) ?/i,
  /^(?:the |my )?(?:(?:final|correct|right|best) )?(?:answer|option|choice) (?=[([]?[A-Z](?:[)\].:,]|$))/i,
  /^(?:it is|it's|there are|there is|i see|i count) /i,
  /^[a-z] ?= ?/i,
];

/** A text without words that only announce the answer, such as `The answer is`. */
export function withoutLeadIn(text: string): string {
  let rest = bareText(text);
  for (const leadIn of LEAD_INS) rest = bareText(rest.replace(leadIn, ''));
  return rest;
}

/** The words that are compared: lower case, without announcement, stop, emphasis and leading article. */
export function comparableText(plain: string): string {
  const text = withoutLeadIn(withoutLatex(plain)).toLowerCase();
  const rest = text.replace(/^(?:the|an|a) (?=\S)/, '');
  // Blanks mean nothing within mathematics.
  return rest.includes('\\') ? rest.replaceAll(' ', '') : rest;
}
