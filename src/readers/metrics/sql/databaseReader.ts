import type { ByteSource } from '../../../common/byteSource';
import { throwIfCancelled } from '../../../common/cancel';
import { errorMessage } from '../../../common/errors';
import type { MetricSink } from '../../../metrics/metricSink';
import type { SqlDatabase } from '../metricCodecs';
import type { MetricContext, MetricFormatId, MetricSniff, WholeMetricReader } from '../metricReader';
import { DatabaseWalk, tablesOf } from './databaseWalk';
import { tellMlflow } from './mlflowTables';
import { tellTrackio } from './trackioTables';

const MAGIC = 'SQLite format 3\0';
async function read(source: ByteSource, sink: MetricSink, context: MetricContext): Promise<void> {
  const size = await source.size();
  let database: SqlDatabase | undefined;
  try {
    database = await context.codecs.openSqlite(context.file);
    const walk = new DatabaseWalk(database, tablesOf(database), sink, context, size);
    // The tables decide, not who was surer: before the first checkpoint the file itself holds none.
    if (await tellMlflow(walk)) return;
    if (await tellTrackio(walk)) return;
    sink.damaged('The database has no tables of MLflow or trackio.', 0, size);
  } catch (thrown) {
    throwIfCancelled(context.signal);
    sink.damaged(errorMessage(thrown), 0, size);
  } finally {
    database?.close();
  }
}

function readerFor(format: MetricFormatId, label: string, mark: RegExp): WholeMetricReader {
  return {
    format,
    label,
    layout: 'whole',
    sniff: ({ head, path }: MetricSniff) => {
      if (![...MAGIC].every((char, index) => head[index] === char.charCodeAt(0))) return 0;
      return mark.test(path) ? 0.9 : 0.5;
    },
    read,
  };
}

/** MLflow's database of runs, `mlflow.db` or `mlruns.db`. */
export const mlflowSqliteReader = readerFor('mlflow-sqlite', 'MLflow database', /mlflow|mlruns/i);

/** trackio's database of one project. */
export const trackioReader = readerFor('trackio', 'trackio database', /trackio/i);
