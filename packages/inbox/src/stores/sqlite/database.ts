/** A prepared statement, as the drivers have it. */
export interface SqliteStatement {
  /** Runs it and gives its rows. */
  all(...values: unknown[]): unknown[];
  /** Runs it. */
  run(...values: unknown[]): unknown;
}

/** A synchronous SQLite database: `DatabaseSync` of `node:sqlite`, better-sqlite3's and Bun's `Database` fit as they are. */
export interface SqliteDatabase {
  /** Compiles a statement. */
  prepare(sql: string): SqliteStatement;
  /** Runs statements that give no rows. */
  exec(sql: string): unknown;
  /** Closes the database. */
  close(): unknown;
}
