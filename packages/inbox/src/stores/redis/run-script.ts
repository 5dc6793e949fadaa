import { WebhookError } from "@popp-webhooks/core";
import type { Argument, Send } from "./connection.ts";
import { textOf } from "./reply.ts";
import type { Script } from "./scripts/script.ts";

/** Runs a script with its arguments. */
export type RunScript = (script: Script, args: readonly Argument[]) => Promise<unknown>;

/**
 * Runs scripts by their digest, or by their text when the server does not know the digest, as after a restart.
 *
 * @param prefix - the only key that is declared; it has the hash tag of all keys
 */
export function scriptRunner(send: Send, prefix: string): RunScript {
  const digests = new Map<string, string>();

  return async function run({ name, text }, args): Promise<unknown> {
    const rest = ["1", prefix, ...args];
    const digest = digests.get(name);
    if (digest === undefined) {
      digests.set(name, textOf(await send(["SCRIPT", "LOAD", text])) ?? "");
      return run({ name, text }, args);
    }
    try {
      return await send(["EVALSHA", digest, ...rest]);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return send(["EVAL", text, ...rest]);
    }
  };
}

/** Runs calls, and refuses them while too many wait: a client keeps all its calls in memory while the server is frozen. */
export function pendingLimit(maxPending: number): <T>(call: () => Promise<T>) => Promise<T> {
  let pending = 0;
  return async (call) => {
    if (pending >= maxPending)
      throw new WebhookError("STORE_UNAVAILABLE", "Too many calls are waiting for Redis (`maxPendingCalls`).");
    pending++;
    try {
      return await call();
    } finally {
      pending--;
    }
  };
}
