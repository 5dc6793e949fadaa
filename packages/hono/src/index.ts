/**
 * Receives Popp's webhooks in a Hono app, on Node, Bun, Deno and Workers.
 *
 * @packageDocumentation
 */

import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
import type { Context, Env } from "hono";
import { deliveryOf } from "./delivery-of.ts";
import { oncePerEnvironment } from "./once-per-environment.ts";

/**
 * Turns a receiver into a Hono handler: it gives the exact bytes, and lends `executionCtx` where there is one.
 *
 * Mount it before any middleware that reads the body. Behind one that did, the delivery is refused with
 * `BODY_CONSUMED`, unless Hono still holds the exact bytes (read by `c.req.arrayBuffer()`, `bytes()` or `blob()`).
 *
 * @param receiver - the receiver; or, where the secret comes with the request as on Workers, a function that makes one,
 * called once per environment (`c.env`); on Node and Deno, where each request has a `c.env` of its own, once in all
 *
 * @example
 * ```ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toHonoHandler } from "@popp-webhooks/hono";
 * import { Hono } from "hono";
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * export const app = new Hono().post("/webhooks/popp", toHonoHandler(receiver));
 * ```
 */
export function toHonoHandler<E extends Env = Env>(
  receiver: Receiver | ((c: Context<E>) => Receiver),
): (c: Context<E>) => Promise<Response> {
  const receiverOf = typeof receiver === "function" ? oncePerEnvironment(receiver) : () => receiver;
  return async (c) => {
    const { body, ...init } = await receiverOf(c).receive(deliveryOf(c), lentBy(c));
    return new Response(body, init);
  };
}

/** Reading `executionCtx` throws where the platform has none, such as Node. */
function lentBy(c: Pick<Context, "executionCtx">): DeliveryContext {
  try {
    return c.executionCtx;
  } catch {
    return {};
  }
}
