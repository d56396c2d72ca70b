import { parseJson } from '../../common/json';
import type { MetricSink } from '../../metrics/metricSink';
import { LineStream } from './lineStream';
import type { MetricStream } from './metricReader';

/** A JSON object of a line, its own fields only. */
export type JsonFields = ReadonlyMap<string, unknown>;

/** The object on a line; undefined where there is none. */
export function jsonFields(text: string): JsonFields | undefined {
  const parsed = parseJson(text);
  if (
    !parsed.ok ||
    typeof parsed.value !== 'object' ||
    parsed.value === null ||
    Array.isArray(parsed.value)
  ) {
    return undefined;
  }
  return new Map(Object.entries(parsed.value));
}

/** A JSON value as a number: numbers as they are, `true` 1, `null` (a writer's word for "not finite") NaN. */
export function jsonNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value === null ? NaN : undefined;
}

const MAX_DEPTH = 8;

/** Hands over the numbers and words of an object; nested objects join their names with a slash, lists are passed over. */
export function tellFields(
  fields: Iterable<readonly [string, unknown]>,
  sink: MetricSink,
  prefix = '',
  depth = 0,
): void {
  for (const [name, value] of fields) {
    const key = prefix + name;
    const number = jsonNumber(value);
    if (number !== undefined) sink.value(key, number);
    else if (typeof value === 'string') sink.text(key, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && depth < MAX_DEPTH) {
      tellFields(Object.entries(value), sink, `${key}/`, depth + 1);
    }
  }
}

/**
 * The rows of a file of JSON lines.
 * @param row tells one object to the sink; false when it is none of this format
 */
export function jsonLines(
  sink: MetricSink,
  row: (fields: JsonFields, start: number, end: number) => boolean,
): MetricStream {
  const take = (text: string, start: number, end: number): boolean => {
    const fields = jsonFields(text);
    return fields !== undefined && row(fields, start, end);
  };
  return new LineStream({
    line: (text, start, end) => {
      if (!take(text, start, end))
        sink.damaged('This line is no row of metrics: a JSON object was expected.', start, end);
    },
    cut: (text, start, end) => {
      if (!take(text, start, end)) sink.damaged('The last line is cut off.', start, end);
    },
    tooLong: (start, end) => sink.damaged('The line is longer than 64 MiB and was passed over.', start, end),
  });
}
