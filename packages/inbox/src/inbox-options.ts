import type { Catalog, EventReport, EventsOf, HandlerContext, Handlers, WebhookError } from "@popp-webhooks/core";
import type { Ordering } from "./latest-only.ts";
import type { Clock } from "./lib/clock.ts";
import type { EventState } from "./ports/event-state.ts";
import type { InboxStore } from "./ports/store.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { WakeQueue } from "./ports/wake-queue.ts";

/** The second argument of an inbox handler. */
export interface InboxHandlerContext<Tx = unknown> extends HandlerContext {
  /** The number of this attempt, counted from 1. An attempt that crashed with its process counts. */
  readonly attempt: number;
  /** Grows with every claim of the event. Pass it to systems that can refuse a smaller fence after a larger one. */
  readonly fence: number;
  /**
   * Runs your writes in one transaction with the event's completion: both are committed, or neither. With SQLite the work must be
   * synchronous. After a commit the event is done, whatever the handler does next.
   *
   * It rejects, and your writes are rolled back, when another process holds the event by now. When it rejects for any reason, the attempt has
   * failed even if the handler catches the error, unless a later `tx` of the same handler succeeds.
   */
  readonly tx: <T>(work: (tx: Tx) => T | Promise<T>) => Promise<T>;
}

/**
 * How many handlers run at the same time: in all, and for single events. An event's number is a limit within the number of all.
 *
 * `UNRECOGNIZED` cannot have a number, because the store knows events only by their names on the wire.
 */
export type Concurrency<Events extends Catalog> = {
  /** How many handlers run at the same time in all. Default: 16. */
  readonly default?: number;
} & {
  readonly [Name in Exclude<keyof Events, "UNRECOGNIZED">]?: number;
};

/** A change of an event's state, for logs and metrics. Ids and a handler's error may be personal data. */
export interface Transition {
  /** The new state of the event. */
  readonly state: EventState;
  /** The event's id; null where it has none. */
  readonly eventId: string | null;
  /** The event's name on the wire. */
  readonly eventName: string;
  /** The id of the record that the event is about; absent where it has none. */
  readonly recordId?: string;
  /** The number of the attempt; 0 when the event was just received or redriven. */
  readonly attempt: number;
  /** Why it is dead or to be retried, or why it is done although no handler ran. */
  readonly note?: string;
  /** What the handler threw. */
  readonly error?: unknown;
  /** How long the handler took, in milliseconds. */
  readonly durationMs?: number;
}

/** A delivery whose `eventId` is stored already with a different body. */
export interface Conflict {
  /** The event's id. Events without an id cannot conflict. */
  readonly eventId: string | null;
  /** The event's name in the later delivery. */
  readonly eventName: string;
  /** The state of the stored event. */
  readonly state: EventState;
}

