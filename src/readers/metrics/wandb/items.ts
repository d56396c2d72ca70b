import { decodeUtf8, parseJson } from '../../../common/json';
import type { MetricSink } from '../../../metrics/metricSink';
import { jsonNumber } from '../jsonRows';
import type { Names } from '../names';
import type { Fields } from '../protobuf';
import { WIRE } from '../protobuf';

/*
 * Items of history, summary, config and system metrics. Source: W&B `wandb_internal.proto` (HistoryItem: 1 key,
 * 2 nested_key, 16 value_json; since 0.31 the value with its type in 3 to 8 beside it).
 */

/** A named value. */
export interface Item {
  /** One name; several where a dictionary was logged and its keys stand apart. */
  readonly path: readonly string[];
  /** As JSON has it; undefined where it can't be read. */
  readonly value: unknown;
}

const FIELD = {
  key: 1,
  nested: 2,
  none: 3,
  truth: 4,
  integer: 5,
  number: 6,
  text: 7,
  json: 8,
  valueJson: 16,
} as const;

/** Reads one item. What has its type beside it is taken from there. */
export function readItem(fields: Fields, bytes: Uint8Array, names: Names): Item {
  const path: string[] = [];
  let typed: unknown;
  let json: Uint8Array | undefined;
  while (fields.next()) {
    const { field, wire } = fields;
    if (wire === WIRE.bytes) {
      if (field === FIELD.nested || field === FIELD.key) path.push(names.read(bytes, fields.from, fields.to));
      else if (field === FIELD.text) typed = decodeUtf8(fields.content);
      else if (field === FIELD.json) typed = jsonValue(decodeUtf8(fields.content));
      else if (field === FIELD.valueJson) json = fields.content;
    } else if (wire === WIRE.varint) {
      if (field === FIELD.none) typed = null;
      else if (field === FIELD.truth) typed = fields.unsigned !== 0;
      else if (field === FIELD.integer) typed = fields.zigzag;
    } else if (field === FIELD.number && wire === WIRE.fixed64) typed = fields.double;
  }
  return { path, value: typed === undefined && json ? jsonValue(decodeUtf8(json)) : typed };
}

/** Reads the items in a message's fields of this number. */
export function readItems(fields: Fields, field: number, bytes: Uint8Array, names: Names): Item[] {
  const items: Item[] = [];
  while (fields.next()) {
    if (fields.field === field && fields.wire === WIRE.bytes)
      items.push(readItem(fields.message, bytes, names));
  }
  return items;
}

function jsonValue(text: string): unknown {
  // Nearly all are numbers, and JSON.parse is made for more than that.
  const number = text === '' ? NaN : Number(text);
  if (!Number.isNaN(number)) return number;
  const parsed = parseJson(text);
  return parsed.ok ? parsed.value : undefined;
}

/** An item's name as W&B shows it: keys within keys joined with dots. */
export function itemKey({ path }: Item): string {
  const [first] = path;
  return path.length === 1 && first !== undefined ? first : path.join('.');
}

/**
 * Pictures, tables and histograms: a dictionary with `_type`, whose keys newer writers put apart. They become one item
 * each again; all others stay what they are.
 */
export function joinMedia(items: readonly Item[]): readonly Item[] {
  const media = new Map<
    string,
    { readonly path: readonly string[]; readonly value: Record<string, unknown> }
  >();
  for (const { path } of items) {
    if (path.length < 2 || path.at(-1) !== '_type') continue;
    const prefix = path.slice(0, -1);
    media.set(joinedPath(prefix), { path: prefix, value: {} });
  }
  if (media.size === 0) return items;
  const others = items.filter(({ path, value }) => {
    for (let length = path.length - 1; length > 0; length--) {
      const found = media.get(joinedPath(path.slice(0, length)));
      if (!found) continue;
      define(found.value, path.slice(length).join('.'), value);
      return false;
    }
    return true;
  });
  return [...others, ...media.values()];
}

/** A control character, which names do not hold; they do hold dots and slashes. */
const joinedPath = (path: readonly string[]): string => path.join('\u001f');

/** Like an assignment, also for a key such as `__proto__`. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Words that stand for numbers where a writer's JSON has none. */
const NUMBER_WORDS: ReadonlySet<unknown> = new Set(['NaN', 'Infinity', '-Infinity']);
const MAX_DEPTH = 8;

/**
 * Hands over a value: numbers and truth values as numbers, `null` (which older writers make of NumPy's NaN) as NaN,
 * dictionaries by their keys, everything that is no curve (words, media, lists) as text, media and lists as JSON.
 */
export function tellItem(key: string, value: unknown, sink: MetricSink, depth = 0): void {
  const number = NUMBER_WORDS.has(value) ? Number(value) : jsonNumber(value);
  if (number !== undefined) sink.value(key, number);
  else if (typeof value === 'string') sink.text(key, value);
  else if (typeof value !== 'object' || value === null) return;
  else if (Array.isArray(value) || Object.hasOwn(value, '_type') || depth >= MAX_DEPTH) {
    sink.text(key, JSON.stringify(value));
  } else {
    for (const [name, inner] of Object.entries(value)) tellItem(`${key}.${name}`, inner, sink, depth + 1);
  }
}
