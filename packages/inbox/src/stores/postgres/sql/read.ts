import type { OverdueEvent, OverdueQuery, UnindexedEvent } from "../../../ports/queries.ts";
import type { StoredEvent } from "../../../ports/stored-event.ts";
import { numberOf, overdueOf, unindexedOf } from "../../sql/read-row.ts";
import { type Operation, operationOf } from "../../sql/statement.ts";
import { EVENT_COLUMNS, STATE_COLUMNS, storedOf } from "./columns.ts";
import { MOMENT, NOW, sql } from "./text.ts";

const GET = sql(`SELECT ${EVENT_COLUMNS}, ${STATE_COLUMNS}, b.headers, b.body FROM popp_inbox_event e
  CROSS JOIN LATERAL (SELECT * FROM popp_inbox_state WHERE seq = e.seq LIMIT 1) s
  LEFT JOIN LATERAL (SELECT headers, body FROM popp_inbox_body WHERE seq = e.seq LIMIT 1) b ON TRUE WHERE e.key = :key`);

const OVERDUE = sql(`SELECT e.key, s.due_at, ${NOW} - s.due_at AS late FROM popp_inbox_state s
  CROSS JOIN LATERAL (SELECT key FROM popp_inbox_event WHERE source = s.source AND seq = s.seq LIMIT 1) e
  WHERE s.source = :source AND s.due_at <= ${MOMENT} - CAST(:lateMs AS BIGINT) AND s.due_at >= :afterDueAtMs
    AND (s.due_at > :afterDueAtMs OR e.key > :afterKey)
  ORDER BY s.due_at, e.key LIMIT (SELECT CAST(:limit AS BIGINT))`);

const DUE_IN = sql(`SELECT due_at - ${NOW} AS due_in FROM popp_inbox_state
  WHERE seq = (SELECT seq FROM popp_inbox_event WHERE key = :key)`);

const NEWEST_DONE = sql(`SELECT MAX(order_at) AS newest FROM popp_inbox_state
  WHERE order_key = :orderKey AND state = 'done' AND note IS NULL`);

const UNINDEXED = sql(`SELECT e.key, e.name, b.body FROM (
    SELECT key, name, seq FROM popp_inbox_event WHERE source = :source AND tags IS NULL
    ORDER BY seq LIMIT (SELECT CAST(:limit AS BIGINT))) e
  LEFT JOIN LATERAL (SELECT body FROM popp_inbox_body WHERE seq = e.seq LIMIT 1) b ON TRUE ORDER BY e.seq`);

/** Reads one event. */
export function getOperation(key: string): Operation<StoredEvent | undefined> {
  return operationOf(GET, { key }, (rows) => rows.map(storedOf)[0]);
}

/** Lists what is overdue. */
export function overdueOperation({ after, ...query }: OverdueQuery): Operation<readonly OverdueEvent[]> {
  const values = { ...query, afterDueAtMs: after?.dueAtMs ?? 0, afterKey: after?.key ?? "" };
  return operationOf(OVERDUE, values, (rows) => rows.map(overdueOf));
}

/** How long it is until an event is due. */
export function dueInOperation(key: string): Operation<number | null> {
  return operationOf(DUE_IN, { key }, ([row]) => numberOf(row?.due_in));
}

/** The newest handled event of an order key. */
export function newestDoneOperation(orderKey: string): Operation<number | null> {
  return operationOf(NEWEST_DONE, { orderKey }, ([row]) => numberOf(row?.newest));
}

/** Lists events without an index. */
export function unindexedOperation(source: string, limit: number): Operation<readonly UnindexedEvent[]> {
  return operationOf(UNINDEXED, { source, limit }, (rows) => rows.map(unindexedOf));
}
