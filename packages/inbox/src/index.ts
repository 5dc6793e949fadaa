/**
 * A durable inbox for Popp's webhooks: on record before the answer, handled with retries, kept for audit.
 *
 * @packageDocumentation
 */

export type { EventFilter, InboxRecord } from "./audit.ts";
export type { Clock } from "./clock.ts";
export { createInbox } from "./create-inbox.ts";
export type { DurableInbox, InboxStats, Swept } from "./durable-inbox.ts";
export { LeaseLost } from "./event-run.ts";
export { HandlerTimeout } from "./handle.ts";
export type { Conflict, CreateInboxOptions, InboxHandlerContext, Transition } from "./inbox-options.ts";
export type { HandlerLatency } from "./latencies.ts";
export { latestOnly, type Ordering } from "./latest-only.ts";
export { isRetryLater, type Processed, RetryLater } from "./process-ref.ts";
export type {
  Accepted,
  ClaimedEvent,
  ClaimRequest,
  Durability,
  EventState,
  InboxStore,
  Lease,
  ListQuery,
  NewEvent,
  OverdueEvent,
  OverdueQuery,
  Pruned,
  PruneRequest,
  Settlement,
  StoredEvent,
  StoreStats,
  Transacted,
} from "./store.ts";
export type { SpanRequest, Telemetry } from "./telemetry.ts";
export type { EnqueueOptions, EventRef, WakeQueue } from "./wake-queue.ts";
