import type { EventIndex, Redriven } from "../../../ports/changes.ts";
import { HISTORY_LINES } from "../../../ports/stored-event.ts";
import { LOOKED_AT, SLACK_MS } from "../../sql/correct-due-times.ts";
import { lineOf } from "../../sql/line-of.ts";
import { type Operation, operationOf } from "../../sql/statement.ts";
import { arrayOf, bySeq, columnsOf, few, literalOf, moved, NOW, rowsOf, sql } from "./text.ts";

const KEYS = `(SELECT DISTINCT x.key FROM unnest(${arrayOf("keys", "TEXT")}) AS x (key)) g`;

/** The rows of `keys`, locked. */
const LOCKED = `FROM ${bySeq(KEYS)} g CROSS JOIN LATERAL (SELECT * FROM popp_inbox_state WHERE seq = g.seq FOR NO KEY UPDATE) s`;

const DONE = lineOf(
  HISTORY_LINES.done(-1, -2, -3, "-4"),
  ...["s.attempts", "s.started_at", "(s.updated_at - s.started_at)", "COALESCE(s.note, 'done')"],
);

const REDRIVE = sql(`WITH found AS MATERIALIZED (
    SELECT g.key, s.seq, s.state AS was, CASE
      WHEN s.note = 'erased' AND NOT s.has_body THEN 'erased'
      WHEN s.state IN ('received', 'processing', 'rejected') THEN s.state
      WHEN NOT s.has_body THEN 'pruned'
      WHEN s.state = 'done' AND COALESCE(s.note, '') NOT IN ('unhandled', 'superseded') AND :force = 0 THEN 'done'
      ELSE 'redriven' END AS result ${LOCKED}),
  redriven AS (UPDATE popp_inbox_state s SET
    state = CASE s.state WHEN 'retry' THEN 'retry' ELSE 'received' END,
    attempts = CASE s.state WHEN 'retry' THEN s.attempts ELSE 0 END,
    crashes = CASE s.state WHEN 'retry' THEN s.crashes ELSE 0 END,
    note = CASE s.state WHEN 'retry' THEN s.note END,
    order_key = CASE WHEN s.note = 'superseded' THEN NULL ELSE s.order_key END,
    order_at = CASE WHEN s.note = 'superseded' THEN NULL ELSE s.order_at END,
    due_at = ${NOW}, updated_at = ${NOW},
    history = concat_ws(chr(10), s.history, CASE WHEN s.state = 'done' THEN ${DONE} END, ${lineOf(HISTORY_LINES.redrive(-1), NOW)})
    FROM found f WHERE s.seq = f.seq AND f.result = 'redriven' RETURNING s.source, s.name, f.was, s.state),
  counted AS (${moved("redriven")})
  SELECT key, result FROM found`);

const ERASE = sql(`WITH found AS MATERIALIZED (
    SELECT s.seq, s.source, s.name, s.state AS was, s.order_key ${LOCKED} WHERE s.has_body OR s.note IS DISTINCT FROM 'erased'),
  turns AS (SELECT t.order_key FROM (SELECT order_key, seq FROM found WHERE order_key IS NOT NULL ORDER BY order_key) f
    CROSS JOIN LATERAL (SELECT order_key FROM popp_inbox_turn WHERE order_key = f.order_key AND seq = f.seq FOR UPDATE) t),
  freed AS (DELETE FROM popp_inbox_turn WHERE order_key IN (SELECT order_key FROM turns)),
  bodies AS (DELETE FROM popp_inbox_body b USING found f WHERE b.seq = f.seq),
  events AS MATERIALIZED (SELECT e.* FROM (SELECT source, seq FROM found ORDER BY seq) f CROSS JOIN LATERAL (
    SELECT source, seq, tags FROM popp_inbox_event WHERE source = f.source AND seq = f.seq FOR NO KEY UPDATE) e),
  tags AS (DELETE FROM popp_inbox_tag t USING (SELECT seq, unnest(tags) AS tag FROM events) x WHERE t.tag = x.tag AND t.seq = x.seq),
  blank AS (UPDATE popp_inbox_event e SET event_id = NULL, hash = '', conflict_hash = NULL, record_id = NULL, tags = '{}'
    FROM events x WHERE e.source = x.source AND e.seq = x.seq),
  erased AS (UPDATE popp_inbox_state s SET
    state = CASE WHEN s.due_at IS NULL THEN s.state ELSE 'done' END,
    updated_at = CASE WHEN s.due_at IS NULL THEN s.updated_at ELSE ${NOW} END,
    fence = s.fence + CASE s.state WHEN 'processing' THEN 1 ELSE 0 END,
    token = NULL, due_at = NULL, order_key = NULL, order_at = NULL, has_body = FALSE, note = 'erased',
    history = ${lineOf(HISTORY_LINES.erase(-1), NOW)}
    FROM found f WHERE s.seq = f.seq RETURNING s.seq, s.source, s.name, f.was, s.state),
  counted AS (${moved("erased")})
  SELECT COUNT(*) AS count FROM erased`);

