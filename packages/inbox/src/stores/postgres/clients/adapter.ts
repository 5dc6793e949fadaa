import type { Durability } from "../../../ports/store.ts";
import type { SqlRow, SqlValue } from "../../sql/statement.ts";

/** Runs a statement. */
export type Query = (text: string, values: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** How to use a client. */
export interface AdapterOptions {
  /** Whether statements are prepared once per connection. */
  readonly prepare: boolean;
  /** How long to wait for an answer, in milliseconds, for clients that have such an option. */
  readonly statementTimeoutMs: number;
}

/** The common interface of all clients. */
export interface PostgresAdapter<Tx> {
  /** The durability of a database inside the process; undefined for a server, which is asked. */
  readonly embedded: Exclude<Durability, "power-loss"> | undefined;
  /** Runs a statement on any connection, outside a transaction: it is committed when it resolves. */
  readonly query: Query;
  /**
   * Runs work in a transaction, which is committed when the work resolves and rolled back when it rejects. The connection always goes back to the
   * pool or is closed.
   *
   * @param expired - rejects when the transaction has been open too long
   */
  transaction<T>(work: (tx: Tx, query: Query) => Promise<T>, expired: Promise<never>): Promise<T>;
  /**
   * Runs work with one connection to itself, outside a transaction, to find out whether prepared statements work. Undefined when none are prepared, and where
   * there is no way to keep a connection.
   */
  readonly reserve: (<T>(work: (query: Query) => Promise<T>) => Promise<T>) | undefined;
  /** Looks at one connection, and closes it when its server is read-only, so that the client opens another. */
  readonly replaceReadOnly: () => Promise<unknown>;
  /** Handles errors of idle connections until the returned function is called. */
  watch(): () => void;
}
