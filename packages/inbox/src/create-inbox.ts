/// <reference lib="esnext.disposable" preserve="true" />
import { type Catalog, type Inbox, type PoppEvents, WebhookError } from "@popp-webhooks/core";
import { type EventFilter, findEvent, type InboxRecord, recordOf, redriveEvents, storedEvents } from "./audit.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Housekeeping } from "./housekeeping.ts";
import type { CreateInboxOptions } from "./inbox-options.ts";
import { refuse, take } from "./intake.ts";
import type { HandlerLatency } from "./latencies.ts";
import { type AnyTx, planOf } from "./plan.ts";
import type { Durability, Pruned, StoreStats } from "./store.ts";

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
}

/** An inbox that remembers: what a receiver hands events over to. */
export interface DurableInbox<Events extends Catalog = PoppEvents> extends Inbox<Events>, AsyncDisposable {
  /** What of an accepted event survives which crash, as its store says. */
  readonly durability: Durability;
  /** Handles what is due, from now until it is closed. For processes that live on; elsewhere give `waitUntil` and call `sweep`. */
  start(): void;
  /**
   * Takes no more deliveries, waits for the handlers that run, gives back what does not finish, and closes what the store opened.
   *
   * @param options - how long to wait, in milliseconds. Default: 10 000
   */
  close(options?: { readonly graceMs?: number }): Promise<void>;
  /**
   * Handles what is due now, and forgets what is old: for a cron job where nothing lives on.
   *
   * @param options - how many events at most. Default: 100
   */
  sweep(options?: { readonly limit?: number }): Promise<Swept>;
  /** Goes through events on record, newest first, with their bodies. */
  events(filter?: EventFilter): AsyncIterable<InboxRecord>;
  /** One event on record, by its id; where it has none, by `sha256:` and the hash of its body. */
  get(id: string): Promise<InboxRecord | undefined>;
  /** Gives dead events a new life, with all their attempts: one by its id, or all that a filter finds. Says how many. */
  redrive(which: string | Omit<EventFilter, "state">): Promise<number>;
  /** Forgets bodies and finished events that are older than the options say; a started inbox does so every hour by itself. */
  prune(): Promise<Pruned>;
  /** Counts by state, the wait of the longest due event, and how long handlers take. */
  stats(): Promise<InboxStats>;
}

/**
 * Makes a durable inbox: an event is answered with 200 once it is in the store, and handled afterwards, with retries.
 *
 * Every event is handled at least once, and by one process at a time by the store's clock; together with the writes in `tx` exactly once.
 *
 * @param options - the store and your handlers
 * @throws {@link WebhookError} `CONFIG_INVALID` when the options cannot work
 *
 * @example
 * ```ts
 * import { createReceiver } from "@popp-webhooks/core";
 * import { createInbox } from "@popp-webhooks/inbox";
 * import { sqliteStore } from "@popp-webhooks/inbox/sqlite";
 *
 * const inbox = createInbox({
 *   store: sqliteStore("popp.db"),
 *   on: { CONVERSATION_COMPLETED: (event, { attempt }) => console.log(event.data.conversationStatus, attempt) },
 * });
 * export const receiver = createReceiver({ secret: "the signing secret", inbox });
 * inbox.start();
 * ```
 */
export function createInbox<Tx = never>(
  options: CreateInboxOptions<PoppEvents, Tx> & { readonly catalog?: undefined },
): DurableInbox;
export function createInbox<Events extends Catalog, Tx = never>(
  options: CreateInboxOptions<Events, Tx> & { readonly catalog: Events },
): DurableInbox<Events>;
export function createInbox(options: unknown): unknown {
  // The join: what was typed by its own catalogue and store goes on as events of some catalogue in some store.
  const plan = planOf(options as CreateInboxOptions<Catalog, AnyTx>);
  const dispatcher = new Dispatcher(plan);
  let closing: Promise<void> | undefined;

  function demandOpen(): void {
    if (dispatcher.isClosing) throw new WebhookError("OVERLOADED", "The inbox is shutting down.");
  }

  async function close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    closing ??= dispatcher.close(graceMs).then(() => plan.store.close());
    await closing;
  }

  const inbox: DurableInbox<Catalog> = {
    catalog: plan.catalog,
    durability: plan.store.durability,
    deliver: async (delivery, event, context) => {
      demandOpen();
      const { key, isDue, outcome } = await take(plan, delivery, event);
      if (isDue && dispatcher.isStarted) dispatcher.wake();
      else if (isDue) context.waitUntil?.(dispatcher.dispatchOne(key).catch(plan.fail));
      return outcome;
    },
    reject: async (delivery, error) => {
      demandOpen();
      await refuse(plan, delivery, error);
    },
    start: () => dispatcher.start(),
    close,
    [Symbol.asyncDispose]: () => close(),
    sweep: async ({ limit = 100 } = {}) => {
      const states = await dispatcher.sweep(limit);
      const count = (state: string) => states.filter((one) => one === state).length;
      return { done: count("done"), retry: count("retry"), dead: count("dead") };
    },
    events: async function* (filter = {}) {
      for await (const stored of storedEvents(plan, filter)) yield recordOf(stored);
    },
    get: (id) => findEvent(plan, id),
    redrive: async (which) => {
      const count = await redriveEvents(plan, which);
      if (count > 0) dispatcher.wake();
      return count;
    },
    prune: () => new Housekeeping(plan).tidy(),
    stats: async () => ({ ...(await plan.store.stats(plan.source)), handlerLatency: plan.latencies.summary() }),
  };
  return inbox;
}
