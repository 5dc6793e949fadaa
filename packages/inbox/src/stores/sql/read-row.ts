import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { OverdueEvent, UnindexedEvent } from "../../ports/queries.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";
import type { SqlRow } from "./statement.ts";

/** Reads a claimed event. */
export function claimedOf(row: SqlRow): ClaimedEvent {
  return {
    ...sharedOf(row),
    state: row.state === "dead" ? "dead" : "processing",
    claimedAtMs: countOf(row.updated_at),
    headers: textOf(row.headers) ?? "{}",
    body: bytesOf(row.body) ?? new Uint8Array(),
  };
}

/** What each engine stores in its own form. */
export interface OwnColumns extends Pick<StoredEvent, "tags" | "hasBody"> {}

/** Reads a stored event. Its body is null where it was not selected. */
export function storedWith(own: OwnColumns, row: SqlRow): StoredEvent {
  return {
    ...sharedOf(row),
    ...own,
    state: parseState(row.state),
    body: bytesOf(row.body),
    headers: textOf(row.headers),
    note: textOf(row.note),
    updatedAtMs: countOf(row.updated_at),
    startedAtMs: numberOf(row.started_at),
    dueAtMs: numberOf(row.due_at),
    lastSeenAtMs: numberOf(row.last_seen_at) ?? countOf(row.received_at),
    duplicates: countOf(row.duplicates),
    firstDuplicateAtMs: numberOf(row.first_duplicate_at),
    conflicts: countOf(row.conflicts),
    firstConflictAtMs: numberOf(row.first_conflict_at),
    lastConflictAtMs: numberOf(row.last_conflict_at),
    conflictHash: textOf(row.conflict_hash),
  };
}

function sharedOf(row: SqlRow) {
  return {
    seq: Number(row.seq),
    key: String(row.key),
    source: String(row.source),
    eventId: textOf(row.event_id),
    name: String(row.name),
    recordId: textOf(row.record_id),
    hash: String(row.hash),
    history: textOf(row.history),
    attempts: countOf(row.attempts),
    crashes: countOf(row.crashes),
    fence: countOf(row.fence),
    orderKey: textOf(row.order_key),
    orderAtMs: numberOf(row.order_at),
    receivedAtMs: countOf(row.received_at),
  };
}

/** Reads an overdue event. */
export function overdueOf(row: SqlRow): OverdueEvent {
  return { key: String(row.key), dueAtMs: Number(row.due_at), lateMs: Number(row.late) };
}

/** Reads an event without an index. */
export function unindexedOf(row: SqlRow): UnindexedEvent {
  return { key: String(row.key), name: String(row.name), body: bytesOf(row.body) };
}

export function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Postgres returns 64-bit integers as text. What is no number, such as a text that was written by hand into SQLite, is none. */
export function numberOf(value: unknown): number | null {
  const number = value === null || value === undefined ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : null;
}

/** A count, or a time that every event has. */
function countOf(value: unknown): number {
  return numberOf(value) ?? 0;
}

/** D1 returns bytes as an array of numbers or as an `ArrayBuffer`. What was written by hand may be a text. */
function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Array.isArray(value)) return Uint8Array.from(value, Number);
  return new TextEncoder().encode(String(value));
}
