import type { StoredEvent } from "../../../ports/stored-event.ts";
import { storedWith } from "../../sql/read-row.ts";
import type { SqlRow } from "../../sql/statement.ts";

/** The columns of an event `e`. */
export const EVENT_COLUMNS = `e.seq, e.key, e.source, e.event_id, e.name, e.hash, e.record_id, CAST(e.tags AS TEXT) AS tags, e.received_at,
  e.last_seen_at, e.duplicates, e.first_duplicate_at, e.conflicts, e.conflict_hash, e.first_conflict_at, e.last_conflict_at`;

/** The columns of its state `s`. */
export const STATE_COLUMNS = `s.state, s.attempts, s.crashes, s.fence, s.due_at, s.updated_at, s.started_at, s.order_key, s.order_at, s.note,
  s.history, s.has_body`;

/** Reads a stored event. */
export function storedOf(row: SqlRow): StoredEvent {
  return storedWith({ tags: row.tags === null ? null : tagsOf(row.tags), hasBody: row.has_body === true }, row);
}

/** The text of an array is `{1,2}`. */
function tagsOf(value: unknown): readonly number[] {
  return JSON.parse(String(value).replace("{", "[").replace("}", "]"));
}
