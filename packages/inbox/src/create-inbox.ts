import { type Catalog, type DeliveryContext, type PoppEvents, WebhookError } from "@popp-webhooks/core";
import { checkOptions } from "@popp-webhooks/core/internal";
import { acceptDelivery, recordRejected } from "./accept/accept-delivery.ts";
import { UnattendedAlarm } from "./accept/unattended-alarm.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { MessageProcessor } from "./dispatch/process-message.ts";
import { StallAlarm } from "./dispatch/stall-alarm.ts";
import { watchForTwin } from "./dispatch/twin-alarm.ts";
import type { DurableInbox, Swept } from "./durable-inbox.ts";
import { type AnyTx, resolveOptions } from "./inbox-config.ts";
import type { CreateInboxOptions } from "./inbox-options.ts";
import { buildCommand } from "./lib/build-phase.ts";
import { MAX_TIMER_MS } from "./lib/clock.ts";
import { waitAtMost } from "./lib/with-timeout.ts";
import { Enqueuer } from "./queue/enqueuer.ts";
import { OverdueSweeper } from "./queue/overdue-sweeper.ts";
import { eraseEvents } from "./records/erase.ts";
import { findRecord } from "./records/find.ts";
import { healthOf } from "./records/health.ts";
import { listRecords, pageOf } from "./records/page.ts";
import { redriveEvents } from "./records/redrive.ts";
import { relatedTo } from "./records/related.ts";
import { pruneHourly, pruneOld } from "./records/retention.ts";
import { timelineOf } from "./records/timeline.ts";
import { observeStore } from "./telemetry/observe-store.ts";

