import { type EventState, parseState, zeroCounts } from "../../../ports/event-state.ts";
import type { StoreStats, TimelineBucket, TimelineQuery } from "../../../ports/queries.ts";
import { numberOf } from "../../sql/read-row.ts";
import { type Operation, operationOf, type SqlRow } from "../../sql/statement.ts";
import { NOW, sql } from "./text.ts";

/** One row. Lists come as JSON text, which every client returns as it is. */
const STATS = sql(`SELECT
  (SELECT CAST(json_agg(json_build_array(name, state, n)) AS TEXT) FROM (
    SELECT name, state, SUM(n) AS n FROM popp_inbox_tally WHERE source = :source GROUP BY name, state HAVING SUM(n) <> 0) x) AS counts,
  (SELECT MIN(due_at) FROM popp_inbox_state WHERE source = :source AND due_at IS NOT NULL) - ${NOW} AS due_in,
  (SELECT CAST(json_agg(name) AS TEXT) FROM popp_inbox_pause WHERE source = :source) AS paused,
  EXISTS (SELECT 1 FROM popp_inbox_event WHERE source = :source AND tags IS NULL) AS has_unindexed`);

const TIMELINE = sql(`SELECT b.at, COUNT(*) AS received, COUNT(*) FILTER (WHERE s.state = 'done') AS done,
    COUNT(*) FILTER (WHERE s.state = 'dead') AS dead, SUM(e.duplicates) AS duplicates
  FROM popp_inbox_event e JOIN popp_inbox_state s ON s.seq = e.seq CROSS JOIN LATERAL (SELECT CAST(:sinceMs AS BIGINT)
    + (e.received_at - CAST(:sinceMs AS BIGINT)) / CAST(:bucketMs AS BIGINT) * CAST(:bucketMs AS BIGINT) AS at) b
  WHERE e.source = :source AND e.received_at >= :sinceMs AND e.received_at < :untilMs AND s.state <> 'rejected'
  GROUP BY b.at ORDER BY b.at`);

/** Counts events. */
export function statsOperation(source: string): Operation<StoreStats> {
  return operationOf(STATS, { source }, ([row = {}]) => {
    const dueInMs = numberOf(row.due_in);
    return {
      ...countsOf(JSON.parse(String(row.counts ?? "[]"))),
      oldestDueMs: Math.max(0, -(dueInMs ?? 0)),
      nextDueInMs: dueInMs === null ? null : Math.max(0, dueInMs),
      paused: JSON.parse(String(row.paused ?? "[]")).sort(),
      hasUnindexed: row.has_unindexed === true,
    };
  });
}

/** Counts events by the time at which they were accepted. */
export function timelineOperation(query: TimelineQuery): Operation<readonly TimelineBucket[]> {
  return operationOf(TIMELINE, { ...query }, (rows) => rows.map(bucketOf));
}

function countsOf(rows: readonly (readonly [string, string, number])[]): Pick<StoreStats, "counts" | "names"> {
  const counts = zeroCounts();
  const names = new Map<string, Partial<Record<EventState, number>>>();
  for (const [name, text, n] of rows) {
    const state = parseState(text);
    counts[state] += n;
    names.set(name, { ...names.get(name), [state]: n });
  }
  return { counts, names: Object.fromEntries(names) };
}

function bucketOf(row: SqlRow): TimelineBucket {
  return {
    atMs: Number(row.at),
    received: Number(row.received),
    done: Number(row.done),
    dead: Number(row.dead),
    duplicates: Number(row.duplicates),
  };
}
