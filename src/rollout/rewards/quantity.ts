import type { Rational } from './rational';
import { add, divide, MAX_EXPONENT, multiply, negate, powerOfTen, rationalOfDecimal } from './rational';
import type { Unit } from './units';
import { unitOf } from './units';

/** A number as a text states it, with what it counts. */
export interface Quantity {
  /**
   * What the number may be; the first is the English reading. `1,234` is 1234 and may be 1.234, `1.234` the other way
   * round. Never empty.
   */
  readonly values: readonly Rational[];
  /** Half of the last place of the English reading: a number this close may be the same, rounded. Absent for fractions. */
  readonly half?: Rational;
  readonly unit?: Unit;
}

interface Reading {
  readonly value: Rational;
  /** Decimal places; negative where powers of ten were left out. */
  readonly places?: number;
}

const DECIMAL = String.raw`(?:\d{1,3}(?: \d{3})+(?:[.,]\d+)?|\d[\d.,]*\d|\d|\.\d+)`;
const MIXED = /^(\d+) (\d+)\/(\d+)/;
const FRACTION = /^(\d+(?:\.\d+)?) ?\/ ?(\d+(?:\.\d+)?)/;
const POWER = new RegExp(String.raw`^(?:(${DECIMAL}) ?[x×*] ?)?10 ?\^ ?\{?([+-]?\d{1,4})\}?`, 'i');
const EXPONENT = new RegExp(String.raw`^(${DECIMAL})e([+-]?\d{1,4})(?![\p{L}\d])`, 'iu');
const PLAIN = new RegExp(`^${DECIMAL}`);
const CURRENCY = /^[$€£¥]/;
const WORDS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'.split(
    ' ',
  );
const SCALES: ReadonlyMap<string, number> = new Map([
  ['hundred', 2],
  ['thousand', 3],
  ['million', 6],
  ['billion', 9],
]);

function decimal(text: string): Reading {
  const point = text.indexOf('.');
  return { value: rationalOfDecimal(text), places: point < 0 ? 0 : text.length - point - 1 };
}

function isGrouped(groups: readonly string[]): boolean {
  const [first = '', ...others] = groups;
  return /^[1-9]\d{0,2}$/.test(first) && others.every((group) => /^\d{3}$/.test(group));
}

/** What digits with points and commas may mean, the English reading first; none for dates, versions and the like. */
function readingsOfDecimal(text: string): Reading[] {
  const digits = text.replaceAll(' ', '');
  const points = digits.split('.');
  const commas = digits.split(',');
  if (points.length === 1 && commas.length === 1) return [decimal(digits)];
  if (points.length > 1 && commas.length > 1) {
    const isEnglish = digits.lastIndexOf('.') > digits.lastIndexOf(',');
    const [mark, separator] = isEnglish ? ['.', ','] : [',', '.'];
    const [whole = '', fraction = '', ...more] = digits.split(mark);
    return more.length === 0 && isGrouped(whole.split(separator))
      ? [decimal(`${whole.replaceAll(separator, '')}.${fraction}`)]
      : [];
  }
  const groups = points.length > 1 ? points : commas;
  const grouped = isGrouped(groups) ? [decimal(groups.join(''))] : [];
  if (groups.length > 2) return grouped;
  const fractional = [decimal(groups.join('.'))];
  return points.length > 1 ? [...fractional, ...grouped] : [...grouped, ...fractional];
}

function scaled({ value, places }: Reading, exponent: number): Reading {
  return {
    value: multiply(value, powerOfTen(exponent)),
    ...(places !== undefined && { places: places - exponent }),
  };
}

/** The number at the start of a text, without its sign, and how much of the text it takes. */
function readNumber(text: string): { readonly readings: readonly Reading[]; readonly length: number } {
  const power = POWER.exec(text) ?? EXPONENT.exec(text);
  if (power) {
    const exponent = Number(power[2]);
    const mantissa = power[1] === undefined ? [{ value: powerOfTen(0) }] : readingsOfDecimal(power[1]);
    const isSmall = Math.abs(exponent) <= MAX_EXPONENT;
    return {
      readings: isSmall ? mantissa.map((reading) => scaled(reading, exponent)) : [],
      length: power[0].length,
    };
  }
  const mixed = MIXED.exec(text);
  const fraction = mixed ?? FRACTION.exec(text);
  if (fraction) {
    const [above = '', below = ''] = fraction.slice(-2);
    const quotient = divide(rationalOfDecimal(above), rationalOfDecimal(below));
    if (!quotient) return { readings: [], length: 0 };
    const value = mixed ? add(rationalOfDecimal(mixed[1] ?? ''), quotient) : quotient;
    return { readings: [{ value }], length: fraction[0].length };
  }
  const plain = PLAIN.exec(text)?.[0] ?? '';
  if (plain !== '') return { readings: readingsOfDecimal(plain), length: plain.length };
  const word = /^[a-z]+/i.exec(text)?.[0] ?? '';
  const count = WORDS.indexOf(word.toLowerCase());
  return count < 0
    ? { readings: [], length: 0 }
    : { readings: [decimal(String(count))], length: word.length };
}

/**
 * The one number that a text is, with its unit: signs, fractions, mixed numbers, powers of ten, percentages, separated
 * thousands, English words up to twenty. Undefined for everything else, intervals and approximations among it.
 * @param text plain text without announcement (`withoutLeadIn`), of bounded length
 */
export function quantityOf(text: string): Quantity | undefined {
  let rest = text.replace(/^[\u2013\u2014](?=\d)/, '-');
  let sign = '';
  let symbol = '';
  for (let step = 0; step < 2; step++) {
    const found = /^[+-]/.exec(rest)?.[0];
    if (found !== undefined && sign === '') [sign, rest] = [found, rest.slice(1).trimStart()];
    const money = CURRENCY.exec(rest)?.[0];
    if (money !== undefined && symbol === '') [symbol, rest] = [money, rest.slice(1).trimStart()];
  }
  const number = readNumber(rest);
  let { readings } = number;
  rest = rest.slice(number.length).trim();
  const scale = /^(?:hundred|thousand|million|billion)(?= |$)/i.exec(rest)?.[0] ?? '';
  if (scale !== '') {
    rest = rest.slice(scale.length).trim();
    readings = readings.map((reading) => scaled(reading, SCALES.get(scale.toLowerCase()) ?? 0));
  }
  const [first] = readings;
  if (!first || (symbol !== '' && rest !== '')) return undefined;
  const unitText = symbol === '' ? rest : symbol;
  const unit = unitText === '' ? undefined : unitOf(unitText);
  if (unitText !== '' && !unit) return undefined;
  const half = first.places === undefined ? undefined : halfPlace(first.places);
  return {
    values: readings.map(({ value }) => (sign === '-' ? negate(value) : value)),
    ...(half && { half }),
    ...(unit && { unit }),
  };
}

function halfPlace(places: number): Rational {
  return multiply({ numerator: 1n, denominator: 2n }, powerOfTen(-places));
}
