import type { Receiver } from "@popp-webhooks/core";

/** Makes the receiver with an environment's first request: a receiver remembers what is in hand, so it has to live on. */
export function oncePerEnvironment<C extends { readonly env: unknown }>(make: (c: C) => Receiver): (c: C) => Receiver {
  const made = new WeakMap<object, Receiver>();
  return (c) => {
    const environment = environmentOf(c.env);
    const receiver = made.get(environment) ?? make(c);
    made.set(environment, receiver);
    return receiver;
  };
}

/** What `@hono/node-server` and `Deno.serve` call the environment is the connection: there it is the process. */
function environmentOf(env: unknown): object {
  const ofProcess = typeof env !== "object" || env === null || "incoming" in env || "remoteAddr" in env;
  return ofProcess ? globalThis : env;
}
