import type { NewEvent } from "./stored-event.ts";

/** What became of an event that was to be redriven. */
export interface Redriven {
  /** The event. */
  readonly key: string;
  /**
   * `redriven`: it is due now. Otherwise why nothing changed: `unknown`, `erased`, `pruned` (its body is deleted), `rejected`, `received` (it is due
   * already), `processing`, or `done`, which needs `force`.
   */
  readonly result: "redriven" | RedriveRefusal;
}

/** Why an event cannot be redriven. */
export type RedriveRefusal = "unknown" | "erased" | "pruned" | "rejected" | "received" | "processing" | "done";

/** What to prune. Open events are never pruned. */
export interface PruneRequest {
  /** Whose events. */
  readonly source: string;
  /** Deletes bodies and headers of events that are `done` or `rejected` for at least this long. The rest of the row still detects duplicates. */
  readonly bodiesOlderThanMs: number;
  /** Deletes bodies and headers of events that are `dead` for at least this long. */
  readonly deadOlderThanMs: number;
  /** Deletes events that have no body, and finished at least this long ago. */
  readonly rowsOlderThanMs: number;
  /** At most this many of each, so that no call takes long. Fewer are pruned only when there are no more. */
  readonly limit: number;
}

/** What was pruned. */
export interface Pruned {
  /** How many bodies were deleted. */
  readonly bodies: number;
  /** How many of those were of events that are `dead`. */
  readonly dead: number;
  /** How many events were deleted. */
  readonly rows: number;
}

/** The index of an event that was stored without one. */
export type EventIndex = Pick<NewEvent, "key" | "recordId" | "tags" | "nameTag">;
