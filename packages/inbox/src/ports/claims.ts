import type { NewEvent, StoredEvent } from "./stored-event.ts";

/** What to claim. Names that are paused are never claimed. */
export interface ClaimRequest {
  /** Whose events. */
  readonly source: string;
  /** A unique token of this claim. `renew` and `settle` must pass it. */
  readonly token: string;
  /** How long the lease lasts, from now on by the store's clock. */
  readonly leaseMs: number;
  /** How many events at most. */
  readonly limit: number;
  /** Only this event, if it is due. Null: all due events, the longest due first. */
  readonly key: string | null;
  /**
   * `waiting`: only `received` and `retry`. `abandoned`: only `processing` with an ended lease. `any`: both.
   *
   * An abandoned event may have crashed its process. An inbox claims abandoned events one at a time, so that other events do not lose
   * attempts with it.
   */
  readonly which: "waiting" | "abandoned" | "any";
  /** How many claims of an event may end with a dead process. Claiming an abandoned event that reaches this count makes it `dead`. */
  readonly maxCrashes: number;
  /**
   * How long an abandoned event waits after the end of its lease, in milliseconds: the first number after its first crash, and so on. The last one
   * is for all further crashes. Not empty.
   */
  readonly crashWaitsMs: readonly number[];
  /** Events not to be claimed even when their leases have ended: the claimant still runs their handlers. */
  readonly exclude: readonly string[];
  /** Only events with one of these names, escaped; null for all. */
  readonly onlyNames: readonly string[] | null;
  /** No events with these names, escaped. */
  readonly exceptNames: readonly string[];
}

/** An event that a claim returned. */
export interface ClaimedEvent
  extends Omit<NewEvent, "deadReason" | "tags" | "nameTag">,
    Pick<StoredEvent, "seq" | "attempts" | "crashes" | "fence" | "receivedAtMs" | "history"> {
  /** `processing`: the claimant holds its lease. `dead`: its crashes had reached the limit, and this call made it dead. */
  readonly state: "processing" | "dead";
  /** When it was claimed, in milliseconds since the epoch by the store's clock. */
  readonly claimedAtMs: number;
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
  /** The event's whole history from now on; null to leave it as it is. */
  readonly history: string | null;
}

/** The result of a committed transaction. */
export interface Transacted<T> {
  /** What the work returned. */
  readonly value: T;
}
