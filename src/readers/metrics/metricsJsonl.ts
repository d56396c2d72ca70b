import type { JsonFields } from './jsonRows';
import { jsonFields, jsonLines, jsonNumber, tellFields } from './jsonRows';
import type { MetricSniff, StreamMetricReader } from './metricReader';

/** Names of the step, the surest first. */
const STEP_KEYS = [
  'step',
  'global_step',
  '_step',
  'train/global_step',
  'training/global_step',
  'iteration',
  'iter',
];
/** Names of the time, in seconds since 1970. */
const TIME_KEYS = ['_timestamp', 'timestamp', 'wall_time', 'time'];
/** Of a row's fields this share at least are numbers: rollouts, which are texts, have fewer. */
const LEAST_NUMBERS = 0.6;

function stepKey(fields: JsonFields): string | undefined {
  return STEP_KEYS.find((key) => Number.isFinite(jsonNumber(fields.get(key)) ?? NaN));
}

function looksLikeMetrics(line: string): boolean {
  const fields = jsonFields(line);
  if (!fields || stepKey(fields) === undefined || fields.size < 2) return false;
  const numbers = [...fields.values()].filter((value) => jsonNumber(value) !== undefined).length;
  return numbers / fields.size >= LEAST_NUMBERS;
}

function sniffRows({ lines }: MetricSniff, isRow: (line: string) => boolean): number {
  const first = lines.slice(0, 5);
  return first.length > 0 && first.every(isRow) ? 0.7 : 0;
}

/** Any file of JSON lines with a step and numbers beside it, such as tinker-cookbook's `metrics.jsonl`. */
export const metricsJsonlReader: StreamMetricReader = {
  format: 'metrics-jsonl',
  label: 'JSON lines of metrics',
  layout: 'stream',
  sniff: (input) => sniffRows(input, looksLikeMetrics),
  start: (sink) => {
    let key: string | undefined;
    return jsonLines(sink, (fields, start, end) => {
      key ??= stepKey(fields);
      const step = key === undefined ? undefined : jsonNumber(fields.get(key));
      const timeKey = TIME_KEYS.find((name) => (jsonNumber(fields.get(name)) ?? 0) > 1e8);
      const wallTime = timeKey === undefined ? undefined : jsonNumber(fields.get(timeKey));
      sink.row(step, wallTime, start, end);
      tellFields(
        [...fields].filter(([name]) => name !== key && name !== timeKey),
        sink,
      );
      return true;
    });
  },
};

const PROGRESS = 'global_step/max_steps';

/** The step before the slash of `"12/80"`. */
function progressStep(fields: JsonFields | undefined): number | undefined {
  const text = fields?.get(PROGRESS);
  const found = typeof text === 'string' ? /^(\d+)\/\d+$/.exec(text) : null;
  return found ? Number(found[1]) : undefined;
}

/** ms-swift's `logging.jsonl`: the step stands in `"global_step/max_steps": "12/80"`. Source: ms-swift's printer callback. */
export const swiftLoggingReader: StreamMetricReader = {
  format: 'swift-logging',
  label: 'ms-swift log of metrics',
  layout: 'stream',
  sniff: (input) => (sniffRows(input, (line) => progressStep(jsonFields(line)) !== undefined) > 0 ? 1 : 0),
  start: (sink) =>
    jsonLines(sink, (fields, start, end) => {
      sink.row(progressStep(fields), undefined, start, end);
      tellFields(
        [...fields].filter(([name]) => name !== PROGRESS),
        sink,
      );
      return true;
    }),
};
