import type { Rational } from './rational';

/** What a number counts: a unit of the table, or a noun. */
export interface Unit {
  /** `length`, `mass` and so on; `count` for nouns and for units that nothing converts. */
  readonly dimension: string;
  /** The same for all spellings. */
  readonly name: string;
  /** How many of the dimension's base units it is. */
  readonly factor: Rational;
  /** How the text spells it. */
  readonly spelling: string;
}

type Row = readonly [dimension: string, numerator: number, denominator: number, spellings: string];

/** Spellings by unit; the first one names it. Case matters for symbols alone. Factors are exact by definition. */
const TABLE: readonly Row[] = [
  ['length', 1, 1, 'm meter metre'],
  ['length', 1, 100, 'cm centimeter centimetre'],
  ['length', 1, 1000, 'mm millimeter millimetre'],
  ['length', 1000, 1, 'km kilometer kilometre'],
  ['length', 254, 10000, 'in inch inches'],
  ['length', 3048, 10000, 'ft foot feet'],
  ['length', 1609344, 1000, 'mi mile'],
  ['mass', 1, 1, 'kg kilogram'],
  ['mass', 1, 1000, 'g gram'],
  ['mass', 1, 1000000, 'mg milligram'],
  ['mass', 1000, 1, 't tonne'],
  ['time', 1, 1, 's sec second'],
  ['time', 60, 1, 'min minute'],
  ['time', 3600, 1, 'h hr hour'],
  ['time', 86400, 1, 'day'],
  ['time', 1, 1000, 'ms millisecond'],
  ['area', 1, 1, 'm^2'],
  ['area', 1, 10000, 'cm^2'],
  ['area', 1, 1000000, 'mm^2'],
  ['area', 1000000, 1, 'km^2'],
  ['volume', 1, 1, 'L l liter litre dm^3'],
  ['volume', 1, 1000, 'mL ml milliliter millilitre cm^3'],
  ['volume', 1000, 1, 'm^3'],
  ['speed', 1, 1, 'km/h kph'],
  ['speed', 36, 10, 'm/s'],
  ['angle', 1, 1, '° deg degree'],
  ['percent', 1, 100, '% percent percentage'],
  ['dollar', 1, 1, '$ dollar USD'],
  ['dollar', 1, 100, '¢ cent'],
  ['euro', 1, 1, '€ euro EUR'],
  ['pound sterling', 1, 1, '£ GBP'],
  ['yen', 1, 1, '¥ yen JPY'],
  ['celsius', 1, 1, '°C'],
  ['fahrenheit', 1, 1, '°F'],
];

const UNITS = new Map(
  TABLE.flatMap(([dimension, numerator, denominator, spellings]) => {
    const names = spellings.split(' ');
    const unit = {
      dimension,
      name: names[0] ?? '',
      factor: { numerator: BigInt(numerator), denominator: BigInt(denominator) },
    };
    return names.map((spelling) => [spelling, unit] as const);
  }),
);

/** Words that make a text behind a number more than the name of what is counted. */
const NO_NOUNS = new Set(
  'a about an and are around at but for from if in is it less more no not of on or over per than that the to under was with'.split(
    ' ',
  ),
);

/** A word without its plural ending. */
function singular(word: string): string {
  return /[^s]s$/.test(word) && word.length > 2 ? word.slice(0, -1) : word;
}

/**
 * What a text behind a number names: a known unit, or up to three words for things that are counted. Undefined where
 * it says more than that.
 * @param text without blanks around it, not empty
 */
export function unitOf(text: string): Unit | undefined {
  const spelling = text.replaceAll(/ ?([/^]) ?\{?(\d?)\}?/g, '$1$2').replace(/\.$/, '');
  const folded = spelling.toLowerCase();
  // Case tells symbols apart (mm and Mm), and words not.
  const known =
    UNITS.get(spelling) ??
    (folded.length > 3 ? (UNITS.get(folded) ?? UNITS.get(singular(folded))) : undefined);
  if (known) return { ...known, spelling };
  const words = folded.split(' ');
  const areNouns = words.every((word) => /^\p{L}[\p{L}'-]*$/u.test(word) && !NO_NOUNS.has(word));
  if (words.length > 3 || !areNouns) return undefined;
  const name = words.map(singular).join(' ');
  return { dimension: 'count', name, factor: { numerator: 1n, denominator: 1n }, spelling };
}

/** Whether a text names the unit in one of its spellings, so that an answer may leave it out. */
export function namesUnit(text: string, unit: Unit): boolean {
  const spellings = new Set([unit.name]);
  for (const [spelling, known] of UNITS) if (known.name === unit.name) spellings.add(spelling);
  const words = text.split(/[^\p{L}\p{N}°%$€£¥¢^/'-]+/u).map(singular);
  const all = new Set([...words, ...words.map((word) => singular(word.toLowerCase()))]);
  if ([...spellings].some((spelling) => all.has(spelling))) return true;
  const nouns = unit.name.split(' ');
  return unit.dimension === 'count' && nouns.every((noun) => all.has(noun));
}
