import { WebhookError } from "@popp-webhooks/core";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter } from "./clients/adapter.ts";
import { untilConnected } from "./until-connected.ts";

/** Runs operations through one client. */
export interface Calls {
  /** Counts a call of the store, and refuses it when too many wait: a server that is down or frozen answers none of them. */
  readonly limited: <T>(call: () => Promise<T>) => Promise<T>;
  /** Runs an operation once. */
  readonly run: <T>(operation: Operation<T>) => Promise<T>;
  /** Runs what may run twice, and runs it again when its connection was gone: idle connections break without anybody noticing. */
  readonly runAgain: <T>(operation: Operation<T>) => Promise<T>;
}

/** Creates the calls of a store. */
export function callsOf<Tx>(
  adapter: PostgresAdapter<Tx>,
  qualified: (text: string) => string,
  maxPendingCalls: number,
): Calls {
  let pending = 0;

  async function run<T>({ text, values, read }: Operation<T>): Promise<T> {
    return read(await adapter.query(qualified(text), values));
  }

  return {
    limited: async (call) => {
      if (pending >= maxPendingCalls)
        throw new WebhookError("STORE_UNAVAILABLE", "Too many calls are waiting for Postgres (`maxPendingCalls`).");
      pending++;
      try {
        return await call();
      } finally {
        pending--;
      }
    },
    run,
    runAgain: (operation) => untilConnected(() => run(operation)),
  };
}
