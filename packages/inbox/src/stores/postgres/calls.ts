import { WebhookError } from "@popp-webhooks/core";
import type { Operation } from "../sql/statement.ts";
import type { PostgresAdapter } from "./clients/adapter.ts";
import { isReadOnly } from "./clients/connection-error.ts";
import type { Tables } from "./open/tables.ts";
import { untilConnected } from "./until-connected.ts";

/** Runs operations through one client. */
export interface Calls {
  /**
   * Counts a call of the store, and refuses it when too many wait: a server that is down or frozen answers none of them. The call waits for a look at
   * the tables when one is due.
   */
  readonly limited: <T>(call: () => Promise<T>) => Promise<T>;
  /** Runs an operation once. */
  readonly run: <T>(operation: Operation<T>) => Promise<T>;
  /** Runs what may run twice, and runs it again when its connection was gone: idle connections break without anybody noticing. */
  readonly runAgain: <T>(operation: Operation<T>) => Promise<T>;
}

/** How many connections are looked at while the server is read-only, and how often. */
const REPLACED_AT_ONCE = 5;
const REPLACE_EVERY_MS = 100;

const READ_ONLY =
  "Postgres is read-only: a replica, or a server that a failover has demoted. Its connections are replaced one by one. If this goes on, connect to the primary (`target_session_attrs=read-write`), or mend the server.";

/** How to run calls. */
export interface CallsConfig extends Pick<Tables, "qualified" | "look"> {
  readonly maxPendingCalls: number;
}

/** Creates the calls of a store. */
export function callsOf<Tx>(adapter: PostgresAdapter<Tx>, { qualified, look, maxPendingCalls }: CallsConfig): Calls {
  let pending = 0;
  let replacedAtMs = Number.NEGATIVE_INFINITY;

  async function run<T>({ text, values, read }: Operation<T>): Promise<T> {
    try {
      return read(await adapter.query(qualified(text), values));
    } catch (cause) {
      if (!isReadOnly(cause)) throw cause;
      replaceReadOnly();
      throw new WebhookError("STORE_UNAVAILABLE", READ_ONLY, { cause });
    }
  }

  /** Several at a time, as one may be in use, but not too often: where every server is read-only, each new connection is too. */
  function replaceReadOnly(): void {
    const nowMs = performance.now();
    if (nowMs < replacedAtMs + REPLACE_EVERY_MS) return;
    replacedAtMs = nowMs;
    // They may fail: a connection ends before its answer.
    for (let one = 0; one < REPLACED_AT_ONCE; one++) adapter.replaceReadOnly().catch(() => {});
  }

  return {
    limited: async (call) => {
      if (pending >= maxPendingCalls)
        throw new WebhookError("STORE_UNAVAILABLE", "Too many calls are waiting for Postgres (`maxPendingCalls`).");
      pending++;
      try {
        const looking = look();
        if (looking !== undefined) await looking.catch(unlessReadOnly);
        return await call();
      } finally {
        pending--;
      }
    },
    run,
    runAgain: (operation) => untilConnected(() => run(operation)),
  };
}

/** The call itself meets the read-only server, and has its connection replaced. */
function unlessReadOnly(error: unknown): void {
  if (!isReadOnly(error)) throw error;
}
