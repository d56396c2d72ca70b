const WORDS: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

/** What expected.json means by a value that is a number, a truth value or the word for what JSON has no number for. */
export function wantedNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? WORDS[value] : undefined;
}

/** Half of the last place, and what the difference of two doubles may add to it. */
const HALF_UNIT = 0.0005 * (1 + 1e-9);

/** Whether a number is what three decimals make of another. */
export function isRounded(got: number, wanted: number): boolean {
  if (!Number.isFinite(wanted)) return Object.is(got, wanted);
  return hasThreeDecimals(got) && Math.abs(got - wanted) <= HALF_UNIT;
}

/** Whether three decimals say everything about a number. */
export function hasThreeDecimals(value: number): boolean {
  return !Number.isFinite(value) || Number(value.toFixed(3)) === value;
}
