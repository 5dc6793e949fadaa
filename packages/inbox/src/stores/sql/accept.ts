import type { EventState } from "../../ports/event-state.ts";
import { parseState } from "../../ports/event-state.ts";
import type { Accepted, NewEvent } from "../../ports/stored-event.ts";
import { type Batch, isOne, one, query, several } from "./batch.ts";
import { NOW } from "./columns.ts";
import { COUNT_NEW, COUNT_ONE } from "./count-sql.ts";
import type { Operation, SqlRow, SqlValue } from "./statement.ts";

const INSERT = `INSERT INTO popp_inbox_event
  (key, source, event_id, name, record_id, hash, state, note, kept, tags, order_key, order_at,
    due_at, received_at, updated_at, last_seen_at)
  VALUES (:key, :source, :eventId, :name, :recordId, :hash, :state, :note, :kept, :tags, :orderKey, :orderAtMs,
    ${NOW} + CAST(:dueInMs AS INTEGER), ${NOW}, ${NOW}, ${NOW})`;

/** An erased event has an empty hash. */
const DIFFERS = "popp_inbox_event.hash NOT IN (excluded.hash, '')";

const UPSERT = `${INSERT} ON CONFLICT (key) DO UPDATE SET
  duplicates = duplicates + 1, last_seen_at = ${NOW}, first_duplicate_at = COALESCE(first_duplicate_at, ${NOW}),
  conflicts = conflicts + (${DIFFERS}),
  first_conflict_at = CASE WHEN ${DIFFERS} THEN COALESCE(first_conflict_at, ${NOW}) ELSE first_conflict_at END,
  last_conflict_at = CASE WHEN ${DIFFERS} THEN ${NOW} ELSE last_conflict_at END,
  conflict_hash = CASE WHEN ${DIFFERS} THEN excluded.hash ELSE conflict_hash END
  RETURNING hash, state, duplicates`;

/** Only the first delivery has its body stored. */
const INSERT_BODY = `INSERT INTO popp_inbox_body (seq, headers, body)
  SELECT seq, :headers, :body FROM popp_inbox_event WHERE key = :key AND duplicates = 0`;

const CAP_STEP = 100;

const BEYOND_CAP = `SELECT seq FROM popp_inbox_event WHERE source = :source AND state = 'rejected'
  ORDER BY seq DESC LIMIT ${CAP_STEP} OFFSET :cap`;

/** Stores an event, or counts a duplicate. */
export function accept(event: NewEvent): Batch<Accepted> {
  return several([UPSERT, INSERT_BODY, COUNT_ONE], valuesOf(event, stateOfNew(event)), ([rows = []]) =>
    acceptedOf(rows, event.hash),
  );
}

/** Stores a rejected body, and deletes the oldest ones. */
export function reject(event: NewEvent, cap: number): Batch<void> {
  const values = { ...valuesOf(event, "rejected"), cap };
  const beyond = [
    `DELETE FROM popp_inbox_body WHERE seq IN (${BEYOND_CAP})`,
    `DELETE FROM popp_inbox_event WHERE seq IN (${BEYOND_CAP})`,
  ];
  return several([UPSERT, INSERT_BODY, COUNT_ONE, ...beyond], values, () => undefined);
}

/** Whether an event is stored. */
export function knows(key: string): Batch<boolean> {
  return one("SELECT 1 AS found FROM popp_inbox_event WHERE key = :key", { key }, isOne);
}

/** Statements that store an event which is not stored yet, for connections that are sure of it. They do not count it: see {@link countNew}. */
export function add(event: NewEvent): {
  readonly statements: readonly Operation<unknown>[];
  readonly accepted: Accepted;
} {
  const state = stateOfNew(event);
  const values = valuesOf(event, state);
  const body = "INSERT INTO popp_inbox_body (seq, headers, body) VALUES (last_insert_rowid(), :headers, :body)";
  return { statements: [query(INSERT, values), query(body, values)], accepted: { outcome: "accepted", state } };
}

/** Counts events that {@link add} has stored. */
export function countNew(
  { source, name, state }: Pick<NewEvent, "source" | "name"> & Pick<Accepted, "state">,
  n: number,
): Batch<void> {
  return one(COUNT_NEW, { source, name, state, n }, () => undefined);
}

function stateOfNew({ deadReason }: NewEvent): EventState {
  return deadReason === null ? "received" : "dead";
}

function valuesOf(event: NewEvent, state: EventState): Readonly<Record<string, SqlValue>> {
  const { key, source, eventId, name, recordId, hash, orderKey, orderAtMs, headers, body, deadReason: note } = event;
  return {
    ...{ key, source, eventId, name, recordId, hash, state, note, orderKey, orderAtMs, headers, body },
    kept: keptOf(state),
    tags: JSON.stringify([event.nameTag, ...event.tags]),
    dueInMs: state === "received" ? 0 : null,
  };
}

/** The column `kept` of an event with a body: dead events keep theirs longer. Without a body it is 0. */
function keptOf(state: EventState): number {
  return state === "dead" ? 2 : 1;
}

function acceptedOf([row]: readonly SqlRow[], hash: string): Accepted {
  if (row === undefined) throw new Error("The store returned no row for an event that it should have stored.");
  const state = parseState(row.state);
  if (Number(row.duplicates) === 0) return { outcome: "accepted", state };
  return { outcome: row.hash === hash || row.hash === "" ? "duplicate" : "conflict", state };
}
