import type { Catalog, EventReport, EventsOf, HandlerContext, Handlers, WebhookError } from "@popp-webhooks/core";
import type { Ordering } from "./latest-only.ts";
import type { Clock } from "./lib/clock.ts";
import type { EventState, InboxStore } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { WakeQueue } from "./ports/wake-queue.ts";

/** What a handler of an inbox is given beside the event. */
export interface InboxHandlerContext<Tx = unknown> extends HandlerContext {
  /** Which attempt this is, counted from 1; an attempt that died with its process counts. */
  readonly attempt: number;
  /** Grows with every claim of the event: pass it on to what can refuse a smaller one after a larger one. */
  readonly fence: number;
  /**
   * Runs your writes in one transaction with the event's completion: both are committed, or neither. With SQLite the work must
   * be synchronous. The event is done then, whatever the handler does afterwards.
   *
   * It rejects, and your writes leave no trace, when the event belongs to somebody else by now. Where it rejects for whatever reason the
   * handler has failed, even one that goes on; unless a later `tx` of it succeeds.
   */
  readonly tx: <T>(work: (tx: Tx) => T | Promise<T>) => Promise<T>;
}

/** A change of an event's state, for logs and metrics. Ids and a handler's error may be personal data. */
export interface Transition {
  /** Where the event stands now. */
  readonly state: EventState;
  /** The event's id; null where it has none. */
  readonly eventId: string | null;
  /** The event's name on the wire. */
  readonly eventName: string;
  /** How many times it has been tried; 0 when it was just received. */
  readonly attempt: number;
  /** Why it is done without having been handled, dead or to be tried again. */
  readonly note?: string;
  /** What the handler threw. */
  readonly error?: unknown;
  /** How long handling it took, in milliseconds, without the wait for its turn. */
  readonly durationMs?: number;
}

/** A delivery whose `eventId` is on record with other bytes. */
export interface Conflict {
  /** The event's id; those without one cannot conflict. */
  readonly eventId: string | null;
  /** The event's name in the delivery that came later. */
  readonly eventName: string;
  /** Where the event on record stands. */
  readonly state: EventState;
}

/** The options of `createInbox`. */
export interface CreateInboxOptions<Events extends Catalog, Tx = never> {
  /** Where events are kept. */
  readonly store: InboxStore<Tx>;
  /**
   * Your handlers, by the event's name. An event without one is done, and on record. One that has a handler but does not fit the catalogue
   * goes to `UNRECOGNIZED`; where that is missing it is dead, to be redriven once the catalogue fits.
   *
   * `"elsewhere"` in a process that only receives: it leaves the events to an inbox with handlers on the same store, or to a worker.
   */
  readonly on: NoInfer<Handlers<Events, InboxHandlerContext<Tx>>> | "elsewhere";
  /** The events that are known, and the schema of each one's data. Default: `events`, the 26 that Popp documents. */
  readonly catalog?: Events | undefined;
  /**
   * Hands the handling over to the workers of a queue, which call `process`: each event that is accepted is put into it, after the answer.
   * Default: this process handles events itself.
   */
  readonly queue?: WakeQueue;
  /** With a `queue`: how long an event may be due before it is put into the queue again, as its wake-up may be lost; in milliseconds. Default: 30 000. */
  readonly wakeGraceMs?: number;
  /** Names what the events come from, where several inboxes share a store. Default: `"popp"`. */
  readonly source?: string;
  /**
   * How many handlers run at once in a started inbox, its sweeps included; in one that was not started, in each sweep. Default: 16. What a
   * delivery's own `waitUntil` or a queue's worker handles comes on top, and a handler that goes on after its timeout no longer counts.
   */
  readonly concurrency?: number;
  /** How long the dispatcher waits before it asks the store again when nothing was due, in milliseconds; an event that this process accepts wakes it. Default: 1 000. */
  readonly pollMs?: number;
  /** How long a claimed event belongs to this process without renewal, in milliseconds; it is renewed three times in that. Default: 30 000. */
  readonly leaseMs?: number;
  /** How long a handler may take, in milliseconds. Default: 300 000. */
  readonly handlerTimeoutMs?: number;
  /** How many attempts an event gets before it is dead. Default: 8. */
  readonly maxAttempts?: number;
  /**
   * The most that the wait before the second attempt may take, in milliseconds; four times as much with each. Default: 1 000, so that eight
   * attempts are spread over 83 minutes at most, and half of that on average.
   */
  readonly retryBaseMs?: number;
  /** The most that any wait may take, in milliseconds. Default: 3 600 000 (an hour). */
  readonly retryMaxMs?: number;
  /**
   * How long to wait after a failed attempt, in milliseconds, counted from attempt 1; instead of `retryBaseMs` and `retryMaxMs`. When it fails,
   * or returns no number from 0 on, the default wait is used and `onError` is told.
   */
  readonly retryDelayMs?: (attempt: number) => number;
  /**
   * How long events may be due in a process that calls none of `start`, `sweep` and `process`, has no `queue` and is not `on: "elsewhere"`,
   * before the operator is told once; in milliseconds. The store is asked with a delivery, at most once a minute. Default: 300 000.
   */
  readonly alarmAfterMs?: number;
  /** How long the store may take for one call, in milliseconds; a delivery is answered with `STORE_UNAVAILABLE` then. Default: 2 000. */
  readonly storeTimeoutMs?: number;
  /** How long bodies of finished events are kept, in days. Default: 30. */
  readonly keepBodiesDays?: number;
  /**
   * How long finished events are kept at all, in days; their bodies no longer than that. A delivery of an event that is older than this is
   * handled as a new one: use `maxAgeSeconds` of the receiver to refuse it. Default: 400.
   */
  readonly keepEventsDays?: number;
  /** How many rejected bodies are kept for audit; the oldest go. Default: 10 000. */
  readonly maxRejected?: number;
  /** Drops events that come too late; see `latestOnly`. Default: every event is handled, in the order they are due. */
  readonly order?: Ordering<EventsOf<NoInfer<Events>>>;
  /** Called when an id comes again with other bytes, which is answered with 200; `"reject"` answers `DELIVERY_CONFLICT` instead. */
  readonly onConflict?: "reject" | ((conflict: Conflict) => unknown);
  /** Called with each change of an event's state. Errors that it throws are ignored. */
  readonly onTransition?: (transition: Transition) => unknown;
  /**
   * Called with each failure that no response shows: a handler (`HANDLER_FAILED`, with what it threw as `cause`), an event that no longer fits
   * its handler (`PAYLOAD_INVALID`), the store, the queue, a message that is no reference. Errors that it throws are ignored.
   *
   * Default: one line on the console. `console.error` tells what you must mend, such as an event that is dead, at most ten lines a minute for
   * each code. `console.warn` tells of a failed attempt that is tried again, at most one a minute for each event name. `() => {}` silences them.
   */
  readonly onError?: (error: WebhookError, report: EventReport) => unknown;
  /** Where traces go. Default: nowhere. */
  readonly telemetry?: Telemetry;
  /** Time and chance, for tests. Default: the machine's. */
  readonly clock?: Clock;
}
