/**
 * Receives Popp's webhooks in a Fastify app.
 *
 * @packageDocumentation
 */
import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";

/**
 * Turns a receiver into a Fastify plugin that answers at the prefix it is registered with.
 *
 * Its content-type parser leaves the body unread for the receiver. Do not wrap it in fastify-plugin: it is encapsulated, so the app's other
 * routes keep their own parsers. When the app closes, work that outlived its answer is waited for, up to five seconds.
 *
 * @param receiver - the receiver
 *
 * @example
 * ```ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { toFastifyPlugin } from "@popp-webhooks/fastify";
 * import Fastify from "fastify";
 *
 * const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: { CONVERSATION_COMPLETED: (event) => console.log(event.data.conversationStatus) },
 * });
 *
 * export const app = Fastify();
 * await app.register(toFastifyPlugin(receiver), { prefix: "/webhooks/popp" });
 * ```
 */
export function toFastifyPlugin(receiver: Receiver): FastifyPluginAsync {
  return async (app) => {
    const inHand = new Set<Promise<unknown>>();
    const context: DeliveryContext = {
      waitUntil(promise) {
        const settled = () => inHand.delete(promise);
        inHand.add(promise);
        promise.then(settled, settled);
      },
    };

    const answer = async ({ raw }: FastifyRequest, reply: FastifyReply) => {
      const { method = "", headers } = raw;
      const { status, headers: ours, body } = await receiver.receive({ method, headers, body: raw }, context);
      // As bytes: to a text, Fastify would add a charset.
      return reply.code(status).headers(ours).send(Buffer.from(body));
    };

    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, _body, done) => done(null));
    app.setErrorHandler((error: FastifyError, request, reply) => {
      if (!CONTENT_TYPE_ERRORS.has(error.code)) throw error;
      return answer(request, reply);
    });
    app.addHook("onClose", () => Promise.race([Promise.allSettled(inHand), patience()]).then(() => {}));
    app.all("/", answer);
  };
}

/** What Fastify says before any parser is asked, of a content-type that it cannot parse or that QUERY demands: it is not judged here. */
const CONTENT_TYPE_ERRORS: ReadonlySet<string> = new Set([
  "FST_ERR_CTP_INVALID_MEDIA_TYPE",
  "FST_ERR_ROUTE_MISSING_CONTENT_TYPE",
]);

/** How long a closing app waits for work that outlived its answer, in milliseconds: a handler that never settles must not keep it open. */
const PATIENCE_MS = 5_000;

function patience(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PATIENCE_MS).unref());
}
