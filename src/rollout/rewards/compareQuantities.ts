import type { Quantity } from './quantity';
import type { Rational } from './rational';
import { isEqual, isWithin, multiply } from './rational';
import { namesUnit } from './units';

/** Whether two quantities are the same; where that can't be said, why. */
export type Comparison =
  { readonly result: 'equal' | 'different' } | { readonly result: 'unclear'; readonly reason: string };

const HUNDREDTH: Rational = { numerator: 1n, denominator: 100n };
const ONE: Rational = { numerator: 1n, denominator: 1n };

interface Scales {
  readonly a: Rational;
  readonly b: Rational;
}

/** Compares numbers that count the same, each in its own scale. */
function compareValues(a: Quantity, b: Quantity, scales: Scales): Comparison {
  const mine = a.values.map((value) => multiply(value, scales.a));
  const others = b.values.map((value) => multiply(value, scales.b));
  const [first, second] = [mine[0], others[0]];
  if (!first || !second) return { result: 'unclear', reason: 'A number has no value.' };
  if (isEqual(first, second)) return { result: 'equal' };
  if (mine.some((value) => others.some((other) => isEqual(value, other)))) {
    return {
      result: 'unclear',
      reason: 'Whether a point or a comma separates thousands or decimals is not certain.',
    };
  }
  const halves = [a.half && multiply(a.half, scales.a), b.half && multiply(b.half, scales.b)];
  if (halves.some((half) => half && isWithin(first, second, half))) {
    return { result: 'unclear', reason: 'One number may be the other one, rounded.' };
  }
  return { result: 'different' };
}

/** Percent on one side alone: 50 % is 0.5, and may be meant by 50. */
function comparePercent(a: Quantity, b: Quantity, scales: Scales, isAsked: boolean): Comparison {
  const asFraction = compareValues(a, b, scales);
  if (asFraction.result !== 'different') return asFraction;
  const asPercent = compareValues(a, b, { a: ONE, b: ONE });
  return asPercent.result === 'different' || isAsked
    ? asPercent
    : { result: 'unclear', reason: 'Only one of the two numbers is a percentage.' };
}

/**
 * Compares two quantities exactly. They are different only when no reading of them can be the same number: thousands
 * and decimals read either way, rounding, a percentage meant by a bare number.
 * @param question which may name the unit that one of them leaves out
 */
export function compareQuantities(a: Quantity, b: Quantity, question: string): Comparison {
  const units = { a: a.unit, b: b.unit };
  if (units.a?.name === units.b?.name && units.a?.dimension === units.b?.dimension)
    return compareValues(a, b, { a: ONE, b: ONE });
  if (units.a && units.b) {
    if (units.a.dimension === units.b.dimension && units.a.dimension !== 'count') {
      return compareValues(a, b, { a: units.a.factor, b: units.b.factor });
    }
    return {
      result: 'unclear',
      reason: `The numbers count different things: "${units.a.spelling}" and "${units.b.spelling}".`,
    };
  }
  const unit = units.a ?? units.b;
  const isAsked = unit !== undefined && namesUnit(question, unit);
  if (unit?.dimension === 'percent') {
    const scales = units.a ? { a: HUNDREDTH, b: ONE } : { a: ONE, b: HUNDREDTH };
    return comparePercent(a, b, scales, isAsked);
  }
  if (isAsked) return compareValues(a, b, { a: ONE, b: ONE });
  return {
    result: 'unclear',
    reason: `Only one of the two numbers has a unit ("${unit?.spelling ?? ''}"), and the question does not name it.`,
  };
}
