import type { ClaimedEvent } from "../../ports/claims.ts";
import { parseState } from "../../ports/event-state.ts";
import type { OverdueEvent } from "../../ports/queries.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";
import type { SqlRow } from "./statement.ts";

/** The columns of a claimed event. */
export const CLAIMED_COLUMNS =
  "seq, key, source, event_id, name, hash, state, attempts, fence, order_key, order_at, received_at, headers, body";

/** All columns of a stored event. */
export const STORED_COLUMNS: string = `${CLAIMED_COLUMNS}, updated_at, last_seen_at, due_at, duplicates, conflicts, conflict_hash, note`;

/** Reads a claimed event. */
export function claimedOf(row: SqlRow): ClaimedEvent {
  return {
    ...sharedOf(row),
    state: row.state === "dead" ? "dead" : "processing",
    headers: textOf(row.headers) ?? "{}",
    body: bytesOf(row.body) ?? new Uint8Array(),
  };
}

/** Reads a stored event. */
export function storedOf(row: SqlRow): StoredEvent {
  return {
    ...sharedOf(row),
    seq: Number(row.seq),
    state: parseState(row.state),
    headers: textOf(row.headers),
    body: bytesOf(row.body),
    updatedAtMs: Number(row.updated_at),
    lastSeenAtMs: Number(row.last_seen_at),
    dueAtMs: numberOf(row.due_at),
    duplicates: Number(row.duplicates),
    conflicts: Number(row.conflicts),
    conflictHash: textOf(row.conflict_hash),
    note: textOf(row.note),
  };
}

/** Reads an overdue event. */
export function overdueOf(row: SqlRow): OverdueEvent {
  return { key: String(row.key), dueAtMs: Number(row.due_at), lateMs: Number(row.late) };
}

function sharedOf(row: SqlRow) {
  return {
    key: String(row.key),
    source: String(row.source),
    eventId: textOf(row.event_id),
    name: String(row.name),
    hash: String(row.hash),
    orderKey: textOf(row.order_key),
    orderAtMs: numberOf(row.order_at),
    attempts: Number(row.attempts),
    fence: Number(row.fence),
    receivedAtMs: Number(row.received_at),
  };
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** Postgres returns 64-bit integers as text. */
export function numberOf(value: unknown): number | null {
  return value === null || value === undefined ? null : Number(value);
}

/** D1 returns bytes as an array of numbers or as an `ArrayBuffer`. */
function bytesOf(value: unknown): Uint8Array | null {
  if (value === null || value === undefined) return null;
  if (value instanceof Uint8Array) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (Array.isArray(value)) return Uint8Array.from(value, Number);
  throw new Error("The store returned a body in an unknown form.");
}
