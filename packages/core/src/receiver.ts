import { judgeAge } from "./deliver/check-age.ts";
import type { DeliveryContext } from "./deliver/inbox.ts";
import { lentBy } from "./deliver/platform-context.ts";
import { Refusal } from "./errors/refusal.ts";
import { isWebhookError } from "./errors/webhook-error.ts";
import type { AnyEvent, Catalog } from "./events/event.ts";
import { parse } from "./parse/parse.ts";
import { admit } from "./read/admit.ts";
import { type Delivery, deliveryOf } from "./read/delivery.ts";
import { discard } from "./read/discard.ts";
import { readerOf } from "./read/open-body.ts";
import { read } from "./read/read.ts";
import { type Plan, planOf } from "./receiver-config.ts";
import type { CreateReceiverOptions, InboxOptions } from "./receiver-options.ts";
import type { End } from "./respond/end.ts";
import type { Reply } from "./respond/reply.ts";
import { report } from "./respond/report.ts";
import { respond } from "./respond/respond.ts";
import { claimOf } from "./verify/claim.ts";
import { verify } from "./verify/verify.ts";

/** Answers deliveries. Neither function ever rejects, and both may be taken off the object. */
export interface Receiver {
  /**
   * Answers a web `Request`: all that a runtime which speaks fetch needs.
   *
   * @param request - the delivery; nobody may have read its body
   * @param context - what the platform lends for the time after the answer, such as a Worker's `ctx`; anything else a runtime passes is ignored
   */
  readonly fetch: (request: Request, context?: DeliveryContext | object) => Promise<Response>;
  /**
   * Answers a delivery from a framework that has no web `Request`, without building one.
   *
   * @param delivery - the method, the headers, and the body as bytes or a stream of them
   * @param context - what the platform lends for the time after the answer
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
export function createReceiver(options: CreateReceiverOptions & { readonly catalog?: undefined }): Receiver;
export function createReceiver<Events extends Catalog>(
  options: CreateReceiverOptions<Events> & ({ readonly catalog: Events } | InboxOptions<Events>),
): Receiver;
// Takes options that were declared by their type; and, being the last, it is what TypeScript 7 explains mistakes by.
export function createReceiver(options: CreateReceiverOptions): Receiver;
export function createReceiver(options: unknown): Receiver {
  // The join: what was typed by its own catalogue goes on as events of some catalogue.
  const plan = planOf(options as CreateReceiverOptions<Catalog>);
  let inFlight = 0;

  async function answer(open: () => Delivery, platform: unknown): Promise<Reply> {
    const startedAtMs = plan.now();
    const context = lentBy(platform);
    inFlight++;
    const following = follow(plan, open, context, inFlight > plan.maxInFlight ? OVERLOADED : undefined);
    // Where a platform drops what it does for a client that has hung up, the event would stay busy, and its place taken.
    context.waitUntil?.(following);
    const end = await following;
    inFlight--;
    const reply = respond(end.result);
    report(plan, end, reply.status, startedAtMs);
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
  plan: Plan,
  open: () => Delivery,
  context: DeliveryContext,
  full: Refusal | undefined,
): Promise<End> {
  let event: AnyEvent | undefined;
  try {
    const delivery = open();
    const barred = full ?? admit(delivery, plan.maxBytes);
    if (barred !== undefined) {
      discard(delivery.body, plan, readerOf);
      return { result: barred };
    }
    const bytes = await read(delivery, plan, readerOf);
    if (bytes instanceof Refusal) return { result: bytes };
    const body = await verify(bytes, claimOf(delivery, plan));
    if (body instanceof Refusal) return { result: body };
    const verified = { body, headers: delivery.headers, receivedAtMs: plan.now() };
    const parsed = parse(body, plan.catalog);
    if (parsed instanceof Refusal) {
      await plan.reject?.(verified, parsed.toError(), context);
      return { result: parsed };
    }
    event = parsed;
    const result =
      judgeAge(event, plan.maxAgeSeconds, verified.receivedAtMs) ?? (await plan.deliver(verified, event, context));
    return { result, event };
  } catch (error) {
    return { result: refusalOf(error), event };
  }
}

/** An inbox throws errors with a code; whatever else comes up here, nobody foresaw. */
function refusalOf(thrown: unknown): Refusal {
  if (isWebhookError(thrown)) return new Refusal(thrown.code, thrown.message, thrown);
  return new Refusal("INTERNAL", "Something failed that nobody foresaw: `onError` has the cause.", { cause: thrown });
}

const OVERLOADED = new Refusal("OVERLOADED", "Too many deliveries are in flight (`maxInFlight`).");
