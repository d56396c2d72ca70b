import type { ByteSource } from '../../common/byteSource';
import { decodeUtf8, parseJson } from '../../common/json';
import type { MetricSink } from '../../metrics/metricSink';
import { jsonNumber, tellFields } from './jsonRows';
import type { MetricFormatId, MetricSniff, WholeMetricReader } from './metricReader';
import { wholeObjects, wholePairs } from './recoverJson';

/** Largest JSON file that is read in one piece, in bytes. */
const MAX_JSON = 256 * 1024 * 1024;

/** The formats that are one JSON value each: what names them at the top, and how their rows are told. */
interface JsonFormat {
  readonly format: MetricFormatId;
  readonly label: string;
  /** The field that no other format has. */
  readonly field: string;
  tell(value: unknown, sink: MetricSink, bytes: number): boolean;
  /** Tells what is whole of a text that is no whole JSON. @param from where the field's name stands */
  recover(text: string, from: number, sink: MetricSink, bytes: number): void;
}

const asRecord = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;

const trainerState: JsonFormat = {
  format: 'trainer-state',
  label: 'trainer state of Transformers',
  field: 'log_history',
  tell: (value, sink, bytes) => {
    if (!Array.isArray(value)) return false;
    for (const entry of value as readonly unknown[]) {
      const fields = asRecord(entry);
      if (!fields) continue;
      const { step, ...rest } = fields;
      sink.row(jsonNumber(step), undefined, 0, bytes);
      tellFields(Object.entries(rest), sink);
    }
    return true;
  },
  recover: (text, from, sink, bytes) => {
    // Behind the list stand other objects; only its own entries have a step.
    for (const entry of wholeObjects(text, from))
      if (jsonNumber(entry['step']) !== undefined) trainerState.tell([entry], sink, bytes);
  },
};

const curves: JsonFormat = {
  format: 'curves-json',
  label: 'curves as JSON',
  field: 'curves',
  tell: (value, sink, bytes) => {
    const named = asRecord(value);
    if (!named) return false;
    for (const [key, points] of Object.entries(named)) {
      if (!Array.isArray(points)) continue;
      for (const point of points as readonly unknown[]) {
        const [step, number] = Array.isArray(point) ? (point as readonly unknown[]).map(jsonNumber) : [];
        if (step === undefined || number === undefined) continue;
        sink.row(step, undefined, 0, bytes);
        sink.value(key, number);
      }
    }
    return true;
  },
  recover: (text, from, sink, bytes) => {
    // The field's own name is followed by a brace, and so is none of a curve's.
    for (const { name, pair } of wholePairs(text, from)) curves.tell({ [name]: [pair] }, sink, bytes);
  },
};

function readerFor({ format, label, field, tell, recover }: JsonFormat): WholeMetricReader {
  const named = new RegExp(`"${field}"\\s*:\\s*[[{]`, 'g');
  return {
    format,
    label,
    layout: 'whole',
    sniff: ({ head }: MetricSniff) => {
      const text = decodeUtf8(head).trimStart();
      if (!text.startsWith('{')) return 0;
      return [...text.matchAll(named)].some(({ index }) => isAtTop(text, index)) ? 0.95 : 0;
    },
    read: async (source: ByteSource, sink: MetricSink) => {
      const size = await source.size();
      if (size > MAX_JSON) {
        sink.damaged(`The file has ${size} bytes; JSON in one piece is read up to ${MAX_JSON}.`, 0, size);
        return;
      }
      const text = decodeUtf8(await source.read(0, size));
      const parsed = parseJson(text);
      if (parsed.ok) {
        if (!tell(asRecord(parsed.value)?.[field], sink, size))
          sink.damaged(`"${field}" is not what it should be.`, 0, size);
        return;
      }
      // A file that is being written, or was cut off or damaged, is read as far as anything of it is whole.
      sink.damaged(`The file is not whole JSON: ${parsed.error}.`, 0, size);
      const from = text.search(named);
      if (from >= 0) recover(text, from, sink, size);
    },
  };
}

/** Whether a place in a JSON object stands in the object itself and not in a value of it. */
function isAtTop(text: string, place: number): boolean {
  let depth = 0;
  for (let at = 0; at < place; at++) {
    const character = text[at];
    if (character === '"') {
      for (at++; at < place && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return depth === 1;
}

/** `trainer_state.json`, which Transformers keeps in the output folder and in each checkpoint. */
export const trainerStateReader = readerFor(trainerState);

/** `{"curves": {"name": [[step, value], …]}}`, the plainest file that holds curves. */
export const curvesJsonReader = readerFor(curves);
