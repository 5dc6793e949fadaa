/**
 * Receives Popp's webhooks in a Fastify app.
 *
 * @packageDocumentation
 */
import { setTimeout } from "node:timers/promises";
import type { DeliveryContext, Receiver } from "@popp-webhooks/core";
import type { FastifyError, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import { deliveryOf } from "./delivery-of.ts";

/**
 * Turns a receiver into a Fastify plugin that answers at the prefix it is registered with.
 *
 * The plugin is encapsulated and parses no body: the app's other routes keep their own parsers. Do not wrap it in fastify-plugin.
 * It reads the payload that Fastify hands on, so a `preParsing` hook may replace or decompress it. When the app closes, it waits for
 * work that goes on after the answer, up to five seconds.
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
    const background = new Set<Promise<unknown>>();
    const context: DeliveryContext = {
      waitUntil(promise) {
        background.add(promise);
        promise.finally(() => background.delete(promise)).catch(() => {});
      },
    };

    const answer = async (request: FastifyRequest, reply: FastifyReply) => {
      const { status, headers, body } = await receiver.receive(deliveryOf(request), context);
      return reply.code(status).headers(headers).serializer(unchanged).send(body);
    };

    app.removeAllContentTypeParsers();
    app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    app.setErrorHandler((error: FastifyError, request, reply) => {
      if (!CONTENT_TYPE_ERROR.test(error.code)) throw error;
      return answer(request, reply);
    });
    app.addHook("onClose", () => Promise.race([Promise.allSettled(background), gracePeriod()]).then(() => {}));
    app.all("/", answer);
  };
}

/** The receiver's text is the answer as it is. Without a serializer, Fastify would add a charset to its content type. */
const unchanged = (text: string): string => text;

/** Fastify's errors for a content type that it cannot parse, or that QUERY requires. The receiver does not check the content type. */
const CONTENT_TYPE_ERROR = /^FST_ERR_(CTP_INVALID_MEDIA_TYPE|ROUTE_MISSING_CONTENT_TYPE)$/;

/** How long a closing app waits for work that goes on after the answer. A handler may never settle. */
const gracePeriod = (): Promise<void> => setTimeout(5_000, undefined, { ref: false });
