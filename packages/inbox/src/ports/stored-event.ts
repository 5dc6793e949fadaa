import type { EventState } from "./event-state.ts";

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
  /** The id of the record that the event is about, escaped; null when it has none. */
  readonly recordId: string | null;
  /** Identify the values that the event is about. Each is an integer from 0 to 2^52 - 1, and each is there once. */
  readonly tags: readonly number[];
  /** The tag of the event's name, for stores that find names by tag. It is not among `tags`. */
  readonly nameTag: number;
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
  /**
   * `accepted`: new. `duplicate`: stored already with the same body, or erased. `conflict`: stored already with another body; the first body is
   * kept.
   */
  readonly outcome: "accepted" | "duplicate" | "conflict";
  /** The state of the stored event. */
  readonly state: EventState;
}

/** Everything a store knows about an event. */
export interface StoredEvent
  extends Pick<NewEvent, "key" | "source" | "eventId" | "name" | "recordId" | "hash" | "orderKey" | "orderAtMs"> {
  /** Grows with each new event, with gaps. */
  readonly seq: number;
  /** Its state. */
  readonly state: EventState;
  /** Identify the values that the event is about; null when it was stored by a version without an index. */
  readonly tags: readonly number[] | null;
  /** Whether the body is still stored. */
  readonly hasBody: boolean;
  /** The signed bytes; null once they are deleted, and in lists without bodies. */
  readonly body: Uint8Array | null;
  /** The headers that were kept, as a JSON object; null where the body is null. */
  readonly headers: string | null;
  /** How many times it was claimed. */
  readonly attempts: number;
  /** How many of those claims ended with a dead process or a lost lease. */
  readonly crashes: number;
  /** The fence of the latest claim. */
  readonly fence: number;
  /** When it was accepted, in milliseconds since the epoch by the store's clock. */
  readonly receivedAtMs: number;
  /** When its state last changed. */
  readonly updatedAtMs: number;
  /** When it was last claimed; null when it never was. */
  readonly startedAtMs: number | null;
  /** When it is due, or its lease ends; null when it is finished. */
  readonly dueAtMs: number | null;
  /** When it was last delivered, duplicates included. */
  readonly lastSeenAtMs: number;
  /** How many times it was delivered again, with whatever body. */
  readonly duplicates: number;
  /** When it was delivered again for the first time; null when it never was. */
  readonly firstDuplicateAtMs: number | null;
  /** How many of those had a different body. */
  readonly conflicts: number;
  /** When a different body came for the first time; null when none did. */
  readonly firstConflictAtMs: number | null;
  /** When a different body came last; null when none did. */
  readonly lastConflictAtMs: number | null;
  /** The SHA-256 of the latest different body. */
  readonly conflictHash: string | null;
  /** Why it is in its state. */
  readonly note: string | null;
  /** What happened to it, the oldest first: JSON objects, one a line. Null when there is nothing to tell. See {@link HISTORY_LINES}. */
  readonly history: string | null;
}

/**
 * The lines of a history that a store writes itself. All other lines come with a settlement. Times are milliseconds since the epoch by the
 * store's clock.
 *
 * A successful attempt has no line: the columns of a `done` event tell it (`startedAtMs`, `updatedAtMs`, `attempts`). It gets a line when the event is
 * redriven.
 */
export const HISTORY_LINES = {
  /** For a claim that takes over an abandoned event: the claim before, by its start. */
  crashed: (number: number, startedAtMs: number): string =>
    `{"kind":"attempt","number":${number},"at":${startedAtMs},"outcome":"crashed"}`,
  /** For a redrive of an event that is `done`: the attempt that ended so; `note` is `unhandled`, `superseded` or null. */
  done: (number: number, startedAtMs: number, durationMs: number, note: string | null): string =>
    `{"kind":"attempt","number":${number},"at":${startedAtMs},"durationMs":${durationMs},"outcome":"${note ?? "done"}"}`,
  /** For a redrive. */
  redrive: (atMs: number): string => `{"kind":"redrive","at":${atMs}}`,
  /** For an erase: the only line that is left. */
  erase: (atMs: number): string => `{"kind":"erase","at":${atMs}}`,
} as const;
