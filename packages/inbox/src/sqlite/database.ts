/** A prepared statement, as the drivers have it. */
export interface SqliteStatement {
  /** Runs it and gives its rows. */
  // biome-ignore lint/suspicious/noExplicitAny: the drivers type their parameters each in their own way
  all(...values: any[]): unknown[];
  /** Runs it. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  run(...values: any[]): unknown;
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
