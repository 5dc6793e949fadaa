import type { StoredEvent } from "../../ports/stored-event.ts";
import { storedWith } from "./read-row.ts";
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

/** Reads a stored event. */
export function storedOf(row: SqlRow): StoredEvent {
  return storedWith({ tags: row.tags === null ? null : tagsOf(row.tags), hasBody: Number(row.kept) > 0 }, row);
}

/** The first tag is the name's. A text that was written by hand has no tags. */
function tagsOf(value: unknown): readonly number[] {
  try {
    const tags: unknown = JSON.parse(String(value));
    return Array.isArray(tags) ? tags.slice(1).map(Number) : [];
  } catch {
    return [];
  }
}
