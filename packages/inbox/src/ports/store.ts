/**
 * The state of an event.
 *
 * - `received`: stored, never tried
 * - `processing`: claimed; a process holds a lease on it
 * - `retry`: an attempt failed or put it off, due again later
 * - `done`: handled, or there was no handler for it
 * - `dead`: given up until it is redriven
 * - `rejected`: genuine, but not a JSON object, or too old; kept for audit only
 */
export type EventState = "received" | "processing" | "retry" | "done" | "dead" | "rejected";

/** Every state that this version knows. */
export const EVENT_STATES: readonly EventState[] = ["received", "processing", "retry", "done", "dead", "rejected"];

/**
 * Reads a state from a store.
 *
 * @throws Error when this version does not know the state
 */
export function parseState(value: unknown): EventState {
  const state = EVENT_STATES.find((known) => known === value);
  if (state === undefined) throw new Error("The store holds an event in a state that this version does not know.");
  return state;
}

/** A count of 0 for each state. */
export function zeroCounts(): Record<EventState, number> {
  return { received: 0, processing: 0, retry: 0, done: 0, dead: 0, rejected: 0 };
}

/**
 * What survives a crash. `power-loss`: accepted events have reached the disk. `process`: they survive a crash of the process, but perhaps
 * not of the machine. `none`: they are in memory.
 */
export type Durability = "power-loss" | "process" | "none";

/**
 * An event to store. The texts of an event are well-formed Unicode without control characters (U+0000 to U+001F): ids, names and notes are
 * escaped as in JSON before a store sees them, so that it can keep them as they are.
 */
export interface NewEvent {
  /** Identifies the event: 32 hex digits, the same for every delivery of it. */
  readonly key: string;
  /** The source of the inbox. Inboxes of several sources may share a store. */
  readonly source: string;
  /** The event's id, escaped; null when it has none. */
  readonly eventId: string | null;
  /** The event's name as received, escaped; empty for a rejected body. */
  readonly name: string;
  /** The SHA-256 of the body, in hex. */
  readonly hash: string;
  /** The signed bytes. */
  readonly body: Uint8Array;
  /** The headers that are kept, as a JSON object. */
  readonly headers: string;
  /** Events with the same order key are handled in order: 32 hex digits; null for an event without an order. */
  readonly orderKey: string | null;
  /** The event's place in that order: milliseconds since the epoch, by the sender's clock. */
  readonly orderAtMs: number | null;
  /** Why the event must not be handled: it is stored as `dead` from the start. Null for an event to handle. */
  readonly deadReason: string | null;
}

/** The result of `accept`. */
export interface Accepted {
  /** `accepted`: new. `duplicate`: stored already with the same body. `conflict`: stored already with another body; the first body is kept. */
  readonly outcome: "accepted" | "duplicate" | "conflict";
  /** The state of the stored event. */
  readonly state: EventState;
}

/** What to claim. */
export interface ClaimRequest {
  /** Whose events. */
  readonly source: string;
  /** A unique token of this claim. `renew` and `settle` must pass it. */
  readonly token: string;
  /** How long the lease lasts, from now on by the store's clock. */
  readonly leaseMs: number;
  /** How many events at most. */
  readonly limit: number;
  /** How many times an event may be claimed. An event that has used them up becomes `dead` instead of being claimed. */
  readonly maxAttempts: number;
  /** Only this event, if it is due. Null: all due events, the longest due first. */
  readonly key: string | null;
  /**
   * `waiting`: only `received` and `retry`. `abandoned`: only `processing` with an ended lease. `any`: both.
   *
   * An abandoned event may have crashed its process. An inbox claims abandoned events one at a time, so that other events do not lose
   * attempts with it.
   */
  readonly which: "waiting" | "abandoned" | "any";
  /** Events not to be claimed even when their leases have ended: the claimant still runs their handlers. */
  readonly exclude: readonly string[];
}

/** An event that a claim returned. */
export interface ClaimedEvent extends Omit<NewEvent, "deadReason"> {
  /** `processing`: the claimant holds its lease. `dead`: it had used up its claims, and this call made it dead. */
  readonly state: "processing" | "dead";
  /** How many times it has been claimed, including this time. */
  readonly attempts: number;
  /** Grows with every claim. After a larger fence, a smaller one is stale. */
  readonly fence: number;
  /** When it was accepted, in milliseconds since the epoch by the store's clock. */
  readonly receivedAtMs: number;
}

/** The right to settle a claimed event. */
export interface Lease {
  /** The event. */
  readonly key: string;
  /** The token of the claim. */
  readonly token: string;
}

/** How to settle a claimed event. */
export interface Settlement {
  /** The new state. */
  readonly state: "done" | "retry" | "dead";
  /** With `retry`: when the event is due again, in milliseconds from now by the store's clock. Otherwise null. */
  readonly delayMs: number | null;
  /** The reason, escaped: the text of an error, or why no handler ran. */
  readonly note: string | null;
  /** False when the claim must not count as an attempt, because the event was given back untouched. */
  readonly counts: boolean;
}

