import type { DeliveryContext, Receiver } from "@popp-webhooks/core";

/**
 * What a Worker's module exports by default: an `ExportedHandler<Env>`; spread it to stand beside handlers of your own.
 *
 * `Request` and `Response` are those of your project, be they from `wrangler types` or `@cloudflare/workers-types`.
 */
export interface WebhookWorker<Env> {
  /** Answers a delivery. */
  readonly fetch: (request: Request, env: Env, ctx: DeliveryContext) => Promise<Response>;
}

/**
 * Turns a receiver into a Worker; work after the answer goes to `ctx.waitUntil`.
 *
 * @param receiverOf - makes the receiver; called once per environment, since secrets and bindings come with the request
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
  const made = new WeakMap<Env, Receiver>();
  return {
    fetch(request, env, ctx) {
      const receiver = made.get(env) ?? receiverOf(env);
      made.set(env, receiver);
      return receiver.fetch(request, ctx);
    },
  };
}
