/// <reference lib="esnext.disposable" preserve="true" />
import type { Catalog, Inbox, PoppEvents } from "@popp-webhooks/core";
import type { Processed } from "./dispatch/process-message.ts";
import type { Durability, Pruned, StoreStats } from "./ports/store.ts";
import type { EventFilter, InboxRecord } from "./records/records.ts";
import type { HandlerLatency } from "./telemetry/latencies.ts";

/** Counts of an inbox. */
export interface InboxStats extends StoreStats {
  /** How long handlers took in this process. */
  readonly handlerLatency: HandlerLatency;
}

/** What a sweep did. */
export interface Swept {
  /** How many events are done now. */
  readonly done: number;
  /** How many failed, and are to be tried again. */
  readonly retry: number;
  /** How many were given up. */
  readonly dead: number;
  /** With a `queue`, which does the handling: how many were put into it again. */
  readonly woken?: number;
}

/** An inbox that remembers: what a receiver hands events over to. */
export interface DurableInbox<Events extends Catalog = PoppEvents> extends Inbox<Events>, AsyncDisposable {
  /** What of an accepted event survives which crash, as its store says. */
  readonly durability: Durability;
  /**
   * Handles what is due, from now until it is closed. For processes that live on; elsewhere give `waitUntil` and call `sweep`.
   *
   * With a `queue` it handles nothing: it puts into the queue again what has been due for longer than `wakeGraceMs`. With `on: "elsewhere"` it
   * only forgets what is old.
   */
  start(): void;
  /**
   * Handles the one event that a message of the `queue` refers to: what a worker calls.
   *
   * A message for an event that is finished or unknown is skipped, and so is one that is no reference of this inbox, of which
   * `onError` is told: no message makes a worker fail for ever.
   *
   * @param ref - what the message holds: an `EventRef`
   * @throws {@link RetryLaterError} when the event is not due yet, another process has it in hand, or its handler failed: the message is to come back
   * @throws WebhookError `STORE_UNAVAILABLE` when the store fails: the message is to be tried again as the queue does;
   * `CONFIG_INVALID` when the inbox has no handlers (`on: "elsewhere"`)
   */
  process(ref: unknown): Promise<Processed>;
  /**
   * Takes no more deliveries, waits for the handlers that run, gives back what does not finish, and closes what the store opened.
   *
   * @param options - how long to wait, in milliseconds. Default: 10 000
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Handles what is due now, and forgets what is old: for a cron job where nothing lives on. With a `queue` it puts into that again what
   * has been due for longer than `wakeGraceMs`.
   *
   * @param options - how many events at most. Default: 100
   */
  sweep(options?: { readonly limit?: number }): Promise<Swept>;
  /** Goes through events on record, newest first, with their bodies. */
  events(filter?: EventFilter): AsyncIterable<InboxRecord>;
  /** One event on record, by its `idempotencyKey`: its id, or where it has none `sha256:` and the hash of its body. */
  get(id: string): Promise<InboxRecord | undefined>;
  /** Gives dead events a new life, with all their attempts: one by its `idempotencyKey`, or all that a filter finds. Says how many. */
  redrive(which: string | Omit<EventFilter, "state">): Promise<number>;
  /** Forgets bodies and finished events that are older than the options say; a started inbox does so every hour by itself. */
  prune(): Promise<Pruned>;
  /** Counts by state, the wait of the longest due event, and how long handlers take. */
  stats(): Promise<InboxStats>;
}
