/**
 * Where an event stands.
 *
 * - `received`: on record, never tried
 * - `processing`: claimed; somebody holds a lease on it
 * - `retry`: tried without success, due again later
 * - `done`: handled, or there was nothing to do
 * - `dead`: given up, until somebody redrives it
 * - `rejected`: genuine but no event; for audit only
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
 * What a store keeps of a crash: `power-loss` when what is accepted has reached the disk, `process` when it survives
 * the process but perhaps not the machine, `none` when it lives in memory.
 */
export type Durability = "power-loss" | "process" | "none";

/**
 * An event to be kept. Every text in it is well-formed Unicode and without NUL or its like (U+0000 to U+001F): hostile ids and names come
 * escaped as in JSON, so that a store may keep them as they are.
 */
export interface NewEvent {
  /** What makes it this event: 32 hex digits, the same for every delivery of it. */
  readonly key: string;
  /** Whose events they are; inboxes of several sources may share a store. */
  readonly source: string;
  /** The event's id, escaped; null where it has none. */
  readonly eventId: string | null;
  /** The event's name on the wire, escaped; empty where a rejected body has none. */
  readonly name: string;
  /** The SHA-256 of the body, in hex. */
  readonly hash: string;
  /** The signed bytes. */
  readonly body: Uint8Array;
  /** The headers that are kept, as a JSON object. */
  readonly headers: string;
  /** What it is ordered with, as 32 hex digits; null when order does not matter. */
  readonly orderKey: string | null;
  /** Where it stands in that order, in milliseconds since the epoch by its sender's clock. */
  readonly orderAtMs: number | null;
  /** Given for an event that must not be handled, with the reason: it is kept as `dead` from the start. */
  readonly deadReason: string | null;
}

/** What became of an event that was to be kept. */
export interface Accepted {
  /** `accepted`: new. `duplicate`: there already, same bytes. `conflict`: there already with other bytes; the first ones stay. */
  readonly outcome: "accepted" | "duplicate" | "conflict";
  /** Where the event that is on record stands. */
  readonly state: EventState;
}

/** A request for work. */
export interface ClaimRequest {
  /** Whose events. */
  readonly source: string;
  /** Names this claim: renewing and settling must give it again. Unique to the claim. */
  readonly token: string;
  /** How long the events belong to the claimant, from now on by the store's clock. */
  readonly leaseMs: number;
  /** How many events at most. */
  readonly limit: number;
  /** How many claims an event may use up; one that has is turned `dead` instead of being claimed. */
  readonly maxAttempts: number;
  /** Only this event, if it is due. Null: whatever is due, the longest due first. */
  readonly key: string | null;
  /**
   * `waiting`: only received and retry. `abandoned`: only those whose lease has ended. `any`: both.
   *
   * Whoever had an abandoned event in hand may have died of it: an inbox takes those one at a time, so that no other
   * event loses attempts to their company.
   */
  readonly which: "waiting" | "abandoned" | "any";
  /** Keys not to be claimed even when their lease seems over: the claimant still runs them. */
  readonly exclude: readonly string[];
}

/** An event that a claim returned. */
export interface ClaimedEvent extends Omit<NewEvent, "deadReason"> {
  /** `processing`: it is the claimant's. `dead`: its claims were used up, and this one deadReason it. */
  readonly state: "processing" | "dead";
  /** How many times it has been claimed, this time included. */
  readonly attempts: number;
  /** Grows with every claim: whoever sees a smaller one after a larger one knows the smaller to be stale. */
  readonly fence: number;
  /** When it was accepted, in milliseconds since the epoch by the store's clock. */
  readonly receivedAtMs: number;
}

/** The right to decide about a claimed event. */
export interface Lease {
  /** The event. */
  readonly key: string;
  /** The token of the claim. */
  readonly token: string;
}

/** How a claimed event is left. */
export interface Settlement {
  /** Where it stands from now on. */
  readonly state: "done" | "retry" | "dead";
  /** With `retry`, and only then: when it is due again, from now on by the store's clock. */
  readonly delayMs: number | null;
  /** Why, escaped: the text of an error, or what was done instead of handling it. */
  readonly note: string | null;
  /** False when the claim shall not count as an attempt, as the event was given back untouched. */
  readonly counts: boolean;
}

/** Everything a store knows of an event. */
export interface StoredEvent extends Omit<NewEvent, "body" | "headers" | "deadReason"> {
  /** Where it stands in the order of arrival; grows, with gaps. */
  readonly seq: number;
  /** Where it stands. */
  readonly state: EventState;
  /** The signed bytes; null once pruned. */
  readonly body: Uint8Array | null;
  /** The headers that were kept, as a JSON object; null once pruned. */
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
  /** When it is due, or its lease ends; null when nothing more is to be done. */
  readonly dueAtMs: number | null;
  /** How many times it was delivered again. */
  readonly duplicates: number;
  /** How many of those came with other bytes. */
  readonly conflicts: number;
  /** The SHA-256 of the latest of those bytes. */
  readonly conflictHash: string | null;
  /** Why it stands where it stands. */
  readonly note: string | null;
}

