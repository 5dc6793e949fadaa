import type { ServerResponse } from "node:http";
import type { Receiver } from "@popp-webhooks/core";
import { type NodeRequest, toNodeListener } from "./node-listener.ts";

/**
 * Turns a receiver into a handler for Express 4 and 5.
 *
 * Mount it before express.json(): the signature covers the exact bytes, and a parsed object has lost them. Behind a parser, each
 * delivery is refused with `BODY_CONSUMED`, unless the parser's `verify` option keeps the bytes as `rawBody`. Such a parser answers 413
 * above its own `limit`, 100 kB by default. With `app.all` or `app.use`, methods other than POST get the receiver's answer.
 *
 * @param receiver - the receiver
 *
 * @example
 * ```ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toExpressHandler } from "@popp-webhooks/express";
 * import express from "express";
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * export const app = express();
 * app.post("/webhooks/popp", toExpressHandler(receiver));
 * app.use(express.json());
 * ```
 */
export function toExpressHandler(
  receiver: Receiver,
): (request: NodeRequest, response: ServerResponse) => Promise<void> {
  return toNodeListener(receiver);
}
