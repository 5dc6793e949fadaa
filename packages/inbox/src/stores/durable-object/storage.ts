/** The storage of a Durable Object, as far as a store needs it: `ctx.storage` fits as it is. */
export interface DurableStorage {
  /** Its SQLite database. */
  readonly sql: DurableSql;
  /** Runs synchronous work in a transaction; what it throws undoes it. */
  transactionSync<T>(work: () => T): T;
}

/** What its database answers. */
export interface DurableRows {
  /** Gives all rows. */
  toArray(): readonly object[];
}

/** The SQLite database of a Durable Object. */
export interface DurableSql {
  /** Runs a statement. */
  exec(sql: string, ...values: unknown[]): DurableRows;
}
