/** The part of a Durable Object's storage that a store needs: `ctx.storage` fits. */
export interface DurableStorage {
  /** Its SQLite database. */
  readonly sql: DurableSql;
  /** Runs synchronous work in a transaction, and rolls back when the work throws. */
  transactionSync<T>(work: () => T): T;
}

/** The result of a statement. */
export interface DurableRows {
  /** Returns all rows. */
  toArray(): readonly object[];
}

/** The SQLite database of a Durable Object. */
export interface DurableSql {
  /** Runs a statement. */
  exec(sql: string, ...values: unknown[]): DurableRows;
}
