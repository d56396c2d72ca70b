import type { StreamMetricReader } from '../../../../src/readers/metrics/metricReader';
import { csvReader } from '../../../../src/readers/metrics/csv';
import { metricsJsonlReader, swiftLoggingReader } from '../../../../src/readers/metrics/metricsJsonl';
import { tensorboardReader } from '../../../../src/readers/metrics/tensorboard/tensorboard';
import { verlConsoleReader } from '../../../../src/readers/metrics/verlConsole';
import { verlFileLoggerReader } from '../../../../src/readers/metrics/verlFileLogger';
import { wandbReader } from '../../../../src/readers/metrics/wandb/wandb';
import { eventFile, simpleValue } from '../../../support/tfEvents';
import { history, item, runRecord, wandbFile } from '../../../support/wandbRun';

/** A row of a training: its step and the value of `score`. */
export interface WrittenRow {
  readonly step: number;
  readonly score: number;
}

/** How a trainer writes rows. What it writes of the first rows is how it begins to write all of them. */
export interface WrittenFormat {
  readonly name: string;
  readonly reader: StreamMetricReader;
  content(rows: readonly WrittenRow[]): Uint8Array;
}

const lines =
  (line: (row: WrittenRow) => string, head = '') =>
  (rows: readonly WrittenRow[]): Uint8Array =>
    Buffer.from(`${head}${rows.map((row) => `${line(row)}\n`).join('')}`) as Uint8Array;

/** Every format that is read as it comes. */
export const WRITTEN_FORMATS: readonly WrittenFormat[] = [
  {
    name: 'train.log',
    reader: verlConsoleReader,
    content: lines(
      ({ step, score }) =>
        `rollout ${step} |####  | 3/7\r done\n(TaskRunner pid=7) step:${step} - score:${score} - timing_s/step:4.5`,
      'Starting Ray\n',
    ),
  },
  {
    name: 'verl.jsonl',
    reader: verlFileLoggerReader,
    content: lines(({ step, score }) => JSON.stringify({ step, data: { score } })),
  },
  {
    name: 'metrics.jsonl',
    reader: metricsJsonlReader,
    content: lines(({ step, score }) => JSON.stringify({ step, score, note: 'a word' })),
  },
  {
    name: 'logging.jsonl',
    reader: swiftLoggingReader,
    content: lines(({ step, score }) => JSON.stringify({ score, 'global_step/max_steps': `${step}/99999` })),
  },
  {
    name: 'metrics.csv',
    reader: csvReader,
    content: lines(({ step, score }) => `${step},${score}`, 'step,score\n'),
  },
  {
    name: 'events.out.tfevents.1.node01',
    reader: tensorboardReader,
    content: (rows) =>
      eventFile([
        { wallTime: 1e9, fileVersion: 'brain.Event:2' },
        ...rows.map(({ step, score }) => ({
          step,
          wallTime: 1e9 + step,
          values: [simpleValue('score', score)],
        })),
      ]),
  },
  {
    name: 'run-abc.wandb',
    reader: wandbReader,
    content: (rows) =>
      wandbFile([
        runRecord('abc'),
        ...rows.map(({ step, score }) => history(item('_step', String(step)), item('score', String(score)))),
      ]),
  },
];
