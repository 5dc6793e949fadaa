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

/** What marks an environment that is made for each request, by @hono/node-server, Deno.serve, AWS Lambda, Lambda@Edge and Netlify: there it is the process. */
const OF_REQUEST = ["incoming", "remoteAddr", "lambdaContext", "callback", "context"];

/** Cloudflare Pages copies what it has into one for each request, and leaves its own in `eventContext`. */
function environmentOf(env: unknown): object {
  if (typeof env !== "object" || env === null || OF_REQUEST.some((name) => name in env)) return globalThis;
  return Object(env).eventContext?.env ?? env;
}
