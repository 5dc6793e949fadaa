import type { Pruned, PruneRequest, Redriven } from "../../ports/changes.ts";
import { parseState } from "../../ports/event-state.ts";
import { redriveRefusal } from "../../ports/redrive-rule.ts";
import { HISTORY_LINES } from "../../ports/stored-event.ts";
import { type Batch, one, several } from "./batch.ts";
import { NOW } from "./columns.ts";
import { lineOf } from "./line-of.ts";
import { textOf } from "./read-row.ts";
import type { SqlRow } from "./statement.ts";
import { deleteTagsOf } from "./tags.ts";

/** How many bytes of bodies one step deletes at most, beside the first body: overwriting them takes its time. */
const STEP_BYTES = 1_000_000;

const AMONG_KEYS = "key IN (SELECT value FROM json_each(:keys))";

const SUCCESS = lineOf(
  HISTORY_LINES.done(-1, -2, -3, "-4"),
  ...["attempts", "started_at", "(updated_at - started_at)", "COALESCE(note, 'done')"],
);

const REDRIVE = `UPDATE popp_inbox_event SET
  history = COALESCE(history || char(10), '') || CASE WHEN state = 'done' AND started_at IS NOT NULL THEN ${SUCCESS} || char(10) ELSE '' END
    || ${lineOf(HISTORY_LINES.redrive(-1), NOW)},
  attempts = CASE WHEN state = 'retry' THEN attempts ELSE 0 END,
  crashes = CASE WHEN state = 'retry' THEN crashes ELSE 0 END,
  order_at = CASE WHEN note = 'superseded' THEN NULL ELSE order_at END,
  order_key = CASE WHEN note = 'superseded' THEN NULL ELSE order_key END,
  note = CASE WHEN state = 'retry' THEN note END,
  state = CASE WHEN state = 'retry' THEN 'retry' ELSE 'received' END,
  kept = 1, due_at = ${NOW}, updated_at = ${NOW}
  WHERE ${AMONG_KEYS} AND kept > 0 AND note IS NOT 'erased'
    AND (state IN ('dead', 'retry') OR (state = 'done' AND (:force = 1 OR note IN ('unhandled', 'superseded'))))
  RETURNING key`;

export function redrive(keys: readonly string[], force: boolean): Batch<readonly Redriven[]> {
  const before = `SELECT key, state, note, kept FROM popp_inbox_event WHERE ${AMONG_KEYS}`;
  return several(
    [before, REDRIVE],
    { keys: JSON.stringify(keys), force: force ? 1 : 0 },
    ([known = [], changed = []]) => {
      const rows = new Map(known.map((row) => [String(row.key), row]));
      const redriven = new Set(changed.map(({ key }) => String(key)));
      return keys.map((key) => ({ key, result: redriven.has(key) ? "redriven" : refusalOf(rows.get(key), force) }));
    },
  );
}

function refusalOf(row: SqlRow | undefined, force: boolean): Exclude<Redriven["result"], "redriven"> {
  if (row === undefined) return "unknown";
  const stored = { state: parseState(row.state), note: textOf(row.note), hasBody: Number(row.kept) > 0 };
  return redriveRefusal(stored, force) ?? "unknown";
}

/** An erased event keeps its name, and so the name's tag, the first one. */
const NAME_TAG =
  "CASE WHEN json_valid(tags) AND json_array_length(tags) > 0 THEN json_array(json_extract(tags, '$[0]')) ELSE '[]' END";

const ERASE = `UPDATE popp_inbox_event SET
  event_id = NULL, record_id = NULL, hash = '', conflict_hash = NULL, order_key = NULL, order_at = NULL, token = NULL,
  tags = ${NAME_TAG}, kept = 0, note = 'erased', history = ${lineOf(HISTORY_LINES.erase(-1), NOW)},
  fence = fence + (state = 'processing'),
  updated_at = CASE WHEN due_at IS NULL THEN updated_at ELSE ${NOW} END,
  state = CASE WHEN due_at IS NULL THEN state ELSE 'done' END, due_at = NULL
  WHERE ${AMONG_KEYS} AND note IS NOT 'erased' RETURNING seq`;

