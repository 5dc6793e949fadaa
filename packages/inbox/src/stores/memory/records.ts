import type { Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import { zeroCounts } from "../../ports/event-state.ts";
import type { ListQuery, StoreStats, TimelineBucket, TimelineQuery } from "../../ports/queries.ts";
import { redriveRefusal } from "../../ports/redrive-rule.ts";
import { HISTORY_LINES } from "../../ports/stored-event.ts";
import { addLine, type Row } from "./row.ts";

/** Whether a row is to be listed. */
export function isListed(row: Row, query: ListQuery): boolean {
  const { source, state, name, note, tags, sinceMs, untilMs, beforeSeq } = query;
  return (
    row.source === source &&
    (state === null || row.state === state) &&
    (name === null || row.name === name) &&
    (note === null || row.note === note) &&
    row.receivedAtMs >= sinceMs &&
    (untilMs === null || row.receivedAtMs < untilMs) &&
    (beforeSeq === null || row.seq < beforeSeq) &&
    tags.every((some) => some.some((tag) => row.tags?.includes(tag)))
  );
}

/** Changes a row so that it is handled again, or says why not. The caller makes it due. */
export function redrive(row: Row | undefined, force: boolean, now: number): Redriven["result"] {
  if (row === undefined) return "unknown";
  const refusal = redriveRefusal({ ...row, hasBody: row.body !== null }, force);
  if (refusal !== undefined) return refusal;
  const { state, note, startedAtMs } = row;
  if (state === "done" && startedAtMs !== null)
    addLine(row, HISTORY_LINES.done(row.attempts, startedAtMs, row.updatedAtMs - startedAtMs, note));
  addLine(row, HISTORY_LINES.redrive(now));
  if (state !== "retry") Object.assign(row, { state: "received", attempts: 0, crashes: 0, note: null });
  if (note === "superseded") Object.assign(row, { orderKey: null, orderAtMs: null });
  row.updatedAtMs = now;
  return "redriven";
}

/** Erases a row; false when it is erased already. The caller makes it due no more. */
export function erase(row: Row | undefined, now: number): boolean {
  if (row === undefined || row.note === "erased") return false;
  const isOpen = row.dueAtMs !== null;
  Object.assign(row, {
    ...{ body: null, headers: null, eventId: null, recordId: null, orderKey: null, orderAtMs: null },
    ...{ conflictHash: null, token: null, tags: [], hash: "", note: "erased" },
    history: HISTORY_LINES.erase(now),
    ...(isOpen && { state: "done", updatedAtMs: now }),
    ...(row.state === "processing" && { fence: row.fence + 1 }),
  });
  return true;
}

/** Counts the rows of a source. */
export function statsOf(rows: Iterable<Row>, paused: readonly string[], now: number): StoreStats {
  const counts = zeroCounts();
  const names: Record<string, ReturnType<typeof zeroCounts>> = Object.create(null);
  let [firstDueAtMs, hasUnindexed] = [Number.POSITIVE_INFINITY, false];
  for (const { state, name, dueAtMs, tags } of rows) {
    counts[state]++;
    names[name] ??= zeroCounts();
    names[name][state]++;
    firstDueAtMs = Math.min(firstDueAtMs, dueAtMs ?? firstDueAtMs);
    hasUnindexed ||= tags === null;
  }
  return {
    ...{ counts, paused, hasUnindexed },
    names: { ...names },
    oldestDueMs: Math.max(0, now - firstDueAtMs),
    nextDueInMs: firstDueAtMs === Number.POSITIVE_INFINITY ? null : Math.max(0, firstDueAtMs - now),
  };
}

/** Counts rows by the time at which they were accepted. */
export function timelineOf(rows: Iterable<Row>, query: TimelineQuery): readonly TimelineBucket[] {
  const { source, sinceMs, untilMs, bucketMs } = query;
  const buckets = new Map<number, { -readonly [Field in keyof TimelineBucket]: TimelineBucket[Field] }>();
  for (const row of rows) {
    const { receivedAtMs, state } = row;
    if (row.source !== source || state === "rejected" || receivedAtMs < sinceMs || receivedAtMs >= untilMs) continue;
    const atMs = receivedAtMs - ((receivedAtMs - sinceMs) % bucketMs);
    const bucket = buckets.get(atMs) ?? { atMs, received: 0, done: 0, dead: 0, duplicates: 0 };
    buckets.set(atMs, bucket);
    bucket.received++;
    bucket.duplicates += row.duplicates;
    if (state === "done" || state === "dead") bucket[state]++;
  }
  return [...buckets.values()].sort((one, other) => one.atMs - other.atMs);
}

/** Deletes old bodies and rows. */
export function prune(rows: Map<string, Row>, request: PruneRequest, now: number): Pruned {
  const { source, bodiesOlderThanMs, deadOlderThanMs, rowsOlderThanMs, limit } = request;
  const pruned = { bodies: 0, dead: 0, rows: 0 };
  for (const row of rows.values()) {
    if (row.source !== source || row.dueAtMs !== null) continue;
    const ageMs = now - row.updatedAtMs;
    const isDead = row.state === "dead";
    if (row.body !== null && ageMs >= (isDead ? deadOlderThanMs : bodiesOlderThanMs) && pruned.bodies < limit) {
      Object.assign(row, { body: null, headers: null });
      pruned.bodies++;
      if (isDead) pruned.dead++;
    }
    if (row.body === null && ageMs >= rowsOlderThanMs && pruned.rows < limit) {
      rows.delete(row.key);
      pruned.rows++;
    }
  }
  return pruned;
}
