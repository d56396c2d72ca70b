/** One row of a query, by column name; a BLOB is bytes, NULL is null, integers beyond 2^53 are bigint. */
export type SqlRow = Readonly<Record<string, number | bigint | string | Uint8Array | null>>;

/** A database that is open for reading; nothing is ever written to it or beside it. */
export interface SqlDatabase {
  /** Rows one after another. @throws Error in the database's words */
  query(sql: string, parameters?: readonly (number | string)[]): Iterable<SqlRow>;
  close(): void;
}

/** The few things that metric readers need from the machine, so that they themselves run anywhere. */
export interface MetricCodecs {
  /** CRC-32 (IEEE) of the bytes, going on from `seed`. */
  crc32(bytes: Uint8Array, seed?: number): number;
  /** Opens an SQLite file, pages in its write-ahead log included. @throws Error when it is none */
  openSqlite(file: string): Promise<SqlDatabase>;
}
