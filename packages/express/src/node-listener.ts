import type { IncomingMessage, ServerResponse } from "node:http";
import type { DeliveryBody, Receiver } from "@popp-webhooks/core";

/** A Node request, and what platforms and body parsers may have put on it. */
export interface NodeRequest extends IncomingMessage {
  /** The body's exact bytes, as Nest (`rawBody: true`), Cloud Functions and `verify` of express.json() keep them. */
  rawBody?: unknown;
  /** What a body parser made of it; bytes only with express.raw(). */
  body?: unknown;
}

/**
 * Turns a receiver into a listener for `node:http` and whatever builds on it: Connect, Koa, Nest and friends.
 *
 * It reads the request itself, so mount it before any body parser; where the exact bytes were kept as `rawBody`, or by
 * express.raw(), it takes those. Behind a parser that kept nothing, each delivery is refused with `BODY_CONSUMED`.
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
    // Something before this listener, such as a timeout, may have answered in the meantime.
    if (response.headersSent) return;
    response.statusCode = status;
    for (const [name, value] of Object.entries(ours)) response.setHeader(name, value);
    response.end(body);
  };
}

/** The exact bytes where somebody kept them, otherwise the stream; text was decoded, and objects were parsed. */
function bodyOf(request: NodeRequest): DeliveryBody {
  try {
    return [request.rawBody, request.body].find((candidate) => candidate instanceof Uint8Array) ?? request;
  } catch {
    // Some hosts parse the body when it is looked at first, and throw what they cannot.
    return request;
  }
}
