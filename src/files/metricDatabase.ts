import type { MetricFormatId } from '../readers/metrics/metricReader';
import { openSqlite } from './sqlite';

/** A table and a column of it that only this kind of database has. */
const MARKS: readonly (readonly [MetricFormatId, table: string, column: string])[] = [
  ['mlflow-sqlite', 'metrics', 'run_uuid'],
  ['trackio', 'metrics', 'run_name'],
];

/** Whose database an SQLite file is; undefined when it is nobody's that is known here, or can't be read. */
export async function databaseFormat(file: string): Promise<MetricFormatId | undefined> {
  try {
    const database = await openSqlite(file);
    try {
      return MARKS.find(([, table, column]) => {
        const columns = [...database.query('SELECT name FROM pragma_table_info(?)', [table])];
        return columns.some(({ name }) => name === column);
      })?.[0];
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
