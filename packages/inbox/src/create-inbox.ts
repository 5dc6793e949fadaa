import { type Catalog, type DeliveryContext, type PoppEvents, WebhookError } from "@popp-webhooks/core";
import { refuse, take } from "./accept/accept-delivery.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { RefProcessor } from "./dispatch/process-message.ts";
import type { DurableInbox } from "./durable-inbox.ts";
import { type AnyTx, planOf } from "./inbox-config.ts";
import type { CreateInboxOptions } from "./inbox-options.ts";
import { demandCount } from "./lib/check-option.ts";
import { within } from "./lib/wait-at-most.ts";
import { Waker } from "./queue/enqueuer.ts";
import { WakeSweeper } from "./queue/overdue-sweeper.ts";
import { findEvent, recordOf, redriveEvents, storedEvents } from "./records/records.ts";
import { Housekeeping } from "./records/retention.ts";

/**
 * Makes a durable inbox: an event is answered with 200 once it is in the store, and handled afterwards, with retries.
 *
 * Every event is handled at least once, and by one process at a time by the store's clock; together with the writes in `tx` exactly once. A
 * handler that goes on although its `signal` is aborted may do so beside the event's next attempt.
 *
 * @param options - the store and your handlers
 * @throws WebhookError `CONFIG_INVALID` when the options cannot work
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
// Takes options that were declared by their type; and, being the last, it is what TypeScript 7 explains mistakes by.
export function createInbox<Tx = never>(options: CreateInboxOptions<PoppEvents, Tx>): DurableInbox;
export function createInbox(options: unknown): unknown {
  // The join: what was typed by its own catalogue and store goes on as events of some catalogue in some store.
  const plan = planOf(options as CreateInboxOptions<Catalog, AnyTx>);
  const dispatcher = new Dispatcher(plan);
  const refs = new RefProcessor(plan, dispatcher);
  const waker = plan.queue && new Waker(plan, plan.queue);
  const sweeper = waker && new WakeSweeper(plan, waker);
  let closing: Promise<void> | undefined;

  function demandOpen(): void {
    if (dispatcher.isClosing) throw new WebhookError("OVERLOADED", "The inbox is shutting down.");
  }

  async function shutDown(graceMs: number): Promise<void> {
    const waking = Promise.all([waker?.settled(), sweeper?.stop()]);
    await Promise.all([dispatcher.close(graceMs), within(plan.clock, graceMs, waking)]);
    await plan.store.close();
  }

  async function close({ graceMs = 10_000 }: { readonly graceMs?: number } = {}): Promise<void> {
    closing ??= shutDown(graceMs);
    await closing;
  }

  /** Sees to it that an event is handled which has just become due. */
  function follow(key: string, context: DeliveryContext): void {
    if (waker !== undefined) {
      const woken = waker.wake(key);
      context.waitUntil?.(woken);
    } else if (dispatcher.isStarted) dispatcher.wake();
    else context.waitUntil?.(dispatcher.dispatchOne(key).catch(plan.fail));
  }

  const inbox: DurableInbox<Catalog> = {
    catalog: plan.catalog,
    get durability() {
      return plan.store.durability;
    },
    deliver: async (delivery, event, context) => {
      demandOpen();
      const { key, isDue, outcome } = await take(plan, delivery, event);
      if (isDue) follow(key, context);
      return outcome;
    },
    reject: async (delivery, error) => {
      demandOpen();
      await refuse(plan, delivery, error);
    },
    start: () => {
      dispatcher.start();
      sweeper?.start();
    },
    process: (ref) => refs.process(ref),
    close,
    [Symbol.asyncDispose]: () => close(),
    sweep: async ({ limit = 100 } = {}) => {
      demandCount("inbox.sweep", "limit", limit);
      if (sweeper !== undefined) {
        const woken = await sweeper.sweep(limit);
        await new Housekeeping(plan).tidy();
        return { done: 0, retry: 0, dead: 0, woken };
      }
      const states = await dispatcher.sweep(limit);
      const count = (state: string) => states.filter((one) => one === state).length;
      return { done: count("done"), retry: count("retry"), dead: count("dead") };
    },
    events: async function* (filter = {}) {
      for await (const stored of storedEvents(plan, filter)) yield recordOf(stored);
    },
    get: (id) => findEvent(plan, id),
    redrive: async (which) => {
      let redriven = 0;
      let woken = Promise.resolve();
      for await (const key of redriveEvents(plan, which)) {
        redriven += 1;
        const one = waker?.wake(key);
        woken = woken.then(() => one);
      }
      dispatcher.wake();
      await woken;
      return redriven;
    },
    prune: () => new Housekeeping(plan).tidy(),
    stats: async () => ({ ...(await plan.store.stats(plan.source)), handlerLatency: plan.latencies.summary() }),
  };
  return inbox;
}
