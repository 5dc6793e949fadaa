import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeliveryBody, Receiver } from "@popp-webhooks/core";

/** A Node request, with the properties that hosts and body parsers may add. */
export interface NodeRequest extends IncomingMessage {
  /** The body's exact bytes, as Nest (`rawBody: true`), Cloud Functions and the `verify` option of express.json() keep them. */
  rawBody?: unknown;
  /** What a body parser made of the body. Only express.raw() leaves bytes. */
  body?: unknown;
}

/**
 * Turns a receiver into a listener for `node:http` and frameworks on top of it, such as Connect and Koa.
 *
 * It reads the request itself: mount it before any body parser. Where the exact bytes were kept as `rawBody`, or by express.raw(), it
 * takes those. Behind a parser that kept nothing, each delivery is refused with `BODY_CONSUMED`. Body parsers have size limits of their
 * own, 100 kB in Express: they answer 413 before this listener is called.
 *
 * In Koa, set `ctx.respond = false` and pass Node's own objects: `listener(ctx.req, ctx.res)`, not `ctx.request` and `ctx.response`.
 * In Fastify, and in Nest on Fastify, use `@popp-webhooks/fastify`: Fastify has read the body before a handler is called.
 *
 * @param receiver - the receiver
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toNodeListener } from "@popp-webhooks/express";
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * createServer(toNodeListener(receiver)).listen(3000);
 * ```
 */
export function toNodeListener(receiver: Receiver): (request: NodeRequest, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    const { method = "", headers } = request;
    const { status, headers: ours, body } = await receiver.receive({ method, headers, body: bodyOf(request) });
    // Another listener, such as one for timeouts, may have answered in the meantime.
    if (response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(ours)) response.setHeader(name, value);
    response.end(body);
  };
}

/** The exact bytes where somebody kept them, otherwise the stream. Text was decoded and objects were parsed: they are not taken. */
function bodyOf(request: NodeRequest): DeliveryBody {
  return keptBytes(() => request.rawBody) ?? keptBytes(() => request.body) ?? request;
}

/** Bytes of any realm. Some hosts parse the body when it is first looked at, and throw if they cannot. */
function keptBytes(look: () => unknown): Uint8Array | undefined {
  try {
    const kept = look();
    return ArrayBuffer.isView(kept) ? new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength) : undefined;
  } catch {
    return undefined;
  }
}
