/** A prepared statement. */
export interface SqliteStatement {
  /** Runs it and returns its rows. */
  all(...values: unknown[]): unknown[];
  /** Runs it. */
  run(...values: unknown[]): unknown;
}

/** A synchronous SQLite database. `DatabaseSync` of `node:sqlite` and the `Database` of better-sqlite3 and Bun fit. */
export interface SqliteDatabase {
  /** Prepares a statement. */
  prepare(sql: string): SqliteStatement;
  /** Runs statements that return no rows. */
  exec(sql: string): unknown;
  /** Closes the database. */
  close(): unknown;
}

/** Returns the first column of a statement's first row. */
export function firstValue(database: SqliteDatabase, sql: string): unknown {
  const [row] = database.prepare(sql).all();
  return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined;
}

/**
 * Whether an error is SQLITE_BUSY or SQLITE_LOCKED, in the forms of node:sqlite, Bun and better-sqlite3, or says that the user's own code iterates over rows
 * of the same connection.
 */
export function isBusy(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isIterating(error)) return true;
  const code: unknown = Reflect.get(error, "code");
  if (typeof code === "string" && /^SQLITE_(BUSY|LOCKED)/.test(code)) return true;
  const numbers: readonly unknown[] = [Reflect.get(error, "errcode"), Reflect.get(error, "errno")];
  return numbers.some((number) => typeof number === "number" && [5, 6].includes(number & 0xff));
}

/** better-sqlite3 refuses every write while an `iterate()` is open. */
export function isIterating(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes("busy executing a query");
}
