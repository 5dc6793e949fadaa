import { EVENT_STATES, zeroCounts } from "../../../ports/event-state.ts";
import type { StoreStats, TimelineBucket, TimelineQuery } from "../../../ports/queries.ts";
import { type Batch, one, several } from "../batch.ts";
import { NOW } from "../columns.ts";
import { numberOf } from "../read-row.ts";
import type { SqlRow } from "../statement.ts";
import { boundary } from "./lists.ts";
import { LAST_SEQ, type SeqRange } from "./ranges.ts";

const STATS = [
  "SELECT * FROM popp_inbox_count WHERE source = :source",
  `SELECT MIN(due_at) - ${NOW} AS due_in FROM popp_inbox_event WHERE source = :source AND due_at IS NOT NULL`,
  "SELECT name FROM popp_inbox_pause WHERE source = :source ORDER BY name",
  "SELECT 1 AS found FROM popp_inbox_event INDEXED BY popp_inbox_event_unindexed WHERE source = :source AND tags IS NULL LIMIT 1",
];

export function stats(source: string): Batch<StoreStats> {
  return several(STATS, { source }, ([counted = [], due = [], paused = [], unindexed = []]) => {
    const dueInMs = numberOf(due[0]?.due_in);
    return {
      ...countsOf(counted),
      oldestDueMs: Math.max(0, -(dueInMs ?? 0)),
      nextDueInMs: dueInMs === null ? null : Math.max(0, dueInMs),
      paused: paused.map(({ name }) => String(name)),
      hasUnindexed: unindexed.length > 0,
    };
  });
}

function countsOf(rows: readonly SqlRow[]): Pick<StoreStats, "counts" | "names"> {
  const counts = zeroCounts();
  const names: (readonly [string, Partial<StoreStats["counts"]>])[] = [];
  for (const row of rows) {
    const ofName = EVENT_STATES.map((state) => [state, Number(row[state])] as const).filter(([, count]) => count > 0);
    for (const [state, count] of ofName) counts[state] += count;
    if (ofName.length > 0) names.push([String(row.name), Object.fromEntries(ofName)]);
  }
  return { counts, names: Object.fromEntries(names) };
}

/** The seqs between which the events of a timeline are. */
export function timelineRange({ source, sinceMs, untilMs }: TimelineQuery): Batch<SeqRange> {
  const sql = `SELECT ${boundary(":sinceMs - ")} AS first, MIN(${boundary(":untilMs + ")}, 1 + ${LAST_SEQ}) AS end`;
  return one(sql, { source, sinceMs, untilMs }, ([row]) => ({ first: Number(row?.first), end: Number(row?.end ?? 0) }));
}

/** Counts the events of a range. */
export function timeline(query: TimelineQuery, { first, end }: SeqRange): Batch<readonly TimelineBucket[]> {
  const sql = `SELECT received_at - (received_at - :sinceMs) % :bucketMs AS at, COUNT(*) AS received,
    SUM(state = 'done') AS done, SUM(state = 'dead') AS dead, SUM(duplicates) AS duplicates
    FROM popp_inbox_event NOT INDEXED WHERE seq >= :first AND seq < :end
    AND source = :source AND received_at >= :sinceMs AND received_at < :untilMs AND state <> 'rejected'
    GROUP BY at`;
  return one(sql, { ...query, first, end }, (rows) => rows.map(bucketOf));
}

function bucketOf({ at, received, done, dead, duplicates }: SqlRow): TimelineBucket {
  return {
    atMs: Number(at),
    received: Number(received),
    done: Number(done),
    dead: Number(dead),
    duplicates: Number(duplicates),
  };
}

/** Adds the counts of the same bucket. */
export function sumOf(bucket: TimelineBucket, other: TimelineBucket | undefined): TimelineBucket {
  if (other === undefined) return bucket;
  const { atMs, received, done, dead, duplicates } = bucket;
  return {
    atMs,
    received: received + other.received,
    done: done + other.done,
    dead: dead + other.dead,
    duplicates: duplicates + other.duplicates,
  };
}

export function pause(source: string, name: string): Batch<void> {
  return one(
    "INSERT OR IGNORE INTO popp_inbox_pause (source, name) VALUES (:source, :name)",
    { source, name },
    () => undefined,
  );
}

export function resume(source: string, name: string): Batch<void> {
  return one("DELETE FROM popp_inbox_pause WHERE source = :source AND name = :name", { source, name }, () => undefined);
}
