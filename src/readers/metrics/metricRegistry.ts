import { csvReader } from './csv';
import { curvesJsonReader, trainerStateReader } from './jsonFiles';
import type { FolderMetricReader, MetricFormatId, MetricReader, MetricSniff } from './metricReader';
import { metricsJsonlReader, swiftLoggingReader } from './metricsJsonl';
import { mlflowFilesReader } from './mlflowFiles';
import { mlflowSqliteReader, trackioReader } from './sql/databaseReader';
import { tensorboardReader } from './tensorboard/tensorboard';
import { verlConsoleReader } from './verlConsole';
import { verlFileLoggerReader } from './verlFileLogger';
import { wandbReader } from './wandb/wandb';

/** Every reader of metrics there is. The order breaks ties when two are equally sure of a file. */
export const METRIC_READERS: readonly MetricReader[] = [
  tensorboardReader,
  wandbReader,
  verlFileLoggerReader,
  swiftLoggingReader,
  trainerStateReader,
  curvesJsonReader,
  verlConsoleReader,
  metricsJsonlReader,
  mlflowSqliteReader,
  trackioReader,
  csvReader,
];

/** The readers of runs that are folders, each marked by one file. */
export const FOLDER_METRIC_READERS: readonly FolderMetricReader[] = [mlflowFilesReader];

/** The reader of a format. Undefined when none is registered under that name. */
export function metricReaderOf(format: MetricFormatId): MetricReader | undefined {
  return METRIC_READERS.find((reader) => reader.format === format);
}

/** The reader that is surest of a file; undefined when it is no file of metrics that is read here. */
export function sniffMetrics(input: MetricSniff): MetricReader | undefined {
  let surest: MetricReader | undefined;
  let most = 0;
  for (const reader of METRIC_READERS) {
    const sure = reader.sniff(input);
    if (sure > most) [surest, most] = [reader, sure];
  }
  return surest;
}
