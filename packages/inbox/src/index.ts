/**
 * A durable inbox for Popp's webhooks: events are stored before the answer, handled with retries, and kept for audit.
 *
 * @packageDocumentation
 */

export { createInbox } from "./create-inbox.ts";
export { isRetryLaterError, RetryLaterError, UnrecoverableError } from "./dispatch/handler-decisions.ts";
export { LeaseLostError } from "./dispatch/lease.ts";
export type { Processed } from "./dispatch/process-message.ts";
export { HandlerTimeoutError } from "./dispatch/run-handler.ts";
export type { DurableInbox, InboxStats, Swept } from "./durable-inbox.ts";
export type { Conflict, CreateInboxOptions, InboxHandlerContext, Transition } from "./inbox-options.ts";
export { latestOnly, type Ordering } from "./latest-only.ts";
export type { Clock } from "./lib/clock.ts";
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
} from "./ports/store.ts";
export type {
  SpanRequest,
  Telemetry,
  TelemetryCounter,
  TelemetryDuration,
  TelemetryLabels,
} from "./ports/telemetry.ts";
export type { EnqueueOptions, EventRef, WakeQueue } from "./ports/wake-queue.ts";
export type { EventFilter, InboxRecord } from "./records/records.ts";
export type { HandlerLatency } from "./telemetry/latencies.ts";
