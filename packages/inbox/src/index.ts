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
export type { Concurrency, Conflict, CreateInboxOptions, InboxHandlerContext, Transition } from "./inbox-options.ts";
export { type Closable, keepOne } from "./keep-one.ts";
export { latestOnly, type Ordering } from "./latest-only.ts";
export type { Clock } from "./lib/clock.ts";
export type { EventIndex, Pruned, PruneRequest, Redriven, RedriveRefusal } from "./ports/changes.ts";
export type { ClaimedEvent, ClaimRequest, Lease, Settlement, Transacted } from "./ports/claims.ts";
export type { EventState } from "./ports/event-state.ts";
export type {
  ListQuery,
  OverdueEvent,
  OverdueQuery,
  StoreStats,
  TimelineBucket,
  TimelineQuery,
  UnindexedEvent,
} from "./ports/queries.ts";
export type { Durability, InboxStore } from "./ports/store.ts";
export { type Accepted, HISTORY_LINES, type NewEvent, type StoredEvent } from "./ports/stored-event.ts";
export type {
  SpanRequest,
  Telemetry,
  TelemetryCounter,
  TelemetryDuration,
  TelemetryLabels,
} from "./ports/telemetry.ts";
export type { EnqueueOptions, EventRef, WakeQueue } from "./ports/wake-queue.ts";
export type { EraseOptions, EraseRequest, EraseResult } from "./records/erase.ts";
export type { About, EventFilter, ListFilter } from "./records/filter.ts";
export type { InboxHealth } from "./records/health.ts";
export type {
  AttemptEntry,
  AttemptError,
  AttemptOutcome,
  HistoryEntry,
  OperatorEntry,
  RepeatEntry,
} from "./records/history.ts";
export type { Page, Searched } from "./records/page.ts";
export type { InboxRecord } from "./records/record.ts";
export type { RedriveOptions, RedriveResult } from "./records/redrive.ts";
export type { Related, RelatedValue } from "./records/related.ts";
export type { TimelineEntry, TimelineOptions } from "./records/timeline.ts";
export type { HandlerLatency } from "./telemetry/latencies.ts";
