import { WebhookError } from "@popp-webhooks/core";
import type { Operations } from "../sql/operations.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter } from "./adapter.ts";
import { assertDurable } from "./assert-durable.ts";
import { migrate } from "./migrate.ts";
import { timeLimit } from "./time-limit.ts";
import { transact } from "./transact.ts";

/** How an engine is set up. */
export interface PostgresConfig {
  readonly schema: string | undefined;
  /** Puts the tables of a text into the schema. */
  readonly qualified: (text: string) => string;
  readonly allowUnsafeCommit: boolean;
  readonly transactionTimeoutMs: number;
  readonly maxPendingCalls: number;
}

/** Runs operations through one client. */
export function postgresEngine<Tx>(
  adapter: PostgresAdapter<Tx>,
  operations: Operations,
  config: PostgresConfig,
): SqlEngine<Tx> {
  const { qualified, allowUnsafeCommit, transactionTimeoutMs, maxPendingCalls } = config;
  let pending = 0;
  let forget: (() => void) | undefined;

  /** What a server that is gone or frozen leaves unanswered must not pile up. */
  async function run<T>({ text, values, read }: Operation<T>): Promise<T> {
    if (pending >= maxPendingCalls)
      throw new WebhookError("STORE_UNAVAILABLE", "Too many calls are waiting for Postgres (`maxPendingCalls`).");
    pending++;
    try {
      return read(await adapter.query(qualified(text), values));
    } finally {
      pending--;
    }
  }

  return {
    durability: adapter.embedded ?? (allowUnsafeCommit ? "process" : "power-loss"),
    open: async () => {
      forget ??= adapter.watch();
      const limit = timeLimit(transactionTimeoutMs, "Postgres took too long to make the store's tables.");
      try {
        await assertDurable(adapter.query, allowUnsafeCommit || adapter.embedded !== undefined);
        await migrate(adapter, { ...config, expired: limit.expired });
      } finally {
        limit.lift();
      }
    },
    read: run,
    write: run,
    transact: (lease, work) => transact({ adapter, operations, qualified, transactionTimeoutMs }, lease, work),
    close: async () => {
      forget?.();
      forget = undefined;
    },
  };
}
