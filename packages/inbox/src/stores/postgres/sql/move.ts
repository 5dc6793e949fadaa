import { type Operation, operationOf } from "../../sql/statement.ts";
import { sql } from "./text.ts";

/** How many events are moved at once, so that no statement takes long. */
const STEP = 500;

/** Keeps processes of version 1 from the table. Its index has the name of a new table. */
export const BEFORE_MOVE: readonly string[] = [
  "LOCK TABLE popp_inbox IN ACCESS EXCLUSIVE MODE",
  "DROP INDEX IF EXISTS popp_inbox_state",
];

/** Events of version 1 have no tags: they are indexed later. */
const MOVE = sql(`WITH part AS MATERIALIZED (SELECT * FROM popp_inbox WHERE seq > :after ORDER BY seq LIMIT ${STEP}),
  events AS (INSERT INTO popp_inbox_event
      (seq, key, source, event_id, name, hash, received_at, last_seen_at, duplicates, conflicts, conflict_hash)
    SELECT seq, key, source, event_id, name, hash, received_at, last_seen_at, duplicates, conflicts, conflict_hash FROM part),
  states AS (INSERT INTO popp_inbox_state
      (seq, source, name, state, token, fence, attempts, due_at, updated_at, order_key, order_at, has_body, note)
    SELECT seq, source, name, state, token, fence, attempts, due_at, updated_at, order_key, order_at, body IS NOT NULL, note FROM part),
  bodies AS (INSERT INTO popp_inbox_body (seq, headers, body)
    SELECT seq, COALESCE(headers, '{}'), body FROM part WHERE body IS NOT NULL)
  SELECT MAX(seq) AS last FROM part`);

/** Counts the moved events, gives claimed ones their turns, and removes the old table. */
export const AFTER_MOVE: readonly string[] = [
  `INSERT INTO popp_inbox_tally (source, name, state, n)
    SELECT source, name, state, COUNT(*) FROM popp_inbox_state GROUP BY source, name, state`,
  `INSERT INTO popp_inbox_turn (order_key, seq, until) SELECT DISTINCT ON (order_key) order_key, seq, due_at FROM popp_inbox_state
    WHERE order_key IS NOT NULL AND state = 'processing' ORDER BY order_key, due_at DESC`,
  "SELECT setval(pg_get_serial_sequence(CAST(CAST(tableoid AS REGCLASS) AS TEXT), 'seq'), MAX(seq)) FROM popp_inbox_event GROUP BY tableoid",
  "DROP TABLE popp_inbox",
];

/** Moves the next events of version 1. Returns the last one's number, or null when none is left. */
export function moveOperation(after: number): Operation<number | null> {
  return operationOf(MOVE, { after }, ([row]) => (row?.last == null ? null : Number(row.last)));
}
