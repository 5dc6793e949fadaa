import type { Handlers } from "./deliver/handlers.ts";
import type { Inbox } from "./deliver/inbox.ts";
import type { PoppEvents } from "./events/catalog.ts";
import type { Catalog } from "./events/event.ts";
import type { DeliveryHooks } from "./respond/report.ts";
import type { Scheme } from "./verify/scheme.ts";
import type { Secret } from "./verify/secret.ts";

/** The options that every receiver takes, whether it has handlers or an inbox. */
interface ReceiverSettings<Events extends Catalog> extends DeliveryHooks {
  /** The signing secret: a string, several while one is being rotated, or a function that gives them, sync or async. A function is called for each delivery. */
  readonly secret: Secret;
  /** How long a secret function may take, in milliseconds; the delivery is refused with `SECRET_MISSING` then. Default: 10 000. */
  readonly secretTimeoutMs?: number;
  /** Corrects what this SDK assumes about Popp's signatures: another header, or other signed bytes. */
  readonly scheme?: Scheme;
  /** The known events, with the schema of each one's data. Default: `events`, the catalog of the events that Popp documents. */
  readonly catalog?: Events;
  /** The largest accepted body, in bytes. Default: 1 048 576 (1 MiB). */
  readonly maxBytes?: number;
  /**
   * The most memory that all bodies being read may hold together, in bytes. Over it, the body that has held the most for the longest time is
   * answered with `OVERLOADED`, never the one that has just received bytes. At least `maxBytes`. Default: 67 108 864 (64 MiB), or `maxBytes`
   * where that is more.
   */
  readonly maxBufferedBytes?: number;
  /** How long reading the body may take, in milliseconds. Default: 10 000. */
  readonly bodyTimeoutMs?: number;
  /** How long a handler may take before its delivery is answered with 500, or an inbox before it is answered with 503, in milliseconds. Default: 25 000. */
  readonly handlerTimeoutMs?: number;
  /**
   * The maximum age of an event by its `eventTimestamp`, in seconds. Default: off, because Popp documents no limit to how long it
   * retries. An event without a readable timestamp is accepted.
   */
  readonly maxAgeSeconds?: number;
  /** The maximum number of deliveries in flight; further ones are answered with `OVERLOADED`. Default: 1 000. */
  readonly maxInFlight?: number;
  /** Returns the current time, in milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number;
}

/** The options of {@link createReceiver}: either `on`, your handlers, or `inbox`. */
export type CreateReceiverOptions<Events extends Catalog = PoppEvents> = ReceiverSettings<Events> &
  (
    | {
        /** Your handlers, by event name. They run in this process, before the answer. */
        readonly on: NoInfer<Handlers<Events>>;
        /** Not together with `on`. */
        readonly inbox?: never;
      }
    | {
        /** The inbox that stores each event before the answer, and handles it afterwards. */
        readonly inbox: Inbox<Events>;
        /** Not together with `inbox`: give your handlers to `createInbox`. */
        readonly on?: never;
      }
  );
