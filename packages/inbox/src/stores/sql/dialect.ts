/** What differs between the SQL engines; everything else is one text. */
export interface Dialect {
  /** The engine's clock, in whole milliseconds since the epoch. */
  readonly now: string;
  /** The same for columns to be compared with: known before the rows are looked for, so that an index finds them. */
  readonly moment: string;
  /** How the nth parameter is written, counted from 1. */
  readonly parameter: (index: number) => string;
  /** Whether one parameter may be named twice in a text. */
  readonly reusesParameters: boolean;
  /** The type of a column that holds bytes. */
  readonly bytes: string;
  /** The type of a column that holds milliseconds or counts. */
  readonly integer: string;
  /** The type of the column that counts arrivals. */
  readonly sequence: string;
  /** Passes over rows that another claim has in hand. */
  readonly skipLocked: string;
  /** Holds a column to what a query gives that locks rows, and so must run once and no more. */
  readonly among: (query: string) => string;
  /** The texts in a parameter that holds them as a JSON array. */
  readonly elements: (parameter: string) => string;
  /** A query that has one row when the table of that name is there. */
  readonly hasTable: (name: string) => string;
}

/** Not unixepoch('subsec'), which took until SQLite 3.42. */
const SQLITE_NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

const POSTGRES_NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/** SQLite in all its forms: node:sqlite, better-sqlite3, bun:sqlite, libSQL, D1, Durable Objects. */
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

/** Postgres, and what speaks its language. */
export const postgresDialect: Dialect = {
  now: POSTGRES_NOW,
  // As a query of its own it runs once; written out, it is volatile, and would be asked again for each row.
  moment: `(SELECT ${POSTGRES_NOW})`,
  parameter: (index) => `$${index}`,
  reusesParameters: true,
  bytes: "BYTEA",
  integer: "BIGINT",
  sequence: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
  skipLocked: "FOR UPDATE SKIP LOCKED",
  // Not IN: as the inner side of a join the query may run once for each row of the outer, and each time lock as many rows again.
  among: (query) => `= ANY (ARRAY(${query}))`,
  // By way of TEXT: postgres.js would write what it sends as JSONB as JSON once more.
  elements: (parameter) => `SELECT jsonb_array_elements_text(CAST(CAST(${parameter} AS TEXT) AS JSONB))`,
  hasTable: (name) => `SELECT 1 AS found WHERE to_regclass('${name}') IS NOT NULL`,
};
