import init from '@sqlite.org/sqlite-wasm';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { memorySource } from '../../src/common/byteSource';
import { nodeMetricCodecs } from '../../src/files/metricCodecs';
import { RawRuns } from '../../src/metrics/rawRun';
import { mlflowSqliteReader } from '../../src/readers/metrics/sql/databaseReader';

/** Bytes of a database that these statements make. */
export async function makeDatabase(...statements: readonly string[]): Promise<Uint8Array> {
  const { oo1, capi } = await init();
  const database = new oo1.DB(':memory:');
  try {
    for (const statement of statements) database.exec(statement);
    return capi.sqlite3_js_db_export(database).slice();
  } finally {
    database.close();
  }
}

/** Runs a task with a folder of its own, which is gone afterwards. */
export async function inFolder<T>(task: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'imcot-database-'));
  try {
    return await task(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a database on disk says, of MLflow or of trackio. */
export async function readDatabaseFile(file: string): Promise<RawRuns> {
  const runs = new RawRuns();
  const source = memorySource(file, readFileSync(file) as Uint8Array);
  await mlflowSqliteReader.read(source, runs, { file, codecs: nodeMetricCodecs });
  return runs;
}

/** What these bytes say as a database. */
export function readDatabase(bytes: Uint8Array): Promise<RawRuns> {
  return inFolder((folder) => {
    const file = path.join(folder, 'owls.db');
    writeFileSync(file, bytes);
    return readDatabaseFile(file);
  });
}
