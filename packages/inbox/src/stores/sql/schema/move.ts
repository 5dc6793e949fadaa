import { type Batch, several } from "../batch.ts";
import { countAll } from "../count-sql.ts";

/** How much one step moves: the longest that a statement may take is 30 seconds on Cloudflare, and other work waits for it elsewhere. */
const STEP = { events: 500, bytes: 2_000_000 } as const;

/** The first events that are not moved yet. The length of a body is in its row's header, so none is read. */
const CHOSEN = `SELECT seq FROM (SELECT seq, SUM(bytes) OVER (ORDER BY seq ROWS UNBOUNDED PRECEDING) - bytes AS before
  FROM (SELECT seq, COALESCE(LENGTH(body), 0) AS bytes FROM popp_inbox_moving ORDER BY seq LIMIT ${STEP.events}))
  WHERE before <= ${STEP.bytes}`;

const MOVE_SOME = [
  `INSERT INTO popp_inbox_event (seq, key, source, event_id, name, hash, state, kept, token, fence, attempts, due_at, received_at,
      updated_at, last_seen_at, duplicates, conflicts, conflict_hash, order_key, order_at, note)
    SELECT seq, key, source, event_id, name, hash, state, CASE WHEN body IS NULL THEN 0 WHEN state = 'dead' THEN 2 ELSE 1 END, token, fence,
      attempts, due_at, received_at, updated_at, last_seen_at, duplicates, conflicts, conflict_hash, order_key, order_at, note
    FROM popp_inbox_moving WHERE seq IN (${CHOSEN})`,
  `INSERT INTO popp_inbox_body (seq, headers, body)
    SELECT seq, headers, body FROM popp_inbox_moving WHERE seq IN (${CHOSEN}) AND body IS NOT NULL`,
  countAll(`popp_inbox_moving WHERE seq IN (${CHOSEN})`),
  // Not all at the end: the database never holds every body twice.
  `DELETE FROM popp_inbox_moving WHERE seq IN (${CHOSEN}) RETURNING seq`,
];

/** Moves some events of version 1, and returns how many. Fails when another process has moved the last. */
export function moveSome(): Batch<number> {
  return several(MOVE_SOME, {}, (results) => results[3]?.length ?? 0);
}

/** Removes the empty table. Fails when another process has done it. The tags that the events get are those of one part. */
export function finishMoving(): Batch<void> {
  const insertPart = "INSERT INTO popp_inbox_part (part) SELECT seq FROM popp_inbox_event ORDER BY seq DESC LIMIT 1";
  return several(["DROP TABLE popp_inbox_moving", insertPart], {}, () => undefined);
}
