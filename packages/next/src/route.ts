import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
// With its extension: Next has no `exports`, and Node's own ESM finds `next/server` only by its file name.
import { after } from "next/server.js";

/** What a `route.ts` exports. */
export interface NextRoute {
  /** Answers a delivery. Next itself answers all other methods. */
  readonly POST: (request: Request) => Promise<Response>;
}

/**
 * Turns a receiver into a route of the App Router, for the Node and the edge runtime; work after the answer goes to
 * `after()`.
 *
 * @param receiver - the receiver
 *
 * @example
 * ```ts
 * // app/webhooks/popp/route.ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toNextRoute } from "@popp-webhooks/next";
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * export const { POST } = toNextRoute(receiver);
 * ```
 */
export function toNextRoute(receiver: Receiver): NextRoute {
  const answer = (request: Request): Promise<Response> => receiver.fetch(request, background);
  return { POST: answer };
}

const background: DeliveryContext = { waitUntil: (promise) => after(promise) };
