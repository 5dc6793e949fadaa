/** The differences between SQL engines. All other SQL is the same text. */
export interface Dialect {
  /** The engine's clock, in whole milliseconds since the epoch. */
  readonly now: string;
  /** The same for comparisons with columns: evaluated once before the rows are searched, so that an index can be used. */
  readonly moment: string;
  /** The placeholder of the nth parameter, counted from 1. */
  readonly parameter: (index: number) => string;
  /** Whether a placeholder can be used twice in a text. */
  readonly reusesParameters: boolean;
  /** The type of a column of bytes. */
  readonly bytes: string;
  /** The type of a column of milliseconds or counts. */
  readonly integer: string;
  /** The type of the column that numbers new events. */
  readonly sequence: string;
  /** Skips rows that another transaction has locked. */
  readonly skipLocked: string;
  /** Membership in a locking subquery that must run exactly once. */
  readonly among: (query: string) => string;
  /** The elements of a parameter that holds texts as a JSON array. */
  readonly elements: (parameter: string) => string;
  /** A query that returns one row when the table exists. */
  readonly hasTable: (name: string) => string;
}

/** Not `unixepoch('subsec')`, which needs SQLite 3.42. */
const SQLITE_NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

const POSTGRES_NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/** SQLite: node:sqlite, better-sqlite3, bun:sqlite, libSQL, D1, Durable Objects. */
export const sqliteDialect: Dialect = {
  now: SQLITE_NOW,
  moment: SQLITE_NOW,
  parameter: () => "?",
  reusesParameters: false,
  bytes: "BLOB",
  integer: "INTEGER",
  sequence: "INTEGER PRIMARY KEY AUTOINCREMENT",
  skipLocked: "",
  among: (query) => `IN (${query})`,
  elements: (parameter) => `SELECT value FROM json_each(${parameter})`,
  hasTable: (name) => `SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = '${name}'`,
};

/** Postgres, and compatible engines. */
export const postgresDialect: Dialect = {
  now: POSTGRES_NOW,
  // A subquery runs once. Without it the function is volatile and runs for each row.
  moment: `(SELECT ${POSTGRES_NOW})`,
  parameter: (index) => `$${index}`,
  reusesParameters: true,
  bytes: "BYTEA",
  integer: "BIGINT",
  sequence: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  skipLocked: "FOR UPDATE SKIP LOCKED",
  // Not IN: as the inner side of a join, the query may run once for each outer row, and lock more rows each time.
  among: (query) => `= ANY (ARRAY(${query}))`,
  // By way of TEXT: postgres.js encodes a JSONB parameter as JSON a second time.
  elements: (parameter) => `SELECT jsonb_array_elements_text(CAST(CAST(${parameter} AS TEXT) AS JSONB))`,
  hasTable: (name) => `SELECT 1 AS found WHERE to_regclass('${name}') IS NOT NULL`,
};
