/** What D1 answers. */
export interface D1Rows {
  /** A row each. */
  readonly results: readonly unknown[];
}

/** A statement of a D1 database, as far as a store needs it. */
export interface D1Statement {
  /** Fills its placeholders. */
  bind(...values: unknown[]): D1Statement;
  /** Runs it and gives its rows. */
  all(): Promise<D1Rows>;
}

/** A D1 database: the binding of a Worker, `env.DB`, fits as it is. */
export interface D1Client {
  /** Compiles a statement. */
  prepare(sql: string): D1Statement;
  /** Runs statements in one transaction. */
  batch(statements: D1Statement[]): Promise<unknown>;
}
