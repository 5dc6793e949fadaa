import type { InboxStore } from "@popp-webhooks/inbox";

/** A store under test, empty and not yet open. */
export interface StoreUnderTest<Tx = unknown> {
  /** The store. */
  readonly store: InboxStore<Tx>;
  /** Opens another connection to the same data, as another process would. Returns the same store if a second connection is impossible. */
  connect(): Promise<InboxStore<Tx>>;
  /** How a handler writes in the store's transaction. Absent where the store has no transactions. */
  readonly sideEffects?: SideEffects<Tx> | undefined;
  /** Closes all connections and removes the data. */
  close(): Promise<void>;
}

/** A user's table in the store's database. */
export interface SideEffects<Tx> {
  /** Inserts a row inside the transaction. */
  write(tx: Tx): void | Promise<void>;
  /** The number of committed rows. */
  count(): Promise<number>;
}

/** One rule that every store must follow. */
export interface StoreCase {
  /** The rule in one sentence. It is the test's name. */
  readonly name: string;
  /** The optional part of the store under test that the case needs. Without it the case is skipped. */
  readonly needs?: "sideEffects";
  /** Resolves when the store follows the rule, and rejects with the difference otherwise. */
  run<Tx>(subject: StoreUnderTest<Tx>): Promise<void>;
}
