import type { ListQuery, OverdueEvent, OverdueQuery } from "../../../ports/queries.ts";
import type { StoredEvent } from "../../../ports/stored-event.ts";
import { type Batch, one } from "../batch.ts";
import { EVENT_COLUMNS, NOW, storedOf } from "../columns.ts";
import { numberOf, overdueOf } from "../read-row.ts";
import type { SqlValue } from "../statement.ts";
import { tagsOf } from "../tags.ts";

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

/** Which events a list reads. `tags`: of each list at least one, found by the first. Without tags, by state or by seq. */
export interface Place {
  /** The first event. */
  readonly fromSeq: number;
  readonly tags: readonly (readonly number[])[];
  /** The sealed parts to find the tags in; null for the events that are not sealed, whose rows hold them. */
  readonly parts: readonly number[] | null;
}

/** All events. */
export const EVERYWHERE: Place = { fromSeq: 0, tags: [], parts: null };

/** Whether the list is of an index of its own: of events that nobody handled. */
export function isOfNotHandled({ state, note }: Pick<ListQuery, "state" | "note">): boolean {
  return state === "done" && (note === "unhandled" || note === "superseded");
}

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
  const { tags, parts, fromSeq } = place;
  const inParts = parts !== null;
  const seq = inParts ? "t.seq" : "e.seq";
  const conditions = [
    "e.source = :source",
    // One condition for each end: SQLite begins and ends its search only by one.
    `${seq} < ${untilMs === null ? ":beforeSeq" : `MIN(:beforeSeq, 1 + ${boundary(":untilMs + ")})`}`,
    `${seq} >= ${sinceMs > 0 ? `MAX(:fromSeq, ${boundary(":sinceMs - ")})` : ":fromSeq"}`,
    ...(state === null ? [] : ["e.state = :state"]),
    ...(name === null ? [] : ["e.name = :name"]),
    ...(note === null ? [] : ["e.note = :note", ...(isOfNotHandled(query) ? [IS_NOT_HANDLED] : [])]),
    ...(sinceMs > 0 ? ["e.received_at >= :sinceMs"] : []),
    ...(untilMs === null ? [] : ["e.received_at < :untilMs"]),
    ...tags.map((_, at) => tagCondition(at, inParts)),
  ];
  const values: Record<string, SqlValue> = {
    ...{ source, state, name, note, sinceMs, untilMs, limit, fromSeq },
    beforeSeq: query.beforeSeq ?? Number.MAX_SAFE_INTEGER,
    ...(inParts && { parts: JSON.stringify(parts) }),
    ...Object.fromEntries(tags.map((group, at) => [tagsAt(at), JSON.stringify(group)])),
  };
  // A value may stand in two fields of an event.
  const distinct = inParts ? "GROUP BY t.seq" : "";
  const sql = `SELECT ${EVENT_COLUMNS}${bodies ? WITH_BODY : ""} FROM ${sourceOf(query, place)} ${bodies ? JOIN_BODY : ""}
    WHERE ${conditions.join(" AND ")} ${distinct} ORDER BY ${seq} DESC LIMIT :limit`;
  return { sql, values };
}

function sourceOf(query: ListQuery, { tags, parts }: Place): string {
  if (parts !== null) return "popp_inbox_tag t CROSS JOIN popp_inbox_event e ON e.seq = t.seq";
  if (query.state === null || tags.length > 0) return "popp_inbox_event e NOT INDEXED";
  return `popp_inbox_event e INDEXED BY ${isOfNotHandled(query) ? "popp_inbox_event_not_handled" : "popp_inbox_event_state"}`;
}

function tagCondition(at: number, inParts: boolean): string {
  const wanted = `SELECT value FROM json_each(:${tagsAt(at)})`;
  if (!inParts) return `EXISTS (SELECT 1 FROM ${tagsOf("e")} j WHERE j.value IN (${wanted}))`;
  if (at === 0) return `t.part IN (SELECT value FROM json_each(:parts)) AND t.tag IN (${wanted})`;
  return `EXISTS (SELECT 1 FROM popp_inbox_tag o WHERE o.part = t.part AND o.tag IN (${wanted}) AND o.seq = t.seq)`;
}

/** The parameter of the tags at this place. Parameters are words of letters. */
function tagsAt(at: number): string {
  return `tags${String.fromCharCode("A".charCodeAt(0) + at)}`;
}

/** The seq of the first event around a time; beyond all events when there is none. */
export function boundary(time: string): string {
  return `COALESCE((SELECT r.seq FROM popp_inbox_event r INDEXED BY popp_inbox_event_received
    WHERE r.source = :source AND r.received_at >= ${time}${CLOCK_SLACK_MS} ORDER BY r.received_at LIMIT 1), ${Number.MAX_SAFE_INTEGER})`;
}

export function overdue({ source, lateMs, after, limit }: OverdueQuery): Batch<readonly OverdueEvent[]> {
  const sql = `SELECT key, due_at, ${NOW} - due_at AS late FROM popp_inbox_event
    WHERE source = :source AND due_at <= ${NOW} - CAST(:lateMs AS INTEGER) AND due_at >= :afterDueAtMs
    AND (due_at > :afterDueAtMs OR key > :afterKey) ORDER BY due_at, key LIMIT :limit`;
  const values = { source, lateMs, limit, afterDueAtMs: after?.dueAtMs ?? 0, afterKey: after?.key ?? "" };
  return one(sql, values, (rows) => rows.map(overdueOf));
}

export function dueInMs(key: string): Batch<number | null> {
  const sql = `SELECT due_at - ${NOW} AS due_in FROM popp_inbox_event WHERE key = :key`;
  return one(sql, { key }, ([row]) => numberOf(row?.due_in));
}
