/**
 * A durable inbox for Popp's webhooks: on record before the answer, handled with retries, kept for audit.
 *
 * @packageDocumentation
 */

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
  Pruned,
  PruneRequest,
  Settlement,
  StoredEvent,
  StoreStats,
} from "./store.ts";
