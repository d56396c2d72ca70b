import { bareText, withoutLatex, withoutLeadIn } from './plainText';

/** An answer that says yes or no, or true or false, first. */
export interface Polarity {
  /** Yes and true. */
  readonly positive: boolean;
  /** `yes` for yes and no, `true` for true and false. */
  readonly vocabulary: 'yes' | 'true';
  /** What follows, in lower case; empty where nothing does. */
  readonly rest: string;
}

const POLAR = /^(yes|no|true|false)(?:[.,;:!]+ ?(.*))?$/is;
const DENIAL = /\bnot\b|n't\b|\bno\b|\bfalse\b/i;
const ASSENT = /\byes\b|\btrue\b/i;

/** Reads such an answer. Undefined for every other text and for one that takes back what it began with. */
export function polarityOf(plain: string): Polarity | undefined {
  const [, word, rest = ''] = POLAR.exec(withoutLeadIn(withoutLatex(plain))) ?? [];
  if (word === undefined) return undefined;
  const first = word.toLowerCase();
  const positive = first === 'yes' || first === 'true';
  if (positive ? DENIAL.test(rest) : ASSENT.test(rest)) return undefined;
  return {
    positive,
    vocabulary: first === 'yes' || first === 'no' ? 'yes' : 'true',
    rest: bareText(rest).toLowerCase(),
  };
}

/**
 * Whether two such answers agree. Opposite ones never do; equal ones do where one of them says nothing else or both
 * say the same. Undefined where that can't be said.
 */
export function samePolarity(a: Polarity, b: Polarity): boolean | undefined {
  if (a.vocabulary !== b.vocabulary) return undefined;
  if (a.positive !== b.positive) return false;
  return a.rest === '' || b.rest === '' || a.rest === b.rest ? true : undefined;
}
