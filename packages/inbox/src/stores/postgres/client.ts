import type { SqlRow, SqlValue } from "../sql/statement.ts";

/** A statement as `pg` takes it; it waits for the answer as long as `query_timeout` says, in milliseconds. */
export interface PgStatement {
  /** The SQL. */
  text: string;
  /** The value of each placeholder. */
  values: SqlValue[];
  /** How long to wait for the answer, in milliseconds. */
  query_timeout: number;
  /** Given for a statement that is prepared once per connection. */
  name?: string;
}

/** What `pg` and PGlite answer. */
export interface PgResult<Row> {
  /** A row each. */
  readonly rows: readonly Row[];
}

/** A connection of a `pg` pool: its `PoolClient` fits as it is. */
export interface PgConnection {
  /** Runs a statement. */
  query(statement: PgStatement): Promise<PgResult<SqlRow>>;
  /** Gives the connection back; with an error it is closed instead. */
  release(error?: Error): void;
  /** Hears of a connection that breaks. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Hears of it no more. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A `Pool` of `pg` and of what is made like it. */
export interface PgPool<Tx> {
  /** How many connections there are; a single `Client` has no such number. */
  readonly totalCount: number;
  /** Runs a statement on any connection. */
  query(statement: PgStatement): Promise<PgResult<SqlRow>>;
  /** Lends a connection; the second form is there for the types of `pg`, which have one with a callback. */
  readonly connect: { (): Promise<Tx>; (callback: never): unknown };
  /** Hears of idle connections that break. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Hears of them no more. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A transaction of PGlite. */
export interface PgliteTransaction {
  /** Runs a statement. */
  query(text: string, values?: SqlValue[]): Promise<PgResult<unknown>>;
}

/** A `PGlite`: Postgres inside the process. */
export interface PgliteDatabase<Tx> extends PgliteTransaction {
  /** Where it keeps its data; in memory when there is none. */
  readonly dataDir?: string | undefined;
  /** Runs work in a transaction. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

/** A transaction of postgres.js. */
export interface PostgresJsTransaction {
  /** Runs a statement. */
  unsafe(text: string, values?: SqlValue[], options?: { prepare: boolean }): PromiseLike<readonly unknown[]>;
}

/** The `sql` of postgres.js. */
export interface PostgresJs<Tx> extends PostgresJsTransaction {
  /** Runs work in a transaction; the second form is there for the types of postgres.js, which have one with options. */
  readonly begin: {
    (work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
    (options: string, work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
  };
}

/** A way to Postgres that the user owns: a `Pool` of `pg`, a `PGlite`, or the `sql` of postgres.js. */
export type PostgresClient<Tx> =
  | PgPool<Tx & PgConnection>
  | PgliteDatabase<Tx & PgliteTransaction>
  | PostgresJs<Tx & PostgresJsTransaction>;
