import type { Durability } from "../../ports/store.ts";
import type { SqlRow, SqlValue } from "../sql/statement.ts";

/** Runs a statement. */
export type Query = (text: string, values: readonly SqlValue[]) => Promise<readonly SqlRow[]>;

/** How a client is to be used. */
export interface AdapterOptions {
  /** Whether statements are prepared, once per connection. */
  readonly prepare: boolean;
  /** How long to wait for an answer, where the client can be told, in milliseconds. */
  readonly statementTimeoutMs: number;
}

/** The one shape that every client is brought to. */
export interface PostgresAdapter<Tx> {
  /** What a database inside the process keeps; undefined for a server, which is asked. */
  readonly embedded: Exclude<Durability, "power-loss"> | undefined;
  /** Runs a statement on any connection; by itself, so that it is committed when it resolves. */
  readonly query: Query;
  /**
   * Runs work in a transaction, which is committed when the work resolves and rolled back when it rejects. The connection comes back
   * or is closed, whatever happens.
   *
   * @param expired - rejects when the transaction has been open for too long
   */
  transaction<T>(work: (tx: Tx, query: Query) => Promise<T>, expired: Promise<never>): Promise<T>;
  /** Hears of connections that break while nobody uses them, until the function it returns is called. */
  watch(): () => void;
}