/**
 * Creates a durable inbox. The receiver answers 200 once an event is in the store, and the inbox handles it afterwards, with retries.
 *
 * Every event is handled at least once, and by one process at a time according to the store's clock. Writes made through `tx` happen
 * exactly once. A handler that goes on although its `signal` is aborted may run at the same time as the event's next attempt.
 *
 * @param options - the store and your handlers
 * @throws WebhookError `CONFIG_INVALID` when an option is not usable
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
export function createInbox<Events extends Catalog = PoppEvents, Tx = never>(
  options: CreateInboxOptions<Events, Tx>,
): DurableInbox<Events> {
  // Inside the inbox, events are those of any catalog, and a transaction is passed on without being used.
  const config = resolveOptions(options as unknown as CreateInboxOptions<Catalog, AnyTx>);
  const dispatcher = new Dispatcher(config);
  const messages = new MessageProcessor(config, dispatcher);
  const enqueuer = config.queue && new Enqueuer(config, config.queue);
  const sweeper = enqueuer && new OverdueSweeper(config, enqueuer);
  const alarm = new UnattendedAlarm(config);
  const stalls = new StallAlarm(config);
  let [isStarted, hasSwept] = [false, false];
  let stopPruning: (() => void) | undefined;
  let leaveTwins: (() => void) | undefined;
  let stopObserving: (() => void) | undefined;
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (dispatcher.isClosing) throw new WebhookError("OVERLOADED", "The inbox is shutting down.");
  }

  async function shutDown(graceMs: number): Promise<void> {
    isStarted = false;
    stopPruning?.();
    leaveTwins?.();
    stalls.stop();
    config.indexer.stop();
    stopObserving?.();
    const enqueuing = Promise.all([enqueuer?.settled(), sweeper?.stop()]);
    await Promise.all([dispatcher.close(graceMs), waitAtMost(config.clock, graceMs, enqueuing)]);
    await config.store.close();
  }

  async function close(options: { readonly graceMs?: number } = {}): Promise<void> {
    checkOptions("inbox.close", options, { graceMs: { min: 0, max: MAX_TIMER_MS } });
    const { graceMs = 10_000 } = options;
    closing ??= shutDown(graceMs);
    await closing;
  }

  /** Gets an event handled that has just become due. */
  function dispatch(key: string, context: DeliveryContext): void {
    if (enqueuer !== undefined) {
      const enqueuing = enqueuer.enqueue(key);
      context.waitUntil?.(enqueuing);
    } else if (dispatcher.isStarted) dispatcher.wake();
    else context.waitUntil?.(dispatcher.dispatchAccepted(key).catch(config.reportError));
  }

  async function sweepDue(limit: number): Promise<Swept> {
    if (sweeper !== undefined) return { done: 0, retry: 0, dead: 0, woken: await sweeper.sweep(limit) };
    const states = await dispatcher.sweep(limit);
    const count = (state: string) => states.filter((one) => one === state).length;
    return { done: count("done"), retry: count("retry"), dead: count("dead") };
  }

  return {
    catalog: options.catalog,
    get durability() {
      return config.store.durability;
    },
    deliver: async (delivery, event, context) => {
      assertOpen();
      const { key, isDue, outcome } = await acceptDelivery(config, delivery, event);
      if (isDue) dispatch(key, context);
      const looking = alarm.isOff ? stalls.look() : alarm.look();
      context.waitUntil?.(looking);
      return outcome;
    },
    reject: async (delivery, error) => {
      assertOpen();
      await recordRejected(config, delivery, error);
    },
    start: () => {
      if (dispatcher.isClosing)
        throw new WebhookError("CONFIG_INVALID", "inbox.start: the inbox is closed. Create a new one.");
      alarm.turnOff();
      const building = buildCommand();
      if (building !== undefined) {
        config.reportError(new WebhookError("CONFIG_INVALID", notDuring(building)));
        return;
      }
      isStarted = true;
      dispatcher.start();
      // The dispatcher's first claim tells of a store that cannot be opened; where there is none, this does.
      if (!dispatcher.isStarted) config.store.open().catch(config.reportError);
      leaveTwins ??= watchForTwin(config);
      sweeper?.start();
      stalls.start();
      stopPruning ??= pruneHourly(config);
      config.indexer.start();
      stopObserving ??= observeStore(config);
    },
    get isStarted() {
      return isStarted;
    },
    process: (ref) => {
      alarm.turnOff();
      return messages.process(ref);
    },
    close,
    [Symbol.asyncDispose]: () => close(),
    sweep: async (options = {}) => {
      checkOptions("inbox.sweep", options, { limit: { min: 1, max: Number.MAX_SAFE_INTEGER, integer: true } });
      alarm.turnOff();
      const swept = await sweepDue(options.limit ?? 100);
      await pruneOld(config, () => dispatcher.isClosing);
      if (!dispatcher.isClosing) await config.indexer.step();
      // One look alone tells nothing, and a process may live for one sweep only, as in Workers, where each statement counts.
      if (hasSwept) await stalls.look();
      hasSwept = true;
      return swept;
    },
    events: (filter = {}) => listRecords<Events>(config, filter),
    get: (id) => findRecord<Events>(config, id),
    page: (filter = {}) => pageOf<Events>(config, filter),
    related: (about) => relatedTo(config, about),
    redrive: async (which, options = {}) => {
      const keys: string[] = [];
      try {
        return await redriveEvents(config, which, options, ({ key }) => keys.push(key));
      } finally {
        dispatcher.wake();
        // Some at a time: a queue that is sent thousands at once refuses most of them.
        await enqueuer?.enqueueAll(keys, { delayMs: 0 }).catch(config.reportError);
      }
    },
    erase: (which, options = {}) => eraseEvents(config, which, options),
    pause: (name) => config.store.pause(config.source, nameOf("inbox.pause", name)),
    resume: async (name) => {
      await config.store.resume(config.source, nameOf("inbox.resume", name));
      dispatcher.wake();
    },
    timeline: (options = {}) => timelineOf(config, options),
    health: () => healthOf(config, dispatcher.isClosing),
    prune: () => pruneOld(config),
    stats: async () => ({ ...(await config.store.stats(config.source)), handlerLatency: config.latencies.summary() }),
  };
}

/** Any name: a pause may be for an event that this catalog does not know. */
function nameOf(owner: string, name: string): string {
  checkOptions(owner, { name: name ?? null }, { name: "string" });
  return name;
}

function notDuring(command: string): string {
  return `inbox.start was called during \`${command}\` and does nothing: events must not be handled on a build machine. Call it where the app starts, such as \`register\` in Next's instrumentation.ts.`;
}
