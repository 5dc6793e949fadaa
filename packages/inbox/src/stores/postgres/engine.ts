import { WebhookError } from "@popp-webhooks/core";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import type { Operations } from "../sql/operations.ts";
import type { SqlEngine } from "../sql/sql-store.ts";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter } from "./adapter.ts";
import { assertDurable } from "./assert-durable.ts";
import { isConnectionError } from "./connection-error.ts";
import { migrate } from "./migrate.ts";
import { timeLimit } from "./time-limit.ts";
import { transact } from "./transact.ts";

/** The settings of an engine. */
export interface PostgresConfig {
  readonly schema: string | undefined;
  /** Adds the schema to the table names of a statement. */
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

  /** Runs an operation. Limits pending calls, because a server that is down or frozen answers none of them. */
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

  /** Runs what may run twice, and runs it again when its connection was gone: idle connections break without anybody noticing. */
  async function runAgain<T>(operation: Operation<T>): Promise<T> {
    return untilConnected(() => run(operation));
  }

  /** Accepts an event. An accept whose answer was lost may have been committed: its own row is no duplicate. */
  async function accept(event: NewEvent): Promise<Accepted> {
    return untilConnected(async (isAgain) => {
      const stored = isAgain ? await run(operations.get(event.key)) : undefined;
      return stored !== undefined && isUntouched(stored, event)
        ? { outcome: "accepted", state: stored.state }
        : run(operations.accept(event));
    });
  }

  return {
    durability: adapter.embedded ?? (allowUnsafeCommit ? "process" : "power-loss"),
    open: async () => {
      forget ??= adapter.watch();
      const limit = timeLimit(transactionTimeoutMs, "Postgres took too long to create the store's tables.");
      try {
        await assertDurable(adapter.query, allowUnsafeCommit || adapter.embedded !== undefined);
        await migrate(adapter, { ...config, expired: limit.expired });
      } finally {
        limit.lift();
      }
    },
    read: runAgain,
    write: runAgain,
    claim: run,
    accept,
    transact: (lease, work) => transact({ adapter, operations, qualified, transactionTimeoutMs }, lease, work),
    close: async () => {
      forget?.();
      forget = undefined;
    },
  };
}

/** Whether a row is unchanged since it was accepted: not claimed, and without duplicates. */
function isUntouched({ hash, state, fence, duplicates }: StoredEvent, event: NewEvent): boolean {
  const asAccepted = event.deadReason === null ? "received" : "dead";
  return hash === event.hash && state === asAccepted && fence === 0 && duplicates === 0;
}

/**
 * The pauses before each further attempt, in milliseconds. A pool may hold several connections that broke together: in each pause the client
 * notices more of them, and a later attempt gets a fresh one.
 */
const PAUSES_MS = [0, 10, 40, 160];

/** Tries again while the connection was gone, and fails at once with any other error. */
async function untilConnected<T>(attempt: (isAgain: boolean) => Promise<T>): Promise<T> {
  for (const [at, pauseMs] of PAUSES_MS.entries()) {
    try {
      return await attempt(at > 0);
    } catch (error) {
      if (!isConnectionError(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
  return attempt(true);
}
