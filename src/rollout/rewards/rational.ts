/*
 * Exact numbers: 0.1 + 0.2 must be 0.3 and 1/3 must not be 0.3333.
 */

/** A fraction; the denominator is above 0. Not reduced. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Powers of ten beyond this are not worked out. */
export const MAX_EXPONENT = 400;

/** 10 to the power of a whole number of at most `MAX_EXPONENT` in size. */
export function powerOfTen(exponent: number): Rational {
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { numerator: 1n, denominator: power } : { numerator: power, denominator: 1n };
}

/**
 * A decimal number, digits with at most one point.
 * @throws SyntaxError for anything else
 */
export function rationalOfDecimal(text: string): Rational {
  const [whole = '', fraction = ''] = text.split('.', 2);
  return multiply(
    { numerator: BigInt(`${whole}${fraction}`), denominator: 1n },
    powerOfTen(-fraction.length),
  );
}

/** The product. */
export function multiply(a: Rational, b: Rational): Rational {
  return { numerator: a.numerator * b.numerator, denominator: a.denominator * b.denominator };
}

/** The quotient; undefined where the divisor is 0. */
export function divide(a: Rational, b: Rational): Rational | undefined {
  if (b.numerator === 0n) return undefined;
  const sign = b.numerator < 0n ? -1n : 1n;
  return {
    numerator: a.numerator * b.denominator * sign,
    denominator: a.denominator * b.numerator * sign,
  };
}

/** The sum. */
export function add(a: Rational, b: Rational): Rational {
  return {
    numerator: a.numerator * b.denominator + b.numerator * a.denominator,
    denominator: a.denominator * b.denominator,
  };
}

/** The number with its sign turned. */
export function negate(a: Rational): Rational {
  return { numerator: -a.numerator, denominator: a.denominator };
}

/** Whether both are the same number. */
export function isEqual(a: Rational, b: Rational): boolean {
  return a.numerator * b.denominator === b.numerator * a.denominator;
}

/** Whether both lie at most so far apart. */
export function isWithin(a: Rational, b: Rational, distance: Rational): boolean {
  const { numerator, denominator } = add(a, negate(b));
  const size = numerator < 0n ? -numerator : numerator;
  return size * distance.denominator <= distance.numerator * denominator;
}
