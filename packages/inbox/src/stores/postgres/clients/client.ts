import type { SqlRow, SqlValue } from "../../sql/statement.ts";

/** A statement of `pg`. */
export interface PgStatement {
  /** The SQL. */
  text: string;
  /** The values of the placeholders. */
  values: SqlValue[];
  /** How long to wait for the answer, in milliseconds. */
  query_timeout: number;
  /** The name of a statement that is prepared once per connection. */
  name?: string;
}

/** The result of `pg` and PGlite. */
export interface PgResult<Row> {
  /** The rows. */
  readonly rows: readonly Row[];
}

/** A connection of a `pg` pool: a `PoolClient` fits. */
export interface PgConnection {
  /** Runs a statement. */
  query(statement: PgStatement): Promise<PgResult<SqlRow>>;
  /** Returns the connection to the pool; with an error, closes it instead. */
  release(error?: Error): void;
  /** Adds a listener for a broken connection. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Removes the listener. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A `Pool` of `pg` or of a compatible package. */
export interface PgPool<Tx> {
  /** The number of connections. A single `Client` has no such property. */
  readonly totalCount: number;
  /** Runs a statement on any connection. */
  query(statement: PgStatement): Promise<PgResult<SqlRow>>;
  /** Takes a connection from the pool. The second form matches the types of `pg`, which have one with a callback. */
  readonly connect: { (): Promise<Tx>; (callback: never): unknown };
  /** Adds a listener for broken idle connections. */
  on(event: "error", listener: (error: Error) => void): unknown;
  /** Removes the listener. */
  removeListener(event: "error", listener: (error: Error) => void): unknown;
}

/** A transaction of PGlite. */
export interface PgliteTransaction {
  /** Runs a statement. */
  query(text: string, values?: SqlValue[]): Promise<PgResult<unknown>>;
}

/** A `PGlite`: Postgres inside the process. */
export interface PgliteDatabase<Tx> extends PgliteTransaction {
  /** The data directory; undefined when the data is in memory. */
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
  /** Keeps a connection, until it is released. */
  reserve?(): Promise<
    PostgresJsTransaction & {
      /** Returns the connection to the pool. */
      release(): void;
    }
  >;
  /** Runs work in a transaction. The second form matches the types of postgres.js, which have one with options. */
  readonly begin: {
    (work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
    (options: string, work: (tx: Tx) => Promise<unknown>): Promise<unknown>;
  };
}

/** A Postgres client that belongs to the user: a `Pool` of `pg`, a `PGlite`, or the `sql` of postgres.js. */
export type PostgresClient<Tx> =
  | PgPool<Tx & PgConnection>
  | PgliteDatabase<Tx & PgliteTransaction>
  | PostgresJs<Tx & PostgresJsTransaction>;
