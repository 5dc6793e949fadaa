import { isWebhookError, WebhookError } from "@popp-webhooks/core";
import type { Lease, Transacted } from "../../ports/claims.ts";
import type { PostgresAdapter } from "./clients/adapter.ts";
import { completeOperation, holdOperation } from "./sql/settle.ts";
import { timeLimit } from "./time-limit.ts";

/** What a transaction needs. */
export interface TransactionConfig<Tx> {
  readonly adapter: PostgresAdapter<Tx>;
  readonly qualified: (text: string) => string;
  readonly transactionTimeoutMs: number;
}

/** Rolls back a transaction whose claimant no longer holds the lease. */
const LOST = new Error("The lease on this event was lost.");

/**
 * Runs the user's work in a transaction that also settles the event. It settles last: when the work ignores a failed statement, Postgres rolls back
 * everything, and the settlement fails instead of reporting success.
 */
export async function transact<Tx, T>(
  { adapter, qualified, transactionTimeoutMs }: TransactionConfig<Tx>,
  lease: Lease,
  work: (tx: Tx) => T | Promise<T>,
): Promise<Transacted<T> | undefined> {
  const limit = timeLimit(
    transactionTimeoutMs,
    `The work in \`tx\` took longer than ${transactionTimeoutMs} ms (\`transactionTimeoutMs\`) and was rolled back.`,
  );
  const hold = holdOperation(lease, 2 * transactionTimeoutMs);
  const complete = completeOperation(lease);
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
