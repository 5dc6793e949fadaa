/**
 * Receives Popp's webhooks in a Hono app, on Node, Bun, Deno and Workers.
 *
 * @packageDocumentation
 */

import type { Receiver } from "@popp-webhooks/core";
import { oncePerEnvironment } from "@popp-webhooks/core/internal";
import type { Context, Env } from "hono";
import { deliveryOf } from "./delivery-of.ts";
import { environmentOf } from "./environment.ts";
import { executionContextReader } from "./execution-context.ts";

/**
 * Turns a receiver into a Hono handler. Work after the answer goes to `executionCtx.waitUntil`, where the platform has it.
 *
 * Mount it before any middleware that reads the body. Behind one that did, the delivery is refused with
 * `BODY_CONSUMED`, unless Hono still holds the exact bytes (read by `c.req.arrayBuffer()`, `bytes()` or `blob()`).
 *
 * @param receiver - the receiver; or a function that makes one, for Workers, where the secret comes with the request. It is called
 * once per environment (`c.env`); on Node and Deno, where each request has a `c.env` of its own, once per process
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
  const receiverOf = typeof receiver === "function" ? oncePerEnvironment(receiver, environmentOf) : () => receiver;
  const executionContextOf = executionContextReader();
  return async (c) => {
    const { body, ...init } = await receiverOf(c).receive(deliveryOf(c), executionContextOf(c));
    return new Response(body, init);
  };
}
