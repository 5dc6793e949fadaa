import { checkAge } from "./deliver/check-age.ts";
import type { DeliveryContext } from "./deliver/inbox.ts";
import { safeContext } from "./deliver/platform-context.ts";
import { Refusal } from "./errors/refusal.ts";
import { isWebhookError } from "./errors/webhook-error.ts";
import type { PoppEvents } from "./events/catalog.ts";
import type { AnyEvent, Catalog } from "./events/event.ts";
import { parse } from "./parse/parse.ts";
import { admit } from "./read/admit.ts";
import { type Delivery, deliveryOf, headerValue } from "./read/delivery.ts";
import { bodyReaderFor } from "./read/open-body.ts";
import { discard, read } from "./read/read.ts";
import { type ReceiverConfig, resolveOptions } from "./receiver-config.ts";
import type { CreateReceiverOptions } from "./receiver-options.ts";
import { type DeliveryResult, report } from "./respond/report.ts";
import type { Reply } from "./respond/respond.ts";
import { respond } from "./respond/respond.ts";
import { signatureInputOf, verify } from "./verify/verify.ts";

/** Answers deliveries. Neither function ever rejects, and both may be taken off the object. */
export interface Receiver {
  /**
   * Answers a web `Request`: all that a runtime which speaks fetch needs.
   *
   * @param request - the delivery; nobody may have read its body
   * @param context - what the platform offers for work after the answer, such as a Worker's `ctx`; anything else a runtime passes is ignored
   */
  readonly fetch: (request: Request, context?: DeliveryContext | object) => Promise<Response>;
  /**
   * Answers a delivery from a framework that has no web `Request`, without building one.
   *
   * @param delivery - the method, the headers, and the body as bytes or a stream of them
   * @param context - what the platform offers for work after the answer
   */
  readonly receive: (delivery: Delivery, context?: DeliveryContext) => Promise<Reply>;
}

/**
 * Makes a whole webhook endpoint: it verifies, parses, calls your handlers or hands over to an inbox, and answers.
 *
 * The answer is exactly 200, or an error with a code; Popp's documents ask for 200 "as soon as possible". A missing
 * secret is no error here but with each delivery, so that an app can be built where there is none.
 *
 * @param options - the secret, and the handlers or the inbox
 * @throws {@link WebhookError} `CONFIG_INVALID` when the options cannot work
 *
 * @example
 * ```ts
 * import { createReceiver } from "@popp-webhooks/core";
 *
 * export const receiver = createReceiver({
 *   secret: () => process.env.POPP_WEBHOOK_SECRET,
 *   on: {
 *     CONVERSATION_COMPLETED: async (event, { signal }) => {
 *       await fetch("https://ats.example/candidates", { method: "POST", body: JSON.stringify(event.data), signal });
 *     },
 *   },
 * });
 * ```
 */
export function createReceiver<Events extends Catalog = PoppEvents>(options: CreateReceiverOptions<Events>): Receiver {
  // The cast: what was typed by its own catalog goes on as events of some catalog.
  const config = resolveOptions(options as CreateReceiverOptions<Catalog>);
  let inFlight = 0;

  async function answer(open: () => Delivery, platform: unknown): Promise<Reply> {
    const startedAtMs = config.now();
    const context = safeContext(platform);
    inFlight++;
    const following = follow(config, open, context, inFlight > config.maxInFlight ? OVERLOADED : undefined);
    // Some platforms cancel a request when the client disconnects. Without waitUntil the event would stay busy and its in-flight slot would never be freed.
    context.waitUntil?.(following);
    const end = await following;
    inFlight--;
    const reply = respond(end.result);
    report(config, end, reply.status, startedAtMs);
    return reply;
  }

  return {
    receive: (delivery, context) => answer(() => delivery, context),
    fetch: async (request, context) => {
      const { body, ...init } = await answer(() => deliveryOf(request), context);
      return new Response(body, init);
    },
  };
}

/** The corridor: each stage takes what the one before it gave, or the delivery ends there. */
async function follow(
  config: ReceiverConfig,
  open: () => Delivery,
  context: DeliveryContext,
  full: Refusal | undefined,
): Promise<DeliveryResult> {
  let event: AnyEvent | undefined;
  let secretIndex: number | undefined;
  try {
    const delivery = open();
    const barred = full ?? admit(delivery, config.maxBytes);
    if (barred !== undefined) {
      discard(delivery.body, config, bodyReaderFor);
      return { result: barred };
    }
    const header = (name: string) => headerValue(delivery.headers, name);
    const bytes = await read(delivery, header, config, bodyReaderFor);
    if (bytes instanceof Refusal) return { result: bytes };
    const signed = await verify(bytes, signatureInputOf(header, config.scheme), config);
    if (signed instanceof Refusal) return { result: signed };
    ({ secretIndex } = signed);
    const { body } = signed;
    const verified = { body, headers: delivery.headers, receivedAtMs: config.now() };
    const parsed = parse(body, config.catalog);
    if (parsed instanceof Refusal) {
      await config.reject?.(verified, parsed.toError(), context);
      return { result: parsed, secretIndex };
    }
    event = parsed;
    const stale = checkAge(event, config.maxAgeSeconds, verified.receivedAtMs);
    if (stale !== undefined) await config.reject?.(verified, stale.toError(), context);
    return { result: stale ?? (await config.deliver(verified, event, context)), event, secretIndex };
  } catch (error) {
    return { result: refusalOf(error), event, secretIndex };
  }
}

/** An inbox throws errors with a code. Everything else is an internal error, and so is an error that no answer can be made of. */
function refusalOf(thrown: unknown): Refusal {
  try {
    if (isWebhookError(thrown)) {
      const { code, message, cause, issues } = thrown;
      const refusal = new Refusal(code, `${message}`, { cause, ...(issues && { issues }) });
      // The issues of somebody's inbox may hold a BigInt or a getter that throws: that must fail here, where it can be answered.
      respond(refusal);
      return refusal;
    }
  } catch {
    // It becomes the cause of an internal error.
  }
  return new Refusal("INTERNAL", "Internal error. `onError` receives the cause.", { cause: thrown });
}

const OVERLOADED = new Refusal("OVERLOADED", "Too many deliveries are in flight (`maxInFlight`).");
