import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";
import type { SqlRow } from "./statement.ts";

/** The engine's clock, in whole milliseconds since the epoch. Not `unixepoch('subsec')`, which needs SQLite 3.42. */
export const NOW = "CAST(ROUND((julianday('now') - 2440587.5) * 86400000) AS INTEGER)";

/** The columns of a claimed event, without its body. */
const CLAIMED = [
  ...["seq", "key", "source", "event_id", "name", "record_id", "hash", "state", "history", "attempts", "crashes"],
  ...["fence", "order_key", "order_at", "received_at", "updated_at"],
];

/** All columns of an event, without its body. */
const STORED = [
  ...CLAIMED,
  ...["kept", "tags", "note", "started_at", "due_at", "last_seen_at", "duplicates", "first_duplicate_at", "conflicts"],
  ...["first_conflict_at", "last_conflict_at", "conflict_hash"],
];

/** For `RETURNING`, whose columns have no table. */
export const CLAIMED_COLUMNS: string = CLAIMED.join(", ");

/** For queries in which the event is `e`. */
export const EVENT_COLUMNS: string = STORED.map((column) => `e.${column}`).join(", ");

/** Reads a claimed event. */
export function claimedOf(row: SqlRow): ClaimedEvent {
  return {
    ...sharedOf(row),
    state: row.state === "dead" ? "dead" : "processing",
    claimedAtMs: Number(row.updated_at),
    headers: textOf(row.headers) ?? "{}",
    body: bytesOf(row.body) ?? new Uint8Array(),
  };
}

/** Reads an event. Its body is null where it was not selected. */
export function storedOf(row: SqlRow): StoredEvent {
  return {
    ...sharedOf(row),
    state: parseState(row.state),
    // The first tag is the name's.
    tags: row.tags === null ? null : tagsOf(row.tags).slice(1),
    hasBody: Number(row.kept) > 0,
    body: bytesOf(row.body),
    headers: textOf(row.headers),
    note: textOf(row.note),
    updatedAtMs: Number(row.updated_at),
    startedAtMs: numberOf(row.started_at),
    dueAtMs: numberOf(row.due_at),
    lastSeenAtMs: Number(row.last_seen_at),
    duplicates: Number(row.duplicates),
    firstDuplicateAtMs: numberOf(row.first_duplicate_at),
    conflicts: Number(row.conflicts),
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
    attempts: Number(row.attempts),
    crashes: Number(row.crashes),
    fence: Number(row.fence),
    orderKey: textOf(row.order_key),
    orderAtMs: numberOf(row.order_at),
    receivedAtMs: Number(row.received_at),
  };
}

function tagsOf(value: unknown): readonly number[] {
  const tags: unknown = JSON.parse(String(value));
  return Array.isArray(tags) ? tags.map(Number) : [];
}

export function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

export function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** D1 returns bytes as an array of numbers or as an `ArrayBuffer`. */
export function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Array.isArray(value)) return Uint8Array.from(value, Number);
  throw new Error("The store returned a body in an unknown form.");
}
