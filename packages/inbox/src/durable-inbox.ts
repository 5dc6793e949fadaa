/// <reference lib="esnext.disposable" preserve="true" />
import type { Catalog, Inbox, PoppEvents } from "@popp-webhooks/core";
import type { Processed } from "./dispatch/process-message.ts";
import type { Pruned } from "./ports/changes.ts";
import type { StoreStats } from "./ports/queries.ts";
import type { Durability } from "./ports/store.ts";
import type { EraseOptions, EraseRequest, EraseResult } from "./records/erase.ts";
import type { About, EventFilter, ListFilter } from "./records/filter.ts";
import type { InboxHealth } from "./records/health.ts";
import type { Page } from "./records/page.ts";
import type { InboxRecord } from "./records/record.ts";
import type { RedriveOptions, RedriveResult } from "./records/redrive.ts";
import type { Related } from "./records/related.ts";
import type { TimelineEntry, TimelineOptions } from "./records/timeline.ts";
import type { HandlerLatency } from "./telemetry/latencies.ts";

/** Counts of an inbox. */
export interface InboxStats extends StoreStats {
  /** How long handlers took in this process. */
  readonly handlerLatency: HandlerLatency;
}

/** The result of a sweep. */
export interface Swept {
  /** How many events became done. */
  readonly done: number;
  /** How many events failed or were put off, and will be retried. */
  readonly retry: number;
  /** How many events became dead. */
  readonly dead: number;
  /** With a `queue`: how many events were enqueued again. */
  readonly woken?: number;
}

/** A durable inbox: the `inbox` of a receiver, which stores events and handles them with retries. */
export interface DurableInbox<Events extends Catalog = PoppEvents> extends Inbox<Events>, AsyncDisposable {
  /** What survives a crash, as the store says. */
  readonly durability: Durability;
  /**
   * Handles due events from now on until the inbox is closed. For long-running processes; on serverless platforms pass `waitUntil` and call `sweep`.
   *
   * With a `queue` it handles nothing, but enqueues again the events that have been due for longer than `wakeGraceMs`. With
   * `on: "elsewhere"` it only prunes.
   */
  start(): void;
  /** Whether it was started and not closed since. */
  readonly isStarted: boolean;
  /**
   * Handles the event that a message of the `queue` refers to. The worker of the queue calls it.
   *
   * Skips a message whose event is finished or unknown. Also skips a message that refers to no event of this inbox, and tells `onError`: no
   * message can make a worker fail forever.
   *
   * @param ref - the content of the message: an `EventRef`
   * @throws {@link RetryLaterError} when the event is not due yet, another process holds it, its name is paused, full (`concurrency`) or left to another
   * release (`unhandled`), another event of its order is being handled, or its handler failed: the message must come back
   * @throws WebhookError `STORE_UNAVAILABLE` when the store fails: the queue must retry the message;
   * `CONFIG_INVALID` when the inbox has no handlers (`on: "elsewhere"`)
   */
  process(ref: unknown): Promise<Processed>;
  /**
   * Accepts no more deliveries, waits for the running handlers, gives back the events whose handlers do not end in time, and closes what the
   * store opened.
   *
   * @param options - `graceMs`: how long to wait for handlers, in milliseconds. Default: 10 000
   * @throws WebhookError `STORE_UNAVAILABLE` when the store does not close within ten seconds
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Handles the events that are due now, and prunes: for a cron job on serverless platforms. With a `queue` it enqueues again the events that
   * have been due for longer than `wakeGraceMs`.
   *
   * @param options - `limit`: how many events at most. Default: 100
   */
  sweep(options?: { readonly limit?: number }): Promise<Swept>;
  /** Lists stored events, newest first, a few at a time from the store. Bodies are read with `bodies: true`. */
  events(filter?: ListFilter): AsyncIterable<InboxRecord<Events>>;
  /** Reads one page of the list, and where the next one begins. */
  page(filter?: ListFilter): Promise<Page<Events>>;
  /** Returns one stored event with its body, by its `idempotencyKey`: the event's id, or `sha256:` and the hash of the body when it has none. */
  get(id: string): Promise<InboxRecord<Events> | undefined>;
  /** Lists the values of identifying fields that stand in the same events as a value: the conversations of a candidate, for example. */
  related(about: About): Promise<Related>;
  /**
   * Makes events due now: one by its `idempotencyKey`, or all that a filter finds. Dead events get all their attempts again; events that wait for a
   * retry keep the attempts that they have used; unhandled and superseded events are handled; handled ones only with `force`. Their histories go on.
   *
   * @param which - an `idempotencyKey`, or a filter
   * @param options - `force`, `dryRun`
   */
  redrive(which: string | EventFilter, options?: RedriveOptions): Promise<RedriveResult>;
  /**
   * Erases events: one by its `idempotencyKey`, or all that a request finds, such as all about a candidate. The body, the headers, every id, the hashes,
   * the note and the history are gone; what stays says that there was an event, so that it is not handled when it is delivered again. An
   * open event is done; the handler of one that is being handled loses its lease. What your handlers wrote elsewhere is yours to erase.
   *
   * @param which - an `idempotencyKey`, or what to erase
   * @param options - `dryRun`
   */
  erase(which: string | EraseRequest, options?: EraseOptions): Promise<EraseResult>;
  /** Stops handling events with this name, in every process, until `resume`. They are still accepted, and wait. */
  pause(name: string): Promise<void>;
  /** Handles events with this name again. */
  resume(name: string): Promise<void>;
  /** Counts events by the time at which they were accepted: at most 1,000 buckets. */
  timeline(options?: TimelineOptions): Promise<readonly TimelineEntry[]>;
  /** Says whether deliveries can be accepted: for a readiness probe. Never rejects. */
  health(): Promise<InboxHealth>;
  /** Deletes bodies and finished events that are older than the options allow. A started inbox does so every hour by itself. */
  prune(): Promise<Pruned>;
  /** Returns the counts by state, how long the longest due event has been due, and how long handlers take. */
  stats(): Promise<InboxStats>;
}
