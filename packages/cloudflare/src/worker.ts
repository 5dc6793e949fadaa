import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
import { oncePerEnvironment } from "@popp-webhooks/core/internal";

/**
 * The default export of a Worker's module, an `ExportedHandler<Env>`. Spread it to add handlers of your own.
 *
 * `Request` and `Response` are those of your project, from `wrangler types` or `@cloudflare/workers-types`.
 */
export interface WebhookWorker<Env> {
  /** Answers a delivery. */
  readonly fetch: (request: Request, env: Env, ctx: DeliveryContext) => Promise<Response>;
}

/**
 * Turns a receiver into a Worker; work after the answer goes to `ctx.waitUntil`.
 *
 * @param receiverOf - makes the receiver. It is called once per environment, because secrets and bindings come with the request
 *
 * @example
 * ```ts
 * import { toWorker } from "@popp-webhooks/cloudflare";
 * import { createReceiver } from "@popp-webhooks/core";
 *
 * interface Env {
 *   readonly POPP_WEBHOOK_SECRET: string;
 * }
 *
 * export default toWorker((env: Env) =>
 *   createReceiver({
 *     secret: env.POPP_WEBHOOK_SECRET,
 *     on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 *   }),
 * );
 * ```
 */
export function toWorker<Env extends object>(receiverOf: (env: Env) => Receiver): WebhookWorker<Env> {
  const receiverIn = oncePerEnvironment(receiverOf, (env) => env);
  return { fetch: (request, env, ctx) => receiverIn(env).fetch(request, ctx) };
}
