import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Lease, Transacted } from "../../ports/claims.ts";
import { postgresDialect } from "../sql/dialect.ts";
import { HELD, type Operations } from "../sql/operations.ts";
import { operationOf, statementOf } from "../sql/statement.ts";
import type { PostgresAdapter } from "./adapter.ts";
import { timeLimit } from "./time-limit.ts";

/** What a transaction needs. */
export interface TransactionConfig<Tx> {
  readonly adapter: PostgresAdapter<Tx>;
  readonly operations: Operations;
  readonly qualified: (text: string) => string;
  readonly transactionTimeoutMs: number;
}

/**
 * Finds the claimed event and locks its row, so that other claims skip it. The lock is weak: the lease can be renewed and duplicates can be counted
 * meanwhile. The server ends a transaction that is idle for twice its time limit, because its process is frozen or disconnected.
 */
const HOLD = statementOf(
  postgresDialect,
  `SELECT CASE WHEN current_setting('idle_in_transaction_session_timeout') = '0'
    THEN set_config('idle_in_transaction_session_timeout', :timeout, true) END AS timeout
    FROM popp_inbox WHERE ${HELD} FOR KEY SHARE`,
);

/** Rolls back a transaction whose claimant no longer holds the lease. */
const LOST = new Error("The lease on this event was lost.");

/**
 * Runs the user's work in a transaction that also settles the event. It settles last: when the work ignores a failed statement, Postgres rolls back
 * everything, and the settlement fails instead of reporting success.
 */
export async function transact<Tx, T>(
  { adapter, operations, qualified, transactionTimeoutMs }: TransactionConfig<Tx>,
  lease: Lease,
  work: (tx: Tx) => T | Promise<T>,
): Promise<Transacted<T> | undefined> {
  const limit = timeLimit(
    transactionTimeoutMs,
    `The work in \`tx\` took longer than ${transactionTimeoutMs} ms (\`transactionTimeoutMs\`) and was rolled back.`,
  );
  const hold = operationOf(HOLD, { ...lease, timeout: String(2 * transactionTimeoutMs) }, (rows) => rows.length === 1);
  const complete = operations.complete(lease);
  let failure: { readonly error: unknown } | undefined;
  try {
    const running = adapter.transaction(async (tx, query) => {
      if (!hold.read(await query(qualified(hold.text), hold.values))) throw LOST;
      limit.throwIfExpired();
      let value: T;
      try {
        value = await work(tx);
      } catch (error) {
        failure = { error };
        throw error;
      }
      limit.throwIfExpired();
      if (!complete.read(await query(qualified(complete.text), complete.values))) throw LOST;
      return { value };
    }, limit.expired);
    return await Promise.race([running, limit.expired]);
  } catch (error) {
    if (error === LOST) return undefined;
    if (failure !== undefined) throw failure.error;
    throw unavailable(error);
  } finally {
    limit.lift();
  }
}

/** Turns an error of the driver into `STORE_UNAVAILABLE`. */
function unavailable(cause: unknown): WebhookError {
  if (isWebhookError(cause)) return cause;
  return new WebhookError("STORE_UNAVAILABLE", "The transaction failed in Postgres.", { cause });
}