/** The options of `createInbox`. */
export interface CreateInboxOptions<Events extends Catalog, Tx = never> {
  /** The store of the events. */
  readonly store: InboxStore<Tx>;
  /**
   * Your handlers by event name. An event without a handler is stored and done. An event that has a handler but does not fit the catalog goes to
   * `UNRECOGNIZED`; without that handler it is dead: correct the catalog and redrive it. A body that is not an event goes to `UNRECOGNIZED`
   * too; without that handler it is done.
   *
   * `"elsewhere"` for a process that only receives: an inbox with handlers on the same store, or a worker, handles the events.
   */
  readonly on: NoInfer<Handlers<Events, InboxHandlerContext<Tx>>> | "elsewhere";
  /**
   * What becomes of an event that has no handler. `"done"`: it is done, with the note `unhandled`. `"leave"`: this inbox does not claim it, so that
   * another release that has a handler can handle it; without such a release it stays in the store. An `UNRECOGNIZED` handler is one for every name
   * that the catalog does not have. Default: `"done"`.
   */
  readonly unhandled?: "done" | "leave";
  /** The events that are known, and the schema of each one's data. Default: `events`, which Popp documents. */
  readonly catalog?: Events | undefined;
  /**
   * Lets the workers of a queue handle events by calling `process`: each accepted event is enqueued after the response. Default: this process
   * handles events itself.
   */
  readonly queue?: WakeQueue;
  /** With a `queue`: how long an event may be due before it is enqueued again, because its job may be lost; in milliseconds. Default: 30 000. */
  readonly wakeGraceMs?: number;
  /** Separates the events of several inboxes that share a store. Default: `"popp"`. */
  readonly source?: string;
  /**
   * How many handlers run at the same time in a started inbox, including its sweeps; in an inbox that was not started, in each sweep. Handlers
   * run by `waitUntil` of a delivery or by a queue's worker are not limited, and a handler that goes on after its timeout no longer counts.
   *
   * With an object, such as `{ default: 16, ANALYSIS_CREATED: 2 }`, single events have a lower limit in this process. It holds for `waitUntil` and for
   * workers too: `process` rejects with a {@link RetryLaterError} when the limit is reached. Default: 16.
   */
  readonly concurrency?: number | Concurrency<Events>;
  /** How long to wait before asking the store again when nothing was due, in milliseconds. An event that this process accepts ends the wait. Default: 1 000. */
  readonly pollMs?: number;
  /** How long a lease on a claimed event lasts, in milliseconds. It is renewed three times in that time. Default: 30 000. */
  readonly leaseMs?: number;
  /** How long a handler may take, in milliseconds. Default: 300 000. */
  readonly handlerTimeoutMs?: number;
  /**
   * How many attempts an event gets before it is dead. Attempts that crashed with their process do not count: see `maxCrashes`. Default: 55, so that the
   * default waits last for at least 24 hours, and for 36 on average.
   */
  readonly maxAttempts?: number;
  /**
   * How many attempts of an event may end with a crash of their process, or with a lost lease, before it is dead with the note `abandoned`. After a
   * crash it waits as long as after a failure, without the random part. Default: 8.
   */
  readonly maxCrashes?: number;
  /**
   * The longest wait before the second attempt, in milliseconds. Each further wait may be four times as long. Half of each wait is random, so that
   * events that failed together do not come back together. Default: 1 000.
   */
  readonly retryBaseMs?: number;
  /** The longest wait before any attempt, in milliseconds. Default: 3 600 000 (an hour). */
  readonly retryMaxMs?: number;
  /**
   * How long to wait after a failed attempt, in milliseconds, counted from attempt 1, without crashes; instead of `retryBaseMs` and `retryMaxMs`. When it fails,
   * or returns no number from 0 on, the default wait is used and `onError` is told.
   */
  readonly retryDelayMs?: (attempt: number) => number;
  /**
   * How long events may be due and not handled before the operator is told, in milliseconds: in a process that calls none of `start`, `sweep` and `process`,
   * has no `queue` and is not `on: "elsewhere"`; or of one event name, of which no process claimed or settled an event for so long, because it is paused, left to
   * another release, or has no worker. Each is told once. Choose it longer than the slowest handler of any process takes.
   *
   * The store is asked four times within it, at least once a minute: by a started inbox, and with deliveries. Default: 300 000, or `handlerTimeoutMs` and
   * `leaseMs` together when that is longer.
   */
  readonly alarmAfterMs?: number;
  /** How long one call of the store may take, in milliseconds. After that a delivery is answered with `STORE_UNAVAILABLE`. Default: 2 000. */
  readonly storeTimeoutMs?: number;
  /** How long bodies of events that are `done` or `rejected` are kept, in days. `Infinity` keeps them forever, here and in the two options below. Default: 30. */
  readonly keepBodiesDays?: number;
  /** How long dead events keep their bodies, so that they can be redriven, in days. What is pruned while dead is told. Default: 400. */
  readonly keepDeadDays?: number;
  /**
   * How long finished events are kept at all, in days; their bodies no longer than that. A delivery of an event that is older than this is
   * handled as a new one: use `maxAgeSeconds` of the receiver to refuse it. Default: 400.
   */
  readonly keepEventsDays?: number;
  /** How many rejected bodies are kept for audit; the oldest are deleted. Default: 10 000. */
  readonly maxRejected?: number;
  /**
   * Your own fields that say what an event is about, wherever in its data they stand: `events({ about })` and `erase` find events by their values, as
   * by those of core's `identifyingFields`. Default: none.
   */
  readonly identifyingFields?: readonly string[];
  /** Skips events that are older than a handled one; see `latestOnly`. Default: every event is handled, in the order they are due. */
  readonly order?: NoInfer<Ordering<EventsOf<Events>>>;
  /** Called when an id comes again with a different body; the answer is 200. With `"reject"` the answer is `DELIVERY_CONFLICT` instead. */
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
  /** Where traces and metrics go. Default: nowhere. */
  readonly telemetry?: Telemetry;
  /** The clock and random numbers, for tests. Default: those of the machine. */
  readonly clock?: Clock;
}
