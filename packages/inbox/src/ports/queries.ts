import type { EventState } from "./event-state.ts";

/** Which events to list, newest first. All conditions must hold. */
export interface ListQuery {
  /** Whose events. */
  readonly source: string;
  /** Only events in this state; null for all. */
  readonly state: EventState | null;
  /** Only events with this name, escaped; null for all. */
  readonly name: string | null;
  /** The tag of that name; null where `name` is null. */
  readonly nameTag: number | null;
  /** Only events with this note, escaped; null for all. */
  readonly note: string | null;
  /** Only events that have, of each of these lists, at least one tag. Empty for all events. */
  readonly tags: readonly (readonly number[])[];
  /** Only events accepted at this time or later, by the store's clock. */
  readonly sinceMs: number;
  /** Only events accepted before this time; null for no end. */
  readonly untilMs: number | null;
  /** Only events with a smaller `seq`; null to start with the newest. */
  readonly beforeSeq: number | null;
  /** How many at most. Fewer are returned only when there are no more. */
  readonly limit: number;
  /** Whether to read bodies and headers. */
  readonly bodies: boolean;
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
  /** How many events of each name are in each state. States without an event may be missing. */
  readonly names: Readonly<Record<string, Readonly<Partial<Record<EventState, number>>>>>;
  /** How long the longest due event has been due, in milliseconds; 0 when none is due. */
  readonly oldestDueMs: number;
  /** How long it is until the next event is due or its lease ends, in milliseconds; 0 when one is due, null when none is open. */
  readonly nextDueInMs: number | null;
  /** The names that are paused, sorted. */
  readonly paused: readonly string[];
  /** Whether events are stored that have no index yet: `unindexed` lists them. */
  readonly hasUnindexed: boolean;
}

/** Which time to show, and how finely. */
export interface TimelineQuery {
  /** Whose events. */
  readonly source: string;
  /** From when on, by the store's clock: a multiple of `bucketMs`. */
  readonly sinceMs: number;
  /** Until when; not included. */
  readonly untilMs: number;
  /** The length of a bucket. */
  readonly bucketMs: number;
}

/** The events that were accepted within one bucket of time. */
export interface TimelineBucket {
  /** When the bucket begins, in milliseconds since the epoch. */
  readonly atMs: number;
  /** How many events were accepted, without rejected bodies. */
  readonly received: number;
  /** How many of them are done now. */
  readonly done: number;
  /** How many of them are dead now. */
  readonly dead: number;
  /** How many times they were delivered again. */
  readonly duplicates: number;
}

/** An event that a version without an index has stored. */
export interface UnindexedEvent {
  /** The event. */
  readonly key: string;
  /** Its name, escaped. */
  readonly name: string;
  /** Its body; null once it is deleted. */
  readonly body: Uint8Array | null;
}
