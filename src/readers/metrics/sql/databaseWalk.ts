import { throwIfCancelled } from '../../../common/cancel';
import { errorMessage } from '../../../common/errors';
import type { MetricSink } from '../../../metrics/metricSink';
import type { SqlDatabase, SqlRow } from '../metricCodecs';
import type { MetricContext } from '../metricReader';

/** Rows between two looks at the signal. */
const ROWS_AT_A_TIME = 20_000;

/** The columns of each ordinary table. Views and virtual tables are not among them: they would run code of the file. */
export type Tables = ReadonlyMap<string, ReadonlySet<string>>;

/** A database that is being read as metrics. */
export class DatabaseWalk {
  private seen = 0;

  constructor(
    private readonly database: SqlDatabase,
    readonly tables: Tables,
    readonly sink: MetricSink,
    private readonly context: MetricContext,
    private readonly size: number,
  ) {}

  /** The database's name for people: that of its file, without folder and ending. */
  get name(): string {
    return this.context.file.replace(/^.*[\\/]/, '').replace(/\.\w+$/, '');
  }

  has(table: string, ...columns: readonly string[]): boolean {
    const known = this.tables.get(table);
    return known !== undefined && columns.every((column) => known.has(column));
  }

  /**
   * Hands over the rows of a table in the order in which they were written. What can't be read is told as damaged.
   * @param columns those that are there are read; the others are absent in each row
   */
  async rows(table: string, columns: readonly string[], take: (row: SqlRow) => void): Promise<void> {
    const there = columns.filter((column) => this.has(table, column));
    if (there.length === 0) return;
    const names = there.map((column) => `"${column}"`).join(', ');
    try {
      // By an index that covers the columns, rows would come in its order.
      for (const row of this.database.query(`SELECT ${names} FROM "${table}" NOT INDEXED`)) {
        if (++this.seen % ROWS_AT_A_TIME === 0) await this.pause();
        take(row);
      }
    } catch (thrown) {
      throwIfCancelled(this.context.signal);
      this.sink.damaged(
        `The table "${table}" is read as far as it goes: ${errorMessage(thrown)}.`,
        0,
        this.size,
      );
    }
  }

  /** Lets others have their turn, and whoever stops this reading among them. */
  private async pause(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 0));
    throwIfCancelled(this.context.signal);
  }
}

/** @throws Error in the database's words */
export function tablesOf(database: SqlDatabase): Tables {
  const tables = new Map<string, Set<string>>();
  const ordinary = `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'`;
  for (const { name } of [...database.query(ordinary)]) {
    if (typeof name !== 'string') continue;
    const columns = [...database.query('SELECT name FROM pragma_table_info(?)', [name])];
    tables.set(name, new Set(columns.map((column) => String(column['name']))));
  }
  return tables;
}