/** Erases one step. */
export function eraseStep(keys: readonly string[]): Batch<number> {
  const chosen = `SELECT seq FROM popp_inbox_event WHERE ${AMONG_KEYS}`;
  const deleteBodies = `DELETE FROM popp_inbox_body WHERE seq IN (${chosen})`;
  return several(
    [deleteTagsOf(chosen, 1), deleteBodies, ERASE],
    { keys: JSON.stringify(keys) },
    (results) => results[2]?.length ?? 0,
  );
}

/** Cuts keys of events to erase into steps, by the sizes of their bodies and their number. */
export function eraseSteps(keys: readonly string[], atOnce: number): Batch<readonly (readonly string[])[]> {
  const sql = `SELECT e.key, LENGTH(b.body) AS bytes FROM popp_inbox_event e JOIN popp_inbox_body b ON b.seq = e.seq
    WHERE e.${AMONG_KEYS}`;
  return one(sql, { keys: JSON.stringify(keys) }, (rows) => {
    const sizes = new Map(rows.map(({ key, bytes }) => [String(key), Number(bytes)]));
    const steps: string[][] = [];
    let left = 0;
    for (const key of keys) {
      if (left <= 0 || steps.at(-1)?.length === atOnce) {
        steps.push([]);
        left = STEP_BYTES;
      }
      steps.at(-1)?.push(key);
      left -= sizes.get(key) ?? 0;
    }
    return steps;
  });
}

/** Finished events of one kind that are old enough, the longest finished first. */
const old = (kept: number, age: string) => `SELECT e.seq FROM popp_inbox_event e INDEXED BY popp_inbox_event_kept
  WHERE e.source = :source AND e.kept = ${kept} AND e.due_at IS NULL AND e.updated_at <= ${NOW} - CAST(${age} AS INTEGER)
  ORDER BY e.updated_at, e.seq LIMIT :limit`;

/** Of the chosen events, those with the first bytes. Lengths are taken in an inner query: a window function would copy the bodies themselves. */
const firstBytes = (chosen: string) => `SELECT seq FROM (
  SELECT seq, SUM(bytes) OVER (ORDER BY place ROWS UNBOUNDED PRECEDING) - bytes AS before
  FROM (SELECT b.seq, c.place, LENGTH(b.body) AS bytes
    FROM (SELECT seq, ROW_NUMBER() OVER () AS place FROM (${chosen})) c CROSS JOIN popp_inbox_body b ON b.seq = c.seq))
  WHERE before <= ${STEP_BYTES}`;

/** Events whose bodies are old enough, of both kinds: a dead event keeps its body longer. */
const WITH_BODY = `SELECT seq FROM (${old(1, ":bodiesOlderThanMs")}) UNION ALL SELECT seq FROM (${old(2, ":deadOlderThanMs")})`;

const IS_DEAD = "(SELECT kept = 2 FROM popp_inbox_event e WHERE e.seq = popp_inbox_body.seq)";

const TOMBS = old(0, ":rowsOlderThanMs");

const PRUNE = [
  `DELETE FROM popp_inbox_body WHERE seq IN (${firstBytes(WITH_BODY)}) RETURNING LENGTH(body) AS bytes, ${IS_DEAD} AS dead`,
  `UPDATE popp_inbox_event SET kept = 0 WHERE seq IN (${WITH_BODY})
    AND NOT EXISTS (SELECT 1 FROM popp_inbox_body b WHERE b.seq = popp_inbox_event.seq)`,
  deleteTagsOf(TOMBS),
  `DELETE FROM popp_inbox_event WHERE seq IN (${TOMBS}) RETURNING seq`,
];

/** What one step pruned, and whether its bytes ended it: then there may be more. */
export interface PruneStep extends Pruned {
  readonly isCut: boolean;
}

/** Prunes one step. */
export function pruneStep(request: PruneRequest): Batch<PruneStep> {
  return several(PRUNE, { ...request }, ([bodies = [], , , rows = []]) => ({
    bodies: bodies.length,
    dead: bodies.filter(({ dead }) => Number(dead) === 1).length,
    rows: rows.length,
    isCut: bodies.reduce((sum, { bytes }) => sum + Number(bytes), 0) > STEP_BYTES,
  }));
}
