import type { ClaimRequest } from "../../ports/claims.ts";
import type { OverdueEvent } from "../../ports/queries.ts";
import { HISTORY_LINES, type NewEvent, type StoredEvent } from "../../ports/stored-event.ts";

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

/** Counts another delivery of a row. An erased one has no hash to compare. */
export function countDuplicate(row: Row, hash: string, now: number): "duplicate" | "conflict" {
  row.duplicates++;
  row.lastSeenAtMs = now;
  row.firstDuplicateAtMs ??= now;
  if (row.hash === hash || row.hash === "") return "duplicate";
  row.conflicts++;
  row.conflictHash = hash;
  row.firstConflictAtMs ??= now;
  row.lastConflictAtMs = now;
  return "conflict";
}

/** Claims a row, or makes it dead when it has crashed too often. The caller sets when it is due. */
export function claimRow(row: Row, { token, maxCrashes }: ClaimRequest, now: number): "processing" | "dead" {
  if (row.state === "processing") {
    row.crashes++;
    addLine(row, HISTORY_LINES.crashed(row.attempts, row.startedAtMs ?? row.updatedAtMs));
  }
  const isSpent = row.crashes >= maxCrashes;
  const state = isSpent ? "dead" : "processing";
  Object.assign(row, { state, fence: row.fence + 1, updatedAtMs: now, token: isSpent ? null : token });
  if (isSpent) row.note = "abandoned";
  else Object.assign(row, { attempts: row.attempts + 1, startedAtMs: now });
  return state;
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
