import type { ClaimedEvent } from "../../../ports/claims.ts";
import { parseState } from "../../../ports/event-state.ts";
import type { OverdueEvent, UnindexedEvent } from "../../../ports/queries.ts";
import type { StoredEvent } from "../../../ports/stored-event.ts";
import type { SqlRow } from "../../sql/statement.ts";

/** The columns of an event `e`. */
export const EVENT_COLUMNS = `e.seq, e.key, e.source, e.event_id, e.name, e.hash, e.record_id, CAST(e.tags AS TEXT) AS tags, e.received_at,
  e.last_seen_at, e.duplicates, e.first_duplicate_at, e.conflicts, e.conflict_hash, e.first_conflict_at, e.last_conflict_at`;

/** The columns of its state `s`. */
export const STATE_COLUMNS = `s.state, s.attempts, s.crashes, s.fence, s.due_at, s.updated_at, s.started_at, s.order_key, s.order_at, s.note,
  s.history, s.has_body`;

/** Reads a claimed event. */
export function claimedOf(row: SqlRow): ClaimedEvent {
  const { body, headers, ...stored } = storedOf(row);
  return {
    ...stored,
    state: stored.state === "dead" ? "dead" : "processing",
    claimedAtMs: stored.updatedAtMs,
    headers: headers ?? "{}",
    body: body ?? new Uint8Array(),
  };
}

/** Reads a stored event. */
export function storedOf(row: SqlRow): StoredEvent {
  return {
    seq: Number(row.seq),
    key: String(row.key),
    source: String(row.source),
    eventId: textOf(row.event_id),
    name: String(row.name),
    hash: String(row.hash),
    recordId: textOf(row.record_id),
    tags: row.tags === null ? null : JSON.parse(String(row.tags).replace("{", "[").replace("}", "]")),
    receivedAtMs: Number(row.received_at),
    lastSeenAtMs: Number(row.last_seen_at ?? row.received_at),
    duplicates: Number(row.duplicates),
    firstDuplicateAtMs: numberOf(row.first_duplicate_at),
    conflicts: Number(row.conflicts),
    conflictHash: textOf(row.conflict_hash),
    firstConflictAtMs: numberOf(row.first_conflict_at),
    lastConflictAtMs: numberOf(row.last_conflict_at),
    state: parseState(row.state),
    attempts: Number(row.attempts),
    crashes: Number(row.crashes),
    fence: Number(row.fence),
    dueAtMs: numberOf(row.due_at),
    updatedAtMs: Number(row.updated_at),
    startedAtMs: numberOf(row.started_at),
    orderKey: textOf(row.order_key),
    orderAtMs: numberOf(row.order_at),
    note: textOf(row.note),
    history: textOf(row.history),
    hasBody: row.has_body === true,
    headers: textOf(row.headers),
    body: bytesOf(row.body),
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

/** Postgres returns 64-bit integers as text. */
export function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw new Error("The store returned a body in an unknown form.");
}