/** `updated_at` tells when a due time was set. Rows that are locked are changing, and are looked at the next time. */
const CORRECT = sql(`WITH found AS MATERIALIZED (
    SELECT s.seq, s.state, s.due_at, s.updated_at, s.order_key FROM popp_inbox_state s
    WHERE s.source = :source AND s.due_at IS NOT NULL AND s.due_at > ${NOW} + ${SLACK_MS}
    ORDER BY s.due_at DESC LIMIT ${LOOKED_AT} FOR NO KEY UPDATE SKIP LOCKED),
  wrong AS (SELECT seq, order_key, ${NOW} + CASE WHEN state = 'processing' THEN GREATEST(0, due_at - updated_at) ELSE 0 END AS due_at
    FROM found WHERE state = 'received' OR updated_at > ${NOW} + ${SLACK_MS}),
  turns AS (UPDATE popp_inbox_turn t SET until = w.due_at FROM wrong w
    WHERE t.order_key = w.order_key AND t.seq = w.seq AND t.until > w.due_at),
  corrected AS (UPDATE popp_inbox_state s SET due_at = w.due_at, updated_at = ${NOW} FROM wrong w WHERE s.seq = w.seq RETURNING s.seq)
  SELECT COUNT(*) AS count FROM corrected`);

const INDEX_COLUMNS = { key: "TEXT", recordId: "TEXT", tags: "TEXT" };

/** Skips rows that are locked: they are listed again. Not `tags IS NULL`, whose index would be read for each key. */
const INDEX = sql(`WITH found AS MATERIALIZED (
    SELECT g.record_id, CAST(g.tags AS BIGINT[]) AS tags, e.source, e.seq FROM ${rowsOf(INDEX_COLUMNS)}
    CROSS JOIN LATERAL (SELECT source, seq, tags, hash FROM popp_inbox_event WHERE key = g.key FOR NO KEY UPDATE SKIP LOCKED) e
    WHERE ${few("g.key")} AND cardinality(e.tags) IS NULL AND e.hash <> ''),
  indexed AS (UPDATE popp_inbox_event e SET record_id = f.record_id, tags = f.tags
    FROM found f WHERE e.source = f.source AND e.seq = f.seq)
  INSERT INTO popp_inbox_tag (tag, seq) SELECT unnest(tags), seq FROM found`);

const PAUSE = sql("INSERT INTO popp_inbox_pause (source, name) VALUES (:source, :name) ON CONFLICT DO NOTHING");
const RESUME = sql("DELETE FROM popp_inbox_pause WHERE source = :source AND name = :name");

/** Redrives events. */
export function redriveOperation(keys: readonly string[], force: boolean): Operation<readonly Redriven[]> {
  return operationOf(REDRIVE, { keys: literalOf(keys), force: force ? 1 : 0 }, (rows) => {
    // The statement returns one of these results.
    const results = new Map(rows.map((row) => [String(row.key), row.result as Redriven["result"]]));
    return keys.map((key) => ({ key, result: results.get(key) ?? "unknown" }));
  });
}

/** Corrects due times that were set by a clock that is set back now. */
export function correctDueTimesOperation(source: string): Operation<number> {
  return operationOf(CORRECT, { source }, ([row]) => Number(row?.count));
}

/** Erases events. */
export function eraseOperation(keys: readonly string[]): Operation<number> {
  return operationOf(ERASE, { keys: literalOf(keys) }, ([row]) => Number(row?.count));
}

/** Indexes events. */
export function indexOperation(entries: readonly EventIndex[]): Operation<void> {
  const rows = entries.map(({ key, recordId, tags }) => ({ key, recordId, tags: literalOf(tags) }));
  return operationOf(INDEX, columnsOf(rows), () => undefined);
}

/** Pauses a name. */
export function pauseOperation(source: string, name: string): Operation<void> {
  return operationOf(PAUSE, { source, name }, () => undefined);
}

/** Resumes a name. */
export function resumeOperation(source: string, name: string): Operation<void> {
  return operationOf(RESUME, { source, name }, () => undefined);
}
