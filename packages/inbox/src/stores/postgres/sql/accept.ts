import { WebhookError } from "@popp-webhooks/core";
import { type EventState, parseState } from "../../../ports/event-state.ts";
import type { Accepted, NewEvent } from "../../../ports/stored-event.ts";
import { type Operation, operationOf } from "../../sql/statement.ts";
import { arrayOf, columnsOf, few, literalOf, MOMENT, NOW, rowsOf, sql } from "./text.ts";

/** Counts a delivery of a stored event `e`. An erased event has no hash to compare. */
function delivered(hash: string, now: string): string {
  const differs = `e.hash NOT IN (${hash}, '')`;
  return `duplicates = e.duplicates + 1, last_seen_at = ${now}, first_duplicate_at = COALESCE(e.first_duplicate_at, ${now}),
    conflicts = e.conflicts + CASE WHEN ${differs} THEN 1 ELSE 0 END,
    conflict_hash = CASE WHEN ${differs} THEN ${hash} ELSE e.conflict_hash END,
    first_conflict_at = CASE WHEN ${differs} THEN COALESCE(e.first_conflict_at, ${now}) ELSE e.first_conflict_at END,
    last_conflict_at = CASE WHEN ${differs} THEN ${now} ELSE e.last_conflict_at END`;
}

const EVENT = "key, source, event_id, name, hash, record_id, tags, received_at";
const STATE = "seq, source, name, state, note, due_at, updated_at, order_key, order_at, has_body";

const FRESH = "FROM stored WHERE duplicates = 0";

/**
 * False when the bytes of a parameter are not as many as were sent. Through a pooler that mixes prepared statements, postgres.js sends bytes as text without
 * knowing it: of 2,000 bodies, 931 were stored as their hex text.
 */
function arrivedWhole(bytes: string): string {
  return `octet_length(CAST(:${bytes} AS BYTEA)) = CAST(:bytes AS BIGINT)`;
}

/** Accepts one event, and waits when its row is locked. Planning takes longer than running it, so the state of a duplicate is read apart. */
const ACCEPT = sql(`WITH stored AS (
    INSERT INTO popp_inbox_event AS e (${EVENT})
    SELECT :key, :source, :eventId, :name, :hash, :recordId, ${arrayOf("tags", "BIGINT")}, ${NOW} WHERE ${arrivedWhole("body")}
    ON CONFLICT (key) DO UPDATE SET ${delivered("excluded.hash", "excluded.received_at")}
    RETURNING seq, hash, tags, received_at, duplicates),
  states AS (INSERT INTO popp_inbox_state (${STATE})
    SELECT seq, :source, :name, :state, :note, received_at + CAST(:dueInMs AS BIGINT), received_at,
      :orderKey, CAST(:orderAtMs AS BIGINT), TRUE ${FRESH}),
  bodies AS (INSERT INTO popp_inbox_body (seq, headers, body) SELECT seq, :headers, CAST(:body AS BYTEA) ${FRESH}),
  tagged AS (INSERT INTO popp_inbox_tag (tag, seq) SELECT unnest(tags), seq ${FRESH}),
  counted AS (INSERT INTO popp_inbox_tally (source, name, state, n) SELECT :source, :name, :state, 1 ${FRESH})
  SELECT hash, duplicates FROM stored`);

const GROUP = {
  ...{ key: "TEXT", source: "TEXT", eventId: "TEXT", name: "TEXT", hash: "TEXT", recordId: "TEXT", tags: "TEXT" },
  ...{
    state: "TEXT",
    note: "TEXT",
    orderKey: "TEXT",
    orderAtMs: "BIGINT",
    dueInMs: "BIGINT",
    headers: "TEXT",
    start: "INTEGER",
    size: "INTEGER",
  },
};

/**
 * Accepts a group of events. It waits for no row: an event whose row is locked, or that another process is accepting just now, is missing from the
 * result. New rows are stored in the order of their keys, so that groups with the same keys do not wait for each other in a circle.
 */
