import type { Handlers } from "./deliver/handlers.ts";
import type { Inbox } from "./deliver/inbox.ts";
import type { Outcome } from "./deliver/outcome.ts";
import type { WebhookError, WebhookErrorCode } from "./errors/webhook-error.ts";
import type { PoppEvents } from "./events/catalog.ts";
import type { Catalog } from "./events/event.ts";
import type { Scheme } from "./verify/scheme.ts";
import type { Secret } from "./verify/secret.ts";

/** What is known of a delivery when it has been answered; for logs and metrics, so it holds no personal data. */
export interface DeliveryReport {
  /** The event's name on the wire; absent when the delivery was refused before it was known. */
  readonly eventName?: string;
  /** The event's id; absent when the delivery was refused before it was known, or has none. */
  readonly eventId?: string;
  /** The HTTP status of the answer. */
  readonly httpStatus: number;
  /** From the first look at the delivery to its answer, in milliseconds. */
  readonly durationMs: number;
}

/** How a delivery ended: with 200, or refused with a code. */
export type DeliveryOutcome = Outcome | Refused;

/** A delivery that was answered with an error. */
export interface Refused {
  /** Tells it from what was answered with 200. */
  readonly status: "refused";
  /** Why. */
  readonly code: WebhookErrorCode;
}

/** What a receiver needs to know, whichever way it hands events over. */
export interface ReceiverOptions<Events extends Catalog> {
  /** The signing secret: a string, several while rotating, or a function that gives them, sync or async; asked for each delivery. */
  readonly secret: Secret;
  /** Where Popp's signatures turn out to differ from what is assumed: another header, other signed bytes. */
  readonly scheme?: Scheme;
  /** The events that are known, and the schema of each one's data. Default: `events`, the 26 that Popp documents. */
  readonly catalog?: Events;
  /** The largest body that is read, in bytes. Default: 1 048 576 (1 MiB). */
  readonly maxBytes?: number;
  /** How long reading the body may take, in milliseconds. Default: 10 000. */
  readonly bodyTimeoutMs?: number;
  /** How long a handler may take before its delivery is answered with 500, in milliseconds; without an inbox. Default: 25 000. */
  readonly handlerTimeoutMs?: number;
  /**
   * How old an event may be by its `eventTimestamp`, in seconds. Default: off, since Popp documents no limit to how long it
   * retries. An event without a readable timestamp is not judged.
   */
  readonly maxAgeSeconds?: number;
  /** How many deliveries are worked on at once; more are answered with `OVERLOADED`. Default: 1 000. */
  readonly maxInFlight?: number;
  /** Called once for each delivery that is refused or fails. What it throws is swallowed: the answer stands. */
  readonly onError?: (error: WebhookError, report: DeliveryReport) => unknown;
  /** Called once for each delivery, whatever became of it. What it throws is swallowed: the answer stands. */
  readonly onDelivery?: (outcome: DeliveryOutcome, report: DeliveryReport) => unknown;
  /** Gives the time, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

/** Handle events in this process, before the answer. */
export interface HandlingOptions<Events extends Catalog> {
  /** Your handlers, by the event's name. */
  readonly on: Handlers<NoInfer<Events>>;
  /** Not together with handlers. */
  readonly inbox?: never;
}

/** Hand events over to an inbox, which remembers them and handles them after the answer. */
export interface InboxOptions<Events extends Catalog> {
  /** The inbox. */
  readonly inbox: Inbox<Events>;
  /** Not together with an inbox, which has handlers of its own. */
  readonly on?: never;
}

/** The options of {@link createReceiver}: with handlers or with an inbox. */
export type CreateReceiverOptions<Events extends Catalog = PoppEvents> = ReceiverOptions<Events> &
  (HandlingOptions<Events> | InboxOptions<Events>);