/** Which events to list, newest first. */
export interface ListQuery {
  /** Whose events. */
  readonly source: string;
  /** Only those in this state; null for all. */
  readonly state: EventState | null;
  /** Only those of this name, escaped; null for all. */
  readonly name: string | null;
  /** Only those accepted at this time or later, by the store's clock. */
  readonly sinceMs: number;
  /** Only those that arrived before this one; null from the newest on. */
  readonly beforeSeq: number | null;
  /** How many at most. */
  readonly limit: number;
}

/** Which events to wake again, the longest due first. */
export interface OverdueQuery {
  /** Whose events. */
  readonly source: string;
  /** Only those that have been due for so long, in milliseconds by the store's clock. */
  readonly lateMs: number;
  /** Only those that come after this one of an earlier page; null from the first on. */
  readonly after: OverdueEvent | null;
  /** How many at most. */
  readonly limit: number;
}

/** An event that is due, or whose lease has ended, and that nobody has claimed since. */
export interface OverdueEvent {
  /** The event. */
  readonly key: string;
  /** Since when, in milliseconds since the epoch by the store's clock; of two that are due at once, the smaller key comes first. */
  readonly dueAtMs: number;
  /** How long that is by now, in milliseconds by the store's clock. */
  readonly lateMs: number;
}

/** How much is in a store, and how far behind its handlers are. */
export interface StoreStats {
  /** How many events are in each state. */
  readonly counts: Readonly<Record<EventState, number>>;
  /** How long the longest due event has been due, in milliseconds; 0 when none is. */
  readonly oldestDueMs: number;
}

/** What to forget. Open events are never pruned. */
export interface PruneRequest {
  /** Whose events. */
  readonly source: string;
  /** Bodies and headers of events finished this long ago go; what is left still refuses duplicates. */
  readonly bodiesOlderThanMs: number;
  /** Events that finished this long ago go altogether. */
  readonly rowsOlderThanMs: number;
  /** How many of each at most, so that no call takes long. */
  readonly limit: number;
}

/** What was forgotten. */
export interface Pruned {
  /** How many lost their body. */
  readonly bodies: number;
  /** How many are gone. */
  readonly rows: number;
}

/** What came of a transaction that was committed. */
export interface Transacted<T> {
  /** What the work returned. */
  readonly value: T;
}

/**
 * What an inbox asks of the place where events are kept; `describeStore` of `@popp-webhooks/testing/store` holds any implementation to it.
 *
 * Each method is atomic against all others, in whatever process they are called. Times are durations: only the store's own
 * clock decides when a lease ends. Nothing here is retried or timed by the store: an error means "not now", and the inbox
 * sets the deadline.
 *
 * @typeParam Tx - what work inside a transaction is given; `never` for stores that have none
 */
export interface InboxStore<Tx = never> {
  /** What of an accepted event survives which crash. */
  readonly durability: Durability;
  /**
   * Makes the store ready: connects, and creates or migrates its schema. Called before anything else; again after it failed or took too long.
   *
   * @throws WebhookError `STORE_UNAVAILABLE` when the schema is newer than this version knows; nothing is touched then
   */
  open(): Promise<void>;
  /** Keeps an event once, and counts it when it is there already. Durable when it resolves. */
  accept(event: NewEvent): Promise<Accepted>;
  /** Keeps what is genuine but no event, as `rejected`; of the source's rejected ones only the newest `cap` stay. */
  reject(event: NewEvent, cap: number): Promise<void>;
  /** Takes what is due: received, retry, or processing under a lease that has ended. Raises attempts and fence. */
  claim(request: ClaimRequest): Promise<readonly ClaimedEvent[]>;
  /** Prolongs a lease, from now on; false when it is no longer the claimant's. */
  renew(lease: Lease, leaseMs: number): Promise<boolean>;
  /** Leaves a claimed event; false, and nothing changed, when it is no longer the claimant's. */
  settle(lease: Lease, settlement: Settlement): Promise<boolean>;
  /**
   * Settles a claimed event as `done` in one transaction with the user's work: both, or neither.
   *
   * @returns what the work returned; undefined when the event is no longer the claimant's, and the work left no trace
   * @throws WebhookError `CONFIG_INVALID` from a store that has no transactions; whatever the work throws
   */
  transact<T>(lease: Lease, work: (tx: Tx) => T | Promise<T>): Promise<Transacted<T> | undefined>;
  /** The latest `orderAtMs` among the handled events (`done` without a note) of one order; null when there is none. */
  newestDone(orderKey: string): Promise<number | null>;
  /** One event. */
  get(key: string): Promise<StoredEvent | undefined>;
  /** Events by filter, newest first. */
  list(query: ListQuery): Promise<readonly StoredEvent[]>;
  /** What is due and nobody has claimed. Changes nothing, and reads no body. */
  overdue(query: OverdueQuery): Promise<readonly OverdueEvent[]>;
  /**
   * How long it is until an open event is due, or the lease on it ends, in milliseconds by the store's clock; negative when that is
   * past, and null when the event is finished or unknown.
   */
  dueInMs(key: string): Promise<number | null>;
  /** Makes a dead event that still has its body `received` again, with all its attempts; false when it is no such event. */
  redrive(key: string): Promise<boolean>;
  /** Counts. */
  stats(source: string): Promise<StoreStats>;
  /** Forgets what is old. */
  prune(request: PruneRequest): Promise<Pruned>;
  /** Releases what the store opened itself, and nothing that the user owns. Nothing is called after it. */
  close(): Promise<void>;
}