const ACCEPT_GROUP =
  sql(`WITH given AS MATERIALIZED (SELECT g.*, ${MOMENT} AS at FROM ${rowsOf(GROUP)} WHERE ${few("g.key")} AND ${arrivedWhole("bodies")}),
  known AS MATERIALIZED (
    SELECT e.source, e.seq, g.key, g.hash, g.at FROM given g CROSS JOIN LATERAL (
      SELECT source, seq FROM popp_inbox_event WHERE key = g.key FOR NO KEY UPDATE SKIP LOCKED) e),
  again AS (UPDATE popp_inbox_event e SET ${delivered("k.hash", "k.at")} FROM known k WHERE e.source = k.source AND e.seq = k.seq
    RETURNING e.key, e.seq, e.hash),
  stored AS (INSERT INTO popp_inbox_event (${EVENT})
    SELECT g.key, g.source, g.event_id, g.name, g.hash, g.record_id, CAST(g.tags AS BIGINT[]), g.at
    FROM given g WHERE g.key NOT IN (SELECT key FROM known) ORDER BY g.key
    ON CONFLICT (key) DO NOTHING RETURNING seq, key),
  fresh AS MATERIALIZED (SELECT g.*, stored.seq FROM stored JOIN given g ON g.key = stored.key),
  states AS (INSERT INTO popp_inbox_state (${STATE})
    SELECT seq, source, name, state, note, at + due_in_ms, at, order_key, order_at_ms, TRUE FROM fresh),
  bodies AS (INSERT INTO popp_inbox_body (seq, headers, body)
    SELECT seq, headers, substring(CAST(:bodies AS BYTEA) FROM start FOR size) FROM fresh),
  tags AS (INSERT INTO popp_inbox_tag (tag, seq) SELECT unnest(CAST(tags AS BIGINT[])), seq FROM fresh),
  counted AS (INSERT INTO popp_inbox_tally (source, name, state, n)
    SELECT source, name, state, COUNT(*) FROM fresh GROUP BY source, name, state)
  SELECT key, NULL AS hash, state FROM fresh UNION ALL
  SELECT key, hash, (SELECT s.state FROM popp_inbox_state s WHERE s.seq = again.seq) FROM again`);

/** Accepts an event. */
export function acceptOperation(
  event: NewEvent,
  state: EventState = stateOfNew(event),
): Operation<Accepted["outcome"]> {
  return operationOf(ACCEPT, { ...valuesOf(event, state), body: event.body, bytes: event.body.byteLength }, ([row]) => {
    if (row === undefined) throw new WebhookError("STORE_UNAVAILABLE", CHANGED);
    return Number(row.duplicates) === 0 ? "accepted" : outcomeOf(row.hash, event);
  });
}

const CHANGED =
  "Postgres received another body than was sent, and did not store it. A pooler mixes the prepared statements of several clients: remove `prepare`, or use a pooler that supports prepared statements.";

/** Accepts a group of events with different keys. What it could not accept without waiting is missing from the result. */
export function acceptGroupOperation(events: readonly NewEvent[]): Operation<ReadonlyMap<string, Accepted>> {
  const bodies = new Uint8Array(events.reduce((size, { body }) => size + body.byteLength, 0));
  let end = 0;
  const rows = events.map((event) => {
    const start = end + 1;
    bodies.set(event.body, end);
    end += event.body.byteLength;
    return { ...valuesOf(event, stateOfNew(event)), start, size: event.body.byteLength };
  });
  const byKey = new Map(events.map((event) => [event.key, event]));
  return operationOf(ACCEPT_GROUP, { ...columnsOf(rows), bodies, bytes: end }, (found) => {
    const accepted = new Map<string, Accepted>();
    for (const row of found) {
      const event = byKey.get(String(row.key));
      if (event === undefined) continue;
      const outcome = row.hash === null ? "accepted" : outcomeOf(row.hash, event);
      accepted.set(event.key, { outcome, state: parseState(row.state) });
    }
    return accepted;
  });
}

/** The state in which an event is accepted. */
export function stateOfNew({ deadReason }: NewEvent): EventState {
  return deadReason === null ? "received" : "dead";
}

function valuesOf({ deadReason: note, tags, nameTag: _, body: __, ...values }: NewEvent, state: EventState) {
  return { ...values, state, note, dueInMs: state === "received" ? 0 : null, tags: literalOf(tags) };
}

/** The outcome of a delivery of a stored event. */
function outcomeOf(stored: unknown, { hash }: NewEvent): "duplicate" | "conflict" {
  return stored === hash || stored === "" ? "duplicate" : "conflict";
}