/** Everything a store knows about an event. */
export interface StoredEvent extends Omit<NewEvent, "body" | "headers" | "deadReason"> {
  /** Grows with each new event, with gaps. */
  readonly seq: number;
  /** Its state. */
  readonly state: EventState;
  /** The signed bytes; null once they are pruned. */
  readonly body: Uint8Array | null;
  /** The headers that were kept, as a JSON object; null once they are pruned. */
  readonly headers: string | null;
  /** How many times it was claimed. */
  readonly attempts: number;
  /** The fence of the latest claim. */
  readonly fence: number;
  /** When it was accepted, in milliseconds since the epoch by the store's clock. */
  readonly receivedAtMs: number;
  /** When its state last changed. */
  readonly updatedAtMs: number;
  /** When it was last delivered, duplicates included. */
  readonly lastSeenAtMs: number;
  /** When it is due, or its lease ends; null when it is finished. */
  readonly dueAtMs: number | null;
  /** How many times it was delivered again. */
  readonly duplicates: number;
  /** How many of those had a different body. */
  readonly conflicts: number;
  /** The SHA-256 of the latest different body. */
  readonly conflictHash: string | null;
  /** Why it is in its state. */
  readonly note: string | null;
}

/** Which events to list, newest first. */
export interface ListQuery {
  /** Whose events. */
  readonly source: string;
  /** Only events in this state; null for all. */
  readonly state: EventState | null;
  /** Only events with this name, escaped; null for all. */
  readonly name: string | null;
  /** Only events accepted at this time or later, by the store's clock. */
  readonly sinceMs: number;
  /** Only events with a smaller `seq`; null to start with the newest. */
  readonly beforeSeq: number | null;
  /** How many at most. */
  readonly limit: number;
}

/** Which overdue events to list, the longest due first. */
export interface OverdueQuery {
  /** Whose events. */
  readonly source: string;
  /** Only events that have been due for at least this long, in milliseconds by the store's clock. */
  readonly lateMs: number;
  /** Only events after this one, the last of the page before; null for the first page. */
  readonly after: OverdueEvent | null;
  /** How many at most. */
  readonly limit: number;
}

/** An event that is due, or whose lease has ended, and that no process has claimed since. */
export interface OverdueEvent {
  /** The event. */
  readonly key: string;
  /** Since when, in milliseconds since the epoch by the store's clock. Of two events due at the same time, the smaller key comes first. */
  readonly dueAtMs: number;
  /** How long it has been due, in milliseconds by the store's clock. */
  readonly lateMs: number;
}

/** The counts of a store, and how far behind the handlers are. */
export interface StoreStats {
  /** How many events are in each state. */
  readonly counts: Readonly<Record<EventState, number>>;
  /** How long the longest due event has been due, in milliseconds; 0 when none is due. */
  readonly oldestDueMs: number;
}

/** What to prune. Open events are never pruned. */
export interface PruneRequest {
  /** Whose events. */
  readonly source: string;
  /** Deletes bodies and headers of events that finished at least this long ago. The rest of the row still detects duplicates. */
  readonly bodiesOlderThanMs: number;
  /** Deletes events that finished at least this long ago. */
  readonly rowsOlderThanMs: number;
  /** At most this many of each, so that no call takes long. */
  readonly limit: number;
}

/** What was pruned. */
export interface Pruned {
  /** How many bodies were deleted. */
  readonly bodies: number;
  /** How many events were deleted. */
  readonly rows: number;
}

/** The result of a committed transaction. */
export interface Transacted<T> {
  /** What the work returned. */
  readonly value: T;
}

/**
 * Stores the events of an inbox. `describeStore` of `@popp-webhooks/testing/store` tests any implementation.
 *
 * Each method is atomic, even when several processes call the store at the same time. Times are durations: only the store's own clock
 * decides when a lease ends. A store neither retries nor limits the time of a call: it rejects, and the inbox sets deadlines and tries again.
 *
 * @typeParam Tx - what work inside a transaction receives; `never` for stores without transactions
 */
export interface InboxStore<Tx = never> {
  /** What survives a crash. */
  readonly durability: Durability;
  /**
   * Connects, and creates or migrates the schema. Called before anything else, and again after it failed or took too long.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` when the schema is newer than this version knows; it is left untouched
   */
  open(): Promise<void>;
  /** Stores an event once, and counts a duplicate when it is there already. Durable when it resolves. */
  accept(event: NewEvent): Promise<Accepted>;
  /** Stores a genuine body that the receiver refuses, as `rejected`. Of the source's rejected bodies only the newest `cap` stay. */
  reject(event: NewEvent, cap: number): Promise<void>;
  /** Claims due events: `received`, `retry`, or `processing` with an ended lease. Raises attempts and fence. */
  claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]>;
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
  /** Returns one event. */
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
  /** Makes a dead event `received` again, with all its attempts; false when it is not dead or has no body any more. */
  redrive(key: string): Promise<boolean>;
  /** Counts events by state. */
  stats(source: string): Promise<StoreStats>;
  /** Deletes old bodies and events. */
  prune(request: PruneRequest): Promise<Pruned>;
  /** Closes what the store opened itself, and nothing that belongs to the user. No method is called after it. */
  close(): Promise<void>;
}
