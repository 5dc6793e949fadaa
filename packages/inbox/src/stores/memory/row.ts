import type { ClaimRequest } from "../../ports/claims.ts";
import type { OverdueEvent } from "../../ports/queries.ts";
import type { NewEvent, StoredEvent } from "../../ports/stored-event.ts";

/** A stored event in memory. */
export type Row = { -readonly [Field in keyof Omit<StoredEvent, "hasBody">]: StoredEvent[Field] } & {
  /** The token of its claim; null when it is not claimed. */
  token: string | null;
  /** Tells the current entry in the due queue from outdated ones. */
  ticket: number;
};

/** The row of a new event. */
export function rowOf({ deadReason, nameTag: _, ...event }: NewEvent, isRejected: boolean, now: number): Row {
  const open = isRejected ? "rejected" : "received";
  return {
    ...event,
    body: event.body.slice(),
    seq: 0,
    state: deadReason !== null && !isRejected ? "dead" : open,
    token: null,
    ticket: 0,
    ...{ attempts: 0, crashes: 0, fence: 0, duplicates: 0, conflicts: 0 },
    ...{ receivedAtMs: now, updatedAtMs: now, lastSeenAtMs: now },
    ...{ startedAtMs: null, dueAtMs: null, firstDuplicateAtMs: null, firstConflictAtMs: null, lastConflictAtMs: null },
    ...{ conflictHash: null, history: null },
    note: deadReason,
  };
}

/** Whether a request may claim the row. Order keys and pauses are not its business. */
export function isClaimable(row: Row | undefined, request: ClaimRequest, now: number): row is Row {
  if (row === undefined || row.source !== request.source || row.dueAtMs === null) return false;
  const { which, key, exclude, onlyNames, exceptNames } = request;
  const isAbandoned = row.state === "processing";
  return (
    row.dueAtMs + (isAbandoned ? crashWaitMs(row, request) : 0) <= now &&
    (which === "any" || key !== null || (which === "abandoned") === isAbandoned) &&
    !exclude.includes(row.key) &&
    !exceptNames.includes(row.name) &&
    (onlyNames === null || onlyNames.includes(row.name))
  );
}

/** How long the row waits after the end of its lease. */
function crashWaitMs({ crashes }: Row, { crashWaitsMs }: ClaimRequest): number {
  return crashWaitsMs[Math.min(crashes, crashWaitsMs.length - 1)] ?? 0;
}

/** Adds a line to a row's history. */
export function addLine(row: Row, line: string): void {
  row.history = row.history === null ? line : `${row.history}\n${line}`;
}

/** Whether one event comes before another in the list of overdue events. */
export function isLongerDue(one: OverdueEvent, other: OverdueEvent): boolean {
  return one.dueAtMs < other.dueAtMs || (one.dueAtMs === other.dueAtMs && one.key < other.key);
}

/** Returns a copy, so that later changes of the row do not affect it, nor the other way round. */
export function storedOf({ token: _, ticket: __, ...row }: Row, bodies = true): StoredEvent {
  const hasBody = row.body !== null;
  if (!bodies) return { ...row, hasBody, body: null, headers: null };
  return { ...row, hasBody, body: row.body?.slice() ?? null };
}
