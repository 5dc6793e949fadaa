import type { WebhookError } from "@popp-webhooks/core";
import type { EventIndex, Pruned, PruneRequest, Redriven } from "./changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement, Transacted } from "./claims.ts";
import type {
  ListQuery,
  OverdueEvent,
  OverdueQuery,
  StoreStats,
  TimelineBucket,
  TimelineQuery,
  UnindexedEvent,
} from "./queries.ts";
import type { Accepted, NewEvent, StoredEvent } from "./stored-event.ts";

/**
 * What survives a crash. `power-loss`: accepted events have reached the disk. `process`: they survive a crash of the process, but perhaps
 * not of the machine. `none`: they are in memory.
 */
export type Durability = "power-loss" | "process" | "none";

/**
 * Stores the events of an inbox. `describeStore` of `@popp-webhooks/testing/store` tests any implementation.
 *
 * Each method is atomic, even when several processes call the store at the same time. `redrive`, `erase`, `prune` and `index` may work in steps, so that
 * nothing else waits for long: of each event, everything is changed or nothing. Times are durations, in whole milliseconds: only the store's own clock
 * decides when a lease ends. A store neither retries nor limits the time of a call: it rejects, and the inbox sets deadlines and tries again.
 *
 * @typeParam Tx - what work inside a transaction receives; `never` for stores without transactions
 */
export interface InboxStore<Tx = never> {
  /** What survives a crash. May change while the store is open, as the settings of its server do. */
  readonly durability: Durability;
  /** Where the events are, such as the path of a file, once the store is open: two inboxes of a process with the same place share their events. Absent when unknown. */
  readonly place?: string | undefined;
  /** Why deliveries are refused at present although the server answers, in one sentence; null or absent when they are not. */
  readonly problem?: string | null;
  /**
   * Connects, and creates or migrates the schema. Called before anything else, and again after it failed or took too long.
   *
   * @param report - tells the operator of what the store finds out while it is open, and no call can tell
   * @throws WebhookError `STORE_UNAVAILABLE` when the schema is newer than this version knows; it is left untouched
   */
  open(report?: (error: WebhookError) => void): Promise<void>;
  /**
   * Stores an event once, and counts a duplicate when it is there already. Durable when it resolves. An erased event has no hash to compare: it
   * is a duplicate whatever the body.
   */
  accept(event: NewEvent): Promise<Accepted>;
  /** Stores a genuine body that the receiver refuses, as `rejected`. Of the source's rejected bodies only the newest `cap` stay. */
  reject(event: NewEvent, cap: number): Promise<void>;
  /**
   * Claims due events: `received`, `retry`, or `processing` with an ended lease. Raises attempts and fence, and sets `startedAtMs`. Of an event that
   * was `processing`, it raises `crashes` too and adds the crash to the history.
   *
   * An order key stays claimed until the lease on its event ends: of each order key at most one event is in `processing` with a running lease.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]>;
  /**
   * Makes due what a clock that was set back holds up: `received` events that are due in the future, and events whose `retry` was set in the future, become
   * due now; a lease that was set in the future ends after the time it was given. May look at some of the events only, those with the latest due times
   * first. Returns how many it changed.
   */
  correctDueTimes(source: string): Promise<number>;
  /** Extends a lease, from now on; false when the claimant no longer holds it. */
  renew(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Settles a claimed event; false, and nothing changes, when the claimant no longer holds the lease. */
  settle(lease: Lease, settlement: Settlement): Promise<boolean>;
  /**
   * Settles a claimed event as `done` in one transaction with the user's work: both are committed, or neither.
   *
   * @returns what the work returned; undefined, and the work is rolled back, when the claimant no longer holds the lease
   * @throws WebhookError `CONFIG_INVALID` from a store without transactions; and whatever the work throws
   */
  transact<T>(lease: Lease, work: (tx: Tx) => T | Promise<T>): Promise<Transacted<T> | undefined>;
  /** The latest `orderAtMs` of the handled events (`done` without a note) of one order; null when there is none. */
  newestDone(orderKey: string): Promise<number | null>;
  /** Returns one event with its body. */
  get(key: string): Promise<StoredEvent | undefined>;
  /** Lists events, newest first. */
  list(query: ListQuery): Promise<readonly StoredEvent[]>;
  /** Lists due events that no process has claimed. Changes nothing, and reads no body. */
  overdue(query: OverdueQuery): Promise<readonly OverdueEvent[]>;
  /**
   * Returns how long it is until an open event is due or its lease ends, in milliseconds by the store's clock. Negative when that is past;
   * null when the event is finished or unknown.
   */
  dueInMs(key: string): Promise<number | null>;
  /**
   * Makes events due now, and adds the redrive to their histories. `dead` events, and `done` ones with the note `unhandled` or `superseded`, become
   * `received` with attempts and crashes of 0; the superseded ones lose their order, which would skip them again. `retry` stays `retry` and keeps its
   * attempts.
   *
   * @param keys - at most 500
   * @param force - whether handled events (`done` without such a note) are redriven too
   * @returns one result for each key
   */
  redrive(keys: readonly string[], force: boolean): Promise<readonly Redriven[]>;
  /**
   * Erases events: body, headers, record id, tags, hashes, event id, order, note and history are gone. Key, source, name, state, times and counts
   * stay, so that a later delivery is a duplicate. An open event becomes `done`; one in `processing` loses its lease, and its fence is raised.
   * The hash of an erased event is empty, its note is `erased`, and its history is one line.
   *
   * @param keys - at most 500
   * @returns how many events were erased; one that is unknown or erased already does not count
   */
  erase(keys: readonly string[]): Promise<number>;
  /** Stops claims of events with this name, escaped, until `resume`. */
  pause(source: string, name: string): Promise<void>;
  /** Ends a pause; does nothing when there is none. */
  resume(source: string, name: string): Promise<void>;
  /** Counts events. */
  stats(source: string): Promise<StoreStats>;
  /** Counts events by the time at which they were accepted, the oldest bucket first. Buckets without events may be missing. */
  timeline(query: TimelineQuery): Promise<readonly TimelineBucket[]>;
  /** Deletes old bodies and events. */
  prune(request: PruneRequest): Promise<Pruned>;
  /** Lists events that a version without an index has stored: at most `limit`, fewer when their bodies are large, none only when there are none. */
  unindexed(source: string, limit: number): Promise<readonly UnindexedEvent[]>;
  /** Sets the record id and the tags of events that have none. Events that are unknown or erased stay as they are. */
  index(entries: readonly EventIndex[]): Promise<void>;
  /** Closes what the store opened itself, and nothing that belongs to the user. No method is called after it. */
  close(): Promise<void>;
}
