import type { Database, PreparedStatement, Sqlite3Static } from '@sqlite.org/sqlite-wasm';
import { ImcotError } from '../common/errors';
import { decodeUtf8 } from '../common/json';
import type { SqlDatabase, SqlRow } from '../readers/metrics/metricCodecs';
import { HELD_UP_TO, SqlitePages } from './sqlitePages';
import { DatabaseFiles, READ_ONLY_VFS } from './sqliteVfs';

/** What of SQLite's C interface is called for every cell; the package's own functions cost ten times as much. */
interface CellFunctions {
  sqlite3_step(statement: number): number;
  sqlite3_column_type(statement: number, column: number): number;
  sqlite3_column_double(statement: number, column: number): number;
  sqlite3_column_int64(statement: number, column: number): bigint;
  sqlite3_column_text(statement: number, column: number): number;
  sqlite3_column_blob(statement: number, column: number): number;
  sqlite3_column_bytes(statement: number, column: number): number;
}

interface Library {
  readonly sqlite: Sqlite3Static;
  readonly files: DatabaseFiles;
}

let library: Promise<Library> | undefined;

async function load(): Promise<Library> {
  const { default: init } = await import('@sqlite.org/sqlite-wasm');
  const silent = (): void => undefined;
  const sqlite = await init({ print: silent, printErr: silent });
  return { sqlite, files: new DatabaseFiles(sqlite) };
}

/**
 * Opens an SQLite database as its last committed transaction left it. No lock is taken, and nothing is written to it or
 * beside it. SQLite itself is loaded by the first call.
 * @param heldUpTo bytes up to which a database is read into memory at once, which keeps it whole while others write to it
 * @throws ImcotError `missing`, `denied`; `input` when the file is no database
 */
export async function openSqlite(file: string, heldUpTo = HELD_UP_TO): Promise<SqlDatabase> {
  library ??= load();
  const { sqlite, files } = await library.catch((thrown: unknown) => {
    library = undefined;
    throw thrown;
  });
  const pages = await SqlitePages.open(file, heldUpTo);
  const name = files.add(pages);
  let opened: Database | undefined;
  try {
    opened = new sqlite.oo1.DB({ filename: name, flags: 'r', vfs: READ_ONLY_VFS });
    // The file may be anybody's: views and expressions in its schema must not call functions, cells must fit their page.
    opened.exec(
      'PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; SELECT 1 FROM sqlite_schema LIMIT 1',
    );
    return new WasmDatabase(sqlite, opened, () => {
      files.remove(name);
      pages.close();
    });
  } catch (thrown) {
    opened?.close();
    files.remove(name);
    pages.close();
    throw new ImcotError('input', `${file} can't be read as an SQLite database: ${reasonOf(thrown)}.`, {
      cause: thrown,
    });
  }
}

/** SQLite's own words, without the numbers that its package puts in front. */
function reasonOf(thrown: unknown): string {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return message.replace(/^.*sqlite3 result code \d+: /, '');
}

class WasmDatabase implements SqlDatabase {
  private readonly cells: CellFunctions;
  private isClosed = false;

  constructor(
    private readonly sqlite: Sqlite3Static,
    private readonly database: Database,
    private readonly release: () => void,
  ) {
    this.cells = sqlite.wasm.exports as CellFunctions;
  }

  *query(sql: string, parameters: readonly (number | string)[] = []): Generator<SqlRow, void, undefined> {
    const statement = this.database.prepare(sql);
    try {
      if (parameters.length > 0) statement.bind([...parameters]);
      yield* this.rows(statement);
    } finally {
      statement.finalize();
    }
  }

  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.database.close();
    this.release();
  }

  private *rows(statement: PreparedStatement): Generator<SqlRow, void, undefined> {
    const { capi } = this.sqlite;
    // A statement without columns has no names to ask for.
    const names = statement.columnCount === 0 ? [] : statement.getColumnNames();
    const pointer = statement.pointer as number;
    for (;;) {
      const result = this.cells.sqlite3_step(pointer);
      if (result === capi.SQLITE_DONE) return;
      if (result !== capi.SQLITE_ROW) throw new Error(capi.sqlite3_errmsg(this.database));
      const row: Record<string, SqlRow[string]> = {};
      for (const [column, name] of names.entries()) row[name] = this.cell(pointer, column);
      yield row;
    }
  }

  private cell(statement: number, column: number): SqlRow[string] {
    const { capi } = this.sqlite;
    const { cells } = this;
    switch (cells.sqlite3_column_type(statement, column)) {
      case capi.SQLITE_INTEGER: {
        const number = cells.sqlite3_column_double(statement, column);
        return Number.isSafeInteger(number) ? number : cells.sqlite3_column_int64(statement, column);
      }
      case capi.SQLITE_FLOAT:
        return cells.sqlite3_column_double(statement, column);
      case capi.SQLITE_TEXT:
        return this.text(cells.sqlite3_column_text(statement, column), statement, column);
      case capi.SQLITE_BLOB: {
        const start = cells.sqlite3_column_blob(statement, column);
        return this.bytes(start, statement, column).slice();
      }
      default:
        return null;
    }
  }

  private bytes(start: number, statement: number, column: number): Uint8Array {
    const length = this.cells.sqlite3_column_bytes(statement, column);
    return this.sqlite.wasm.heap8u().subarray(start, start + length);
  }

  private text(start: number, statement: number, column: number): string {
    const bytes = this.bytes(start, statement, column);
    // Short words of ASCII, which nearly all cells are, would spend their time in calling the decoder.
    if (bytes.length > 64) return decodeUtf8(bytes);
    let text = '';
    for (const byte of bytes) {
      if (byte > 127) return decodeUtf8(bytes);
      text += String.fromCharCode(byte);
    }
    return text;
  }
}
