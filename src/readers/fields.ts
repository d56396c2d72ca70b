/*
 * Typed access to values that anybody may have written: nothing here throws, whatever the value is. A field that is
 * absent, null or of another kind reads as undefined.
 */

/** A JSON object. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** The value when it is an object, not a list. */
export function asRecord(value: unknown): JsonRecord | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonRecord)
    : undefined;
}

/** The record's own field; what an object inherits (`toString`) is no field. */
export function field(record: JsonRecord, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A text, as it is. */
export function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A text, or the text of a number or truth value. For fields such as `answer`, which some writers fill with either. */
export function asPlainText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  return asText(value);
}

const NUMERAL = /^[-+]?(?:\d{1,400}\.?\d{0,400}|\.\d{1,400})(?:e[-+]?\d{1,5})?$/i;
const WORDS: ReadonlyMap<string, number> = new Map([
  ['true', 1],
  ['false', 0],
  ['nan', NaN],
  ['inf', Infinity],
  ['infinity', Infinity],
  ['-inf', -Infinity],
  ['-infinity', -Infinity],
]);

/**
 * A number in any of the spellings that dumps have: a JSON number, a truth value (1 or 0), or a string of either, such as
 * `"1.0"` and `"True"`, which `json.dumps(default=str)` makes of numpy scalars. NaN and infinities are numbers here.
 */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint') return Number(value);
  if (typeof value !== 'string' || value.length > 1000) return undefined;
  const word = value.trim();
  return WORDS.get(word.toLowerCase()) ?? (NUMERAL.test(word) ? Number(word) : undefined);
}

/** Like `asNumber`, without NaN and infinities. */
export function asFiniteNumber(value: unknown): number | undefined {
  const number = asNumber(value);
  return number !== undefined && Number.isFinite(number) ? number : undefined;
}

/** A whole number such as a training step. */
export function asInteger(value: unknown): number | undefined {
  const number = asNumber(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A list of texts; undefined when a single entry is none. */
export function asTexts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}

/** A list of exactly `length` numbers; entries that are no numbers (null, say) become NaN. */
export function asNumbers(value: unknown, length: number): readonly number[] | undefined {
  if (!Array.isArray(value) || value.length !== length) return undefined;
  return value.map((entry) => asNumber(entry) ?? NaN);
}

/** For messages: what kind of value this is. */
export function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? 'a text' : typeof value === 'boolean' ? 'a truth value' : 'a number';
}
