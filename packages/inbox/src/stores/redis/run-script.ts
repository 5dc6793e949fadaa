import { WebhookError } from "@popp-webhooks/core";
import type { Argument, Command } from "./connection.ts";
import { explained } from "./explain-error.ts";
import { textOf } from "./reply.ts";
import type { Script } from "./scripts/script.ts";
import { type Send, sendReading } from "./send.ts";

/** Runs a script with its arguments. */
export type RunScript = (script: Script, args: readonly Argument[]) => Promise<unknown>;

/**
 * Runs scripts by their digest, or by their text when the server does not know the digest, as after a restart.
 *
 * @param prefix - the key that is declared; it has the hash tag of all keys. A second one tells a script that it may have run before
 */
export function scriptRunner(send: Send, prefix: string): RunScript {
  const digests = new Map<string, string>();

  return async function run(script, args): Promise<unknown> {
    const { name, text, isRepeatable } = script;
    const digest = digests.get(name);
    if (digest === undefined) {
      digests.set(name, textOf(await sendReading(send, ["SCRIPT", "LOAD", text])) ?? "");
      return run(script, args);
    }
    const again = (code: readonly [string, string]): Command => [...code, "2", prefix, `${prefix}:again`, ...args];
    const sent = (...code: [string, string]) =>
      send([...code, "1", prefix, ...args], isRepeatable && (() => again(code)));
    try {
      return await sent("EVALSHA", digest);
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
      return sent("EVAL", text);
    }
  };
}

/** Runs calls and explains their errors. Refuses them while too many wait: a client keeps all its calls in memory while the server is frozen. */
export function pendingLimit(maxPending: number): <T>(call: () => Promise<T>) => Promise<T> {
  let pending = 0;
  return async (call) => {
    if (pending >= maxPending)
      throw new WebhookError("STORE_UNAVAILABLE", "Too many calls are waiting for Redis (`maxPendingCalls`).");
    pending++;
    try {
      return await call();
    } catch (error) {
      throw explained(error);
    } finally {
      pending--;
    }
  };
}
