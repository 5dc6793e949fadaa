/** The result of a D1 statement. */
export interface D1Rows {
  /** The rows. */
  readonly results: readonly unknown[];
}

/** The part of a D1 statement that a store needs. */
export interface D1Statement {
  /** Sets the values of the placeholders. */
  bind(...values: unknown[]): D1Statement;
  /** Runs it and returns its rows. */
  all(): Promise<D1Rows>;
}

/** A D1 database: the binding `env.DB` of a Worker fits. */
export interface D1Client {
  /** Prepares a statement. */
  prepare(sql: string): D1Statement;
  /** Runs statements in one transaction. */
  batch(statements: D1Statement[]): Promise<readonly D1Rows[]>;
}
