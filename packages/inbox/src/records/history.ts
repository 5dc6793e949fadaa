import type { StoredEvent } from "../ports/stored-event.ts";

/** What went wrong in an attempt. */
export interface AttemptError {
  /** The error's name, such as `TypeError`. */
  readonly name: string;
  /** The first 500 characters of its message. */
  readonly message: string;
  /** Where it was thrown: the first frame of its stack without the folder, such as `notify (mail.js:12:9)`. Null when there is none. */
  readonly frame: string | null;
}

/** One attempt to handle an event. */
export interface AttemptEntry {
  /** Tells the entries apart. */
  readonly kind: "attempt";
  /** The number of the attempt, counted from 1, and from 1 again after a redrive of a finished event. */
  readonly number: number;
  /** When it began, by the store's clock. */
  readonly at: Date;
  /** How long it took, in milliseconds; null when its process died. */
  readonly durationMs: number | null;
  /**
   * How it ended. `done`; `unhandled`: there was no handler; `superseded`: a newer event of its order was handled before; `failed`; `timed-out`;
   * `put-off`: by a `RetryLaterError`; `unrecoverable`; `mismatch`: the event does not fit the catalog; `damaged`: the stored body is not the one that was accepted; `crashed`: its process died or lost the lease.
   */
  readonly outcome: AttemptOutcome;
  /** What the handler threw; absent where it threw nothing. */
  readonly error?: AttemptError;
}

/** How an attempt ended. */
export type AttemptOutcome =
  | "done"
  | "unhandled"
  | "superseded"
  | "failed"
  | "timed-out"
  | "put-off"
  | "unrecoverable"
  | "mismatch"
  | "damaged"
  | "crashed";

/** An operator redrove or erased the event. */
export interface OperatorEntry {
  /** Tells the entries apart. */
  readonly kind: "redrive" | "erase";
  /** When, by the store's clock. */
  readonly at: Date;
}

/** The event was delivered again: with the same body (`duplicate`) or with a different one (`conflict`). One entry for all of them. */
export interface RepeatEntry {
  /** Tells the entries apart. */
  readonly kind: "duplicate" | "conflict";
  /** When it was first delivered again, by the store's clock. */
  readonly at: Date;
  /** When it was last delivered again. Of a `duplicate` with conflicts too, the last delivery of either kind. */
  readonly latest: Date;
  /** How many times. */
  readonly count: number;
}

/** What happened to an event. */
export type HistoryEntry = AttemptEntry | OperatorEntry | RepeatEntry;

/** When the event was last redriven, in milliseconds since the epoch by the store's clock; undefined when it never was. */
export function lastRedriveMs(history: string | null): number | undefined {
  return entriesOf(history)
    .findLast(({ kind }) => kind === "redrive")
    ?.at.getTime();
}

/** What a history needs of a stored event. */
export type HistorySource = Pick<
  StoredEvent,
  | ("history" | "state" | "note" | "attempts" | "startedAtMs" | "updatedAtMs" | "lastSeenAtMs")
  | ("duplicates" | "firstDuplicateAtMs" | "conflicts" | "firstConflictAtMs" | "lastConflictAtMs")
>;

/** Reads the history of a stored event, in order of time. */
export function historyOf(stored: HistorySource): readonly HistoryEntry[] {
  const entries = [...entriesOf(stored.history)];
  // A successful attempt has no line of its own: the columns tell it.
  const { state, note, attempts: number, startedAtMs, updatedAtMs } = stored;
  if (state === "done" && note !== "erased" && startedAtMs !== null)
    entries.push({
      ...{ kind: "attempt", number, at: new Date(startedAtMs), durationMs: updatedAtMs - startedAtMs },
      outcome: note === "unhandled" || note === "superseded" ? note : "done",
    });
  return [...entries, ...repeatsOf(stored)].sort((one, other) => one.at.getTime() - other.at.getTime());
}

function repeatsOf(stored: HistorySource): readonly RepeatEntry[] {
  const { duplicates, firstDuplicateAtMs, lastSeenAtMs, conflicts, firstConflictAtMs, lastConflictAtMs } = stored;
  const same = duplicates - conflicts;
  return [
    ...(same > 0 ? [repeatOf("duplicate", same, firstDuplicateAtMs, lastSeenAtMs)] : []),
    ...(conflicts > 0 ? [repeatOf("conflict", conflicts, firstConflictAtMs, lastConflictAtMs)] : []),
  ];
}

/** Versions without a history kept no times. */
function repeatOf(kind: RepeatEntry["kind"], count: number, atMs: number | null, latestMs: number | null): RepeatEntry {
  const latest = latestMs ?? atMs ?? 0;
  return { kind, at: new Date(atMs ?? latest), latest: new Date(latest), count };
}

/** The lines of a history, the oldest first. */
export function linesOf(history: string | null): readonly string[] {
  return history === null || history === "" ? [] : history.split("\n");
}

/** Reads a history. Leaves out a line that the inbox did not write. */
function entriesOf(history: string | null): readonly HistoryEntry[] {
  return linesOf(history).flatMap((line) => {
    try {
      const { at, ...entry } = JSON.parse(line);
      const date = new Date(at);
      if (typeof entry.kind !== "string" || Number.isNaN(date.getTime())) return [];
      return entry.kind === "attempt" ? { durationMs: null, ...entry, at: date } : { ...entry, at: date };
    } catch {
      return [];
    }
  });
}
