/** What marks an environment that is made for each request, by @hono/node-server, Deno.serve, AWS Lambda, Lambda@Edge and Netlify. */
const REQUEST_MARKS = ["incoming", "remoteAddr", "lambdaContext", "callback", "context"];

/** Whether the environment is made for each request. */
export function isPerRequest(env: unknown): boolean {
  return typeof env === "object" && env !== null && REQUEST_MARKS.some((mark) => mark in env);
}

/** Finds the object that lives as long as the environment: the process, where each request has an environment of its own. */
export function environmentOf({ env }: { readonly env: unknown }): object {
  if (typeof env !== "object" || env === null || isPerRequest(env)) return globalThis;
  // Cloudflare Pages copies its environment for each request, and leaves its own in `eventContext`.
  return Object(env).eventContext?.env ?? env;
}
