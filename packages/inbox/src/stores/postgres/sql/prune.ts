import { type Operation, operationOf } from "../../sql/statement.ts";
import { few, MOMENT, moved, sql } from "./text.ts";

/** How many rejected events one call deletes at most: more than it can add. */
const CAP_STEP = 100;

/** How many rows of the tally are summed up at once. */
const FOLD_STEP = 20_000;

/** A row of `turn` whose lease ended this long ago, in milliseconds, is nobody's. */
const STALE_TURN_MS = 86_400_000;

/** Finished events of one state, the oldest first: in the order of an index, which is read no further than the limit. */
const finished = (where: string) => `SELECT seq, state FROM popp_inbox_state
  WHERE due_at IS NULL AND source = :source AND ${where} AND state = :state AND updated_at <= ${MOMENT} - CAST(:ageMs AS BIGINT)
  ORDER BY updated_at LIMIT (SELECT CAST(:limit AS BIGINT)) FOR UPDATE SKIP LOCKED`;

const withoutBodies = (old: string) =>
  sql(`WITH old AS MATERIALIZED (${old}),
    bodies AS (DELETE FROM popp_inbox_body b USING old o WHERE b.seq = o.seq AND ${few("o.state")})
    UPDATE popp_inbox_state s SET has_body = FALSE FROM old o WHERE s.seq = o.seq AND ${few("o.state")} RETURNING s.seq`);

/** Deletes events with all that belongs to them. */
const without = (old: string) =>
  sql(`WITH old AS MATERIALIZED (${old}),
    bodies AS (DELETE FROM popp_inbox_body b USING old o WHERE b.seq = o.seq AND ${few("o.state")}),
    states AS (DELETE FROM popp_inbox_state s USING old o WHERE s.seq = o.seq AND ${few("o.state")}
      RETURNING s.seq, s.source, s.name, s.state AS was, CAST(NULL AS TEXT) AS state),
    events AS (DELETE FROM popp_inbox_event e USING states s WHERE e.source = s.source AND e.seq = s.seq RETURNING e.seq, e.tags),
    tags AS (DELETE FROM popp_inbox_tag t USING (SELECT seq, unnest(tags) AS tag FROM events) x WHERE t.tag = x.tag AND t.seq = x.seq),
    counted AS (${moved("states")})
    SELECT seq FROM states`);

const PRUNE_BODIES = withoutBodies(finished("has_body"));
const PRUNE_ROWS = without(finished("NOT has_body"));
const CAP_REJECTED = without(`SELECT seq, state FROM popp_inbox_state WHERE source = :source AND state = 'rejected'
  ORDER BY seq DESC OFFSET CAST(:cap AS BIGINT) LIMIT ${CAP_STEP} FOR UPDATE SKIP LOCKED`);

const PRUNE_TURNS = sql(`DELETE FROM popp_inbox_turn WHERE until <= ${MOMENT} - ${STALE_TURN_MS}`);

/** Sums rows of the tally up. They are all deleted and their sums added at the same moment, so no count is ever wrong. */
const FOLD = sql(`WITH old AS (DELETE FROM popp_inbox_tally WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM popp_inbox_tally LIMIT ${FOLD_STEP} FOR UPDATE SKIP LOCKED)) RETURNING source, name, state, n)
  INSERT INTO popp_inbox_tally (source, name, state, n)
  SELECT source, name, state, SUM(n) FROM old GROUP BY source, name, state HAVING SUM(n) <> 0`);

/** What to prune in one step. */
export interface PruneStep {
  readonly source: string;
  readonly state: "done" | "dead" | "rejected";
  readonly ageMs: number;
  readonly limit: number;
}

/** Deletes the bodies of finished events. Returns how many. */
export function pruneBodiesOperation(step: PruneStep): Operation<number> {
  return operationOf(PRUNE_BODIES, { ...step }, (rows) => rows.length);
}

/** Deletes finished events without a body. Returns how many. */
export function pruneRowsOperation(step: PruneStep): Operation<number> {
  return operationOf(PRUNE_ROWS, { ...step }, (rows) => rows.length);
}

/** Deletes turns that nobody needs. */
export function pruneTurnsOperation(): Operation<void> {
  return operationOf(PRUNE_TURNS, {}, () => undefined);
}

/** Deletes the rejected events beyond the newest ones. */
export function capRejectedOperation(source: string, cap: number): Operation<void> {
  return operationOf(CAP_REJECTED, { source, cap }, () => undefined);
}

/** Sums the tally up. */
export function foldOperation(): Operation<void> {
  return operationOf(FOLD, {}, () => undefined);
}
