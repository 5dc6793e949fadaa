import type { WebhookError } from "../errors/webhook-error.ts";
import type { Catalog, EventsOf } from "../events/event.ts";
import type { Outcome } from "./outcome.ts";
import type { VerifiedDelivery } from "./verified-delivery.ts";

/** What the platform lends for the time after the answer: `ctx` of a Worker fits as it is. */
export interface DeliveryContext {
  /** Keeps the process alive until the promise settles, although the client has its answer or has hung up; called as a method. */
  waitUntil?(promise: Promise<unknown>): void;
}

/**
 * The seam between receiving and doing: where a receiver hands over what is genuine.
 *
 * `@popp-webhooks/inbox` makes a durable one. Errors thrown as a `WebhookError` are answered with its code, all others as `INTERNAL`.
 */
export interface Inbox<Events extends Catalog = Catalog> {
  /** The catalogue that events are parsed with, unless the receiver has one of its own. */
  readonly catalog?: Events | undefined;
  /** Takes an event on record, durably, and resolves then: the answer goes out with it. */
  deliver(delivery: VerifiedDelivery, event: EventsOf<Events>, context: DeliveryContext): Promise<Outcome>;
  /** Keeps what is genuine but no event for audit; the answer is the error's. */
  reject(delivery: VerifiedDelivery, error: WebhookError, context: DeliveryContext): Promise<void>;
}
