import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
import type { NextApiRequest, NextApiResponse } from "next";

/**
 * Turns a receiver into an API route of the Pages Router.
 *
 * The page itself must say `export const config = { api: { bodyParser: false } };`: Next reads that line from its source,
 * so no package can give it. Without it, each delivery is refused with `BODY_CONSUMED`, unless the host keeps the bytes in `req.rawBody`.
 *
 * @param receiver - the receiver
 *
 * @example
 * ```ts
 * // pages/api/webhooks/popp.ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toNextApiHandler } from "@popp-webhooks/next";
 *
 * export const config = { api: { bodyParser: false } };
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * export default toNextApiHandler(receiver);
 * ```
 */
export function toNextApiHandler(receiver: Receiver): (req: NextApiRequest, res: NextApiResponse) => Promise<void> {
  return async (req, res) => {
    const { method = "", headers } = req;
    const kept = keptBytes(req);
    const consumed = kept || req.body === undefined ? undefined : PARSED;
    const reply = await receiver.receive({ method, headers, body: kept ?? req, consumed }, lentByHost());
    res.writeHead(reply.status, reply.headers).end(reply.body);
  };
}

/** The body's bytes where a host or a server of one's own has read it: Cloud Functions keep them in `rawBody`, express.raw() in `body`. */
function keptBytes(req: NextApiRequest & { readonly rawBody?: unknown }): Uint8Array | undefined {
  // The cast: the receiver takes every kind of view.
  return [req.rawBody, req.body].find((body) => ArrayBuffer.isView(body)) as Uint8Array | undefined;
}

const PARSED = "Next parsed the body: add `export const config = { api: { bodyParser: false } };` to this page.";

/**
 * The Pages Router has no `after()`, but hosts of Next put `waitUntil` here.
 *
 * @see https://nextjs.org/docs/app/api-reference/functions/after
 */
function lentByHost(): DeliveryContext {
  const host: { get(): DeliveryContext | undefined } | undefined = Reflect.get(globalThis, REQUEST_CONTEXT);
  return host?.get() ?? {};
}

const REQUEST_CONTEXT = Symbol.for("@next/request-context");
