import { jsonFields, jsonLines, tellFields } from './jsonRows';
import type { JsonFields } from './jsonRows';
import type { StreamMetricReader } from './metricReader';

function isRow(fields: JsonFields | undefined): boolean {
  const data = fields?.get('data');
  return (
    fields?.size === 2 && typeof fields.get('step') === 'number' && typeof data === 'object' && data !== null
  );
}

/** verl's file logger: `{"step": n, "data": {key: value}}`. Source: verl `utils/tracking.py`, `FileLogger`. */
export const verlFileLoggerReader: StreamMetricReader = {
  format: 'verl-file-logger',
  label: "verl's file logger",
  layout: 'stream',
  sniff: ({ lines }) =>
    lines.length > 0 && lines.slice(0, 3).every((line) => isRow(jsonFields(line))) ? 1 : 0,
  start: (sink) =>
    jsonLines(sink, (fields, start, end) => {
      const step = fields.get('step');
      const data = fields.get('data');
      if (!isRow(fields) || typeof step !== 'number') return false;
      sink.row(step, undefined, start, end);
      tellFields(Object.entries(data as object), sink);
      return true;
    }),
};
