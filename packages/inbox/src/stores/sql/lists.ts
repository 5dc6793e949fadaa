import type { ListQuery, OverdueEvent, OverdueQuery } from "../../ports/queries.ts";
import type { StoredEvent } from "../../ports/stored-event.ts";
import { type Batch, one } from "./batch.ts";
import { EVENT_COLUMNS, NOW, numberOf, storedOf } from "./columns.ts";
import type { SqlRow, SqlValue } from "./statement.ts";

/** How far the clock may have been set back between two events, so that the later one is still found by its time. */
const CLOCK_SLACK_MS = 3_600_000;

const WITH_BODY = ", b.headers, b.body";
const JOIN_BODY = "LEFT JOIN popp_inbox_body b ON b.seq = e.seq";

export function get(key: string): Batch<StoredEvent | undefined> {
  const sql = `SELECT ${EVENT_COLUMNS}${WITH_BODY} FROM popp_inbox_event e ${JOIN_BODY} WHERE e.key = :key`;
  return one(sql, { key }, ([row]) => row && storedOf(row));
}

/** As the index of such events has it: SQLite uses a partial index only for its very words. */
const IS_NOT_HANDLED = "e.due_at IS NULL AND e.note IN ('unhandled', 'superseded')";

/** Where a list reads its events from. `parts`: the sealed parts of the tag index. `tail`: the events that are newer than those. */
export type Place =
  | { readonly kind: "all" }
  | { readonly kind: "parts"; readonly parts: readonly number[] }
  | { readonly kind: "tail"; readonly sealed: number };

/** Lists events, newest first. */
export function list(query: ListQuery, place: Place): Batch<readonly StoredEvent[]> {
  const { sql, values } = listSql(query, place);
  return one(sql, values, (rows) => rows.map(storedOf));
}

/** The SQL of a list: each index is named, because the planner, which has no statistics, would sort a million rows. */
export function listSql(
  query: ListQuery,
  place: Place,
): { readonly sql: string; readonly values: Record<string, SqlValue> } {
  const { source, state, name, note, sinceMs, untilMs, limit, bodies } = query;
  const groups = tagGroupsOf(query);
  const isTagged = place.kind !== "all";
  const isNotHandled = state === "done" && (note === "unhandled" || note === "superseded");
  const byState = isNotHandled ? "INDEXED BY popp_inbox_event_not_handled" : "INDEXED BY popp_inbox_event_state";
  const from = {
    all: `popp_inbox_event e ${state === null ? "NOT INDEXED" : byState}`,
    tail: "popp_inbox_event e NOT INDEXED",
    parts: "popp_inbox_tag t CROSS JOIN popp_inbox_event e ON e.seq = t.seq",
  }[place.kind];
  const seq = place.kind === "parts" ? "t.seq" : "e.seq";
  const [first = [], ...others] = groups;
  const conditions = [
    "e.source = :source",
    `${seq} < :beforeSeq`,
    ...(state === null ? [] : ["e.state = :state"]),
    ...(name === null ? [] : ["e.name = :name"]),
    ...(note === null ? [] : ["e.note = :note", ...(isNotHandled ? [IS_NOT_HANDLED] : [])]),
    ...(sinceMs > 0 ? ["e.received_at >= :sinceMs", `${seq} >= ${boundary(":sinceMs - ", ">=")}`] : []),
    ...(untilMs === null ? [] : ["e.received_at < :untilMs", `${seq} <= ${boundary(":untilMs + ", ">=")}`]),
    ...(place.kind === "parts"
      ? ["t.part IN (SELECT value FROM json_each(:parts))", `t.tag IN (${IN_JSON("tags")})`]
      : []),
    ...(place.kind === "tail" ? ["e.seq > :sealed", hasTag("tags")] : []),
    ...(isTagged ? others.map((_, at) => hasTag(`tags${letter(at)}`)) : []),
  ];
  const values: Record<string, SqlValue> = {
    ...{ source, state, name, note, sinceMs, untilMs, limit },
    beforeSeq: query.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    tags: JSON.stringify(first),
    ...(place.kind === "parts" && { parts: JSON.stringify(place.parts) }),
    ...(place.kind === "tail" && { sealed: place.sealed }),
    ...Object.fromEntries(others.map((group, at) => [`tags${letter(at)}`, JSON.stringify(group)])),
  };
  // A value may stand in two fields of an event.
  const distinct = place.kind === "parts" ? "GROUP BY t.seq" : "";
  const sql = `SELECT ${EVENT_COLUMNS}${bodies ? WITH_BODY : ""} FROM ${from} ${bodies ? JOIN_BODY : ""}
    WHERE ${conditions.join(" AND ")} ${distinct} ORDER BY ${seq} DESC LIMIT :limit`;
  return { sql, values };
}

/** The lists of tags that an event must match. A name is found by its tag, where nothing else narrows the search. */
export function tagGroupsOf({ tags, nameTag, state }: ListQuery): readonly (readonly number[])[] {
  if (tags.length > 0 || nameTag === null) return tags;
  return state === null || state === "done" ? [[nameTag]] : [];
}

const IN_JSON = (parameter: string) => `SELECT value FROM json_each(:${parameter})`;

const hasTag = (parameter: string) =>
  `EXISTS (SELECT 1 FROM json_each(e.tags) j WHERE j.value IN (${IN_JSON(parameter)}))`;

/** Parameters are words of letters. */
function letter(at: number): string {
  return String.fromCharCode("A".charCodeAt(0) + at);
}

/** The first event around a time, by its seq; beyond all events when there is none. */
function boundary(time: string, comparison: string): string {
  return `COALESCE((SELECT r.seq FROM popp_inbox_event r INDEXED BY popp_inbox_event_received
    WHERE r.source = :source AND r.received_at ${comparison} ${time}${CLOCK_SLACK_MS} ORDER BY r.received_at LIMIT 1), ${Number.MAX_SAFE_INTEGER})`;
}

export function overdue({ source, lateMs, after, limit }: OverdueQuery): Batch<readonly OverdueEvent[]> {
  const sql = `SELECT key, due_at, ${NOW} - due_at AS late FROM popp_inbox_event
    WHERE source = :source AND due_at <= ${NOW} - CAST(:lateMs AS INTEGER) AND due_at >= :afterDueAtMs
    AND (due_at > :afterDueAtMs OR key > :afterKey) ORDER BY due_at, key LIMIT :limit`;
  const values = { source, lateMs, limit, afterDueAtMs: after?.dueAtMs ?? 0, afterKey: after?.key ?? "" };
  return one(sql, values, (rows) => rows.map(overdueOf));
}

function overdueOf(row: SqlRow): OverdueEvent {
  return { key: String(row.key), dueAtMs: Number(row.due_at), lateMs: Number(row.late) };
}

export function dueInMs(key: string): Batch<number | null> {
  const sql = `SELECT due_at - ${NOW} AS due_in FROM popp_inbox_event WHERE key = :key`;
  return one(sql, { key }, ([row]) => numberOf(row?.due_in));
}
