import { Refusal } from "../errors/refusal.ts";
import { WebhookError } from "../errors/webhook-error.ts";
import type { AnyEvent, Catalog, EventsOf } from "../events/event.ts";
import { withTimeout } from "../lib/with-timeout.ts";
import type { HeaderSource } from "../read/delivery.ts";
import type { VerifiedBody } from "../verify/verified-body.ts";

/** A delivery whose signature was found genuine: what an inbox is given to keep. */
export interface VerifiedDelivery {
  /** The signed bytes, exactly as they came. */
  readonly body: VerifiedBody;
  /** The request's headers; store an allow-list of them at most. */
  readonly headers: HeaderSource;
  /** When it was received, in milliseconds since the epoch, by the receiver's clock. */
  readonly receivedAtMs: number;
}

/**
 * What became of a delivery that is answered with 200.
 *
 * - `accepted`: an inbox has stored it and will handle it
 * - `handled`: its handler has run
 * - `unhandled`: genuine, but there is no handler for it
 * - `duplicate`: this event is finished or stored already
 */
export interface Outcome {
  /** Which of the four it was. */
  readonly status: "accepted" | "handled" | "unhandled" | "duplicate";
  /** True when the same `eventId` came with other bytes than the first time; the first ones count. */
  readonly conflict?: true;
}

/** What the platform offers for work after the answer. The `ctx` of a Worker fits. */
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
  /** The catalog that events are parsed with, unless the receiver has one of its own. */
  readonly catalog?: Events | undefined;
  /** Stores an event durably. The answer is sent when this resolves. */
  deliver(delivery: VerifiedDelivery, event: EventsOf<Events>, context: DeliveryContext): Promise<Outcome>;
  /** Keeps a genuine body that is refused, for audit: it is not a JSON object, or too old. The answer is the error's. */
  reject(delivery: VerifiedDelivery, error: WebhookError, context: DeliveryContext): Promise<void>;
}

/** Delivers an event to the handlers in this process, or to an inbox. */
export type Deliver<Event> = (
  delivery: VerifiedDelivery,
  event: Event,
  context: DeliveryContext,
) => Promise<Outcome | Refusal>;

const OUTCOMES = ["accepted", "handled", "unhandled", "duplicate"];

/**
 * Hands events to an inbox. The inbox may be anybody's: it has a deadline, and what it returns is checked.
 *
 * @param timeoutMs - how long the inbox may take, in milliseconds
 */
export function deliverToInbox(
  inbox: Inbox,
  timeoutMs: number,
): { readonly deliver: Deliver<AnyEvent>; readonly reject: Inbox["reject"] } {
  const late = () => {
    throw new WebhookError("STORE_UNAVAILABLE", `The inbox took longer than ${timeoutMs} ms (\`handlerTimeoutMs\`).`);
  };
  return {
    deliver: async (...delivery) => {
      const outcome = await withTimeout(Promise.resolve(inbox.deliver(...delivery)), timeoutMs, late);
      if (OUTCOMES.includes(outcome?.status)) return outcome;
      return new Refusal("INTERNAL", 'The inbox returned no outcome, such as `{ status: "accepted" }`.');
    },
    reject: async (...delivery) => withTimeout(Promise.resolve(inbox.reject(...delivery)), timeoutMs, late),
  };
}
