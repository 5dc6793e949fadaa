import type { Lease, Settlement } from "../../../ports/claims.ts";
import { type Operation, operationOf } from "../../sql/statement.ts";
import { bySeq, columnsOf, few, moved, NOW, rowsOf, sql } from "./text.ts";

/** A settlement of an event. */
export interface SettleRequest {
  readonly lease: Lease;
  readonly settlement: Settlement;
}

/** True for a row whose lease the claimant of `g` holds. */
const HELD = "s.seq = g.seq AND s.token = g.token AND s.state = 'processing'";

const COLUMNS = {
  ...{ key: "TEXT", token: "TEXT", state: "TEXT", note: "TEXT" },
  ...{ delayMs: "BIGINT", uncounted: "INTEGER", history: "TEXT" },
};

/** Locks rows in the order of their numbers, and then the turns of their order keys: everyone locks in this order. */
const SETTLE_GROUP = sql(`WITH held AS MATERIALIZED (
    SELECT g.*, s.order_key FROM ${bySeq(rowsOf(COLUMNS))} g
    CROSS JOIN LATERAL (SELECT s.token, s.order_key FROM popp_inbox_state s WHERE ${HELD} FOR NO KEY UPDATE) s WHERE s.token = g.token),
  turns AS (SELECT t.order_key FROM (SELECT order_key, seq FROM held WHERE order_key IS NOT NULL ORDER BY order_key) h
    CROSS JOIN LATERAL (SELECT order_key FROM popp_inbox_turn WHERE order_key = h.order_key AND seq = h.seq FOR UPDATE) t),
  freed AS (DELETE FROM popp_inbox_turn WHERE order_key IN (SELECT order_key FROM turns)),
  settled AS (UPDATE popp_inbox_state s SET state = h.state, note = h.note, token = NULL, updated_at = ${NOW},
    due_at = ${NOW} + h.delay_ms, attempts = s.attempts - h.uncounted, history = COALESCE(h.history, s.history)
    FROM held h WHERE s.seq = h.seq RETURNING h.key, s.source, s.name, s.state, 'processing' AS was),
  counted AS (${moved("settled")})
  SELECT key FROM settled`);

/** The same for one event, as short as it can be: planning takes longer than running it. */
const SETTLE = sql(`WITH settled AS (
    UPDATE popp_inbox_state s SET state = :state, note = :note, token = NULL, updated_at = ${NOW},
      due_at = ${NOW} + CAST(:delayMs AS BIGINT), attempts = s.attempts - CAST(:uncounted AS INTEGER), history = COALESCE(:history, s.history)
    WHERE s.seq = (SELECT seq FROM popp_inbox_event WHERE key = :key) AND s.token = :token AND s.state = 'processing'
    RETURNING s.seq, s.source, s.name, s.state, s.order_key),
  freed AS (DELETE FROM popp_inbox_turn t USING settled s WHERE t.order_key = s.order_key AND t.seq = s.seq),
  counted AS (INSERT INTO popp_inbox_tally (source, name, state, n)
    SELECT source, name, 'processing', -1 FROM settled UNION ALL SELECT source, name, state, 1 FROM settled)
  SELECT seq FROM settled`);

/** Renews a lease. An event of an order key needs its turn as well: another event may have taken it after the lease had ended. */
const RENEW = sql(`WITH held AS MATERIALIZED (
    SELECT s.seq, s.order_key, s.state, ${NOW} + CAST(:leaseMs AS BIGINT) AS until FROM popp_inbox_state s
    WHERE s.seq = (SELECT seq FROM popp_inbox_event WHERE key = :key) AND s.token = :token AND s.state = 'processing'
    FOR NO KEY UPDATE OF s),
  turns AS (UPDATE popp_inbox_turn t SET until = h.until FROM held h WHERE t.order_key = h.order_key AND t.seq = h.seq RETURNING t.seq)
  UPDATE popp_inbox_state s SET due_at = h.until, updated_at = h.until - CAST(:leaseMs AS BIGINT) FROM held h
  WHERE s.seq = h.seq AND ${few("h.state")} AND (h.order_key IS NULL OR s.seq IN (SELECT seq FROM turns)) RETURNING s.seq`);

/**
 * Finds the claimed event and locks its row, so that other claims skip it. The lock is weak: the lease can be renewed meanwhile. The server ends a
 * transaction that is idle for twice its time limit, because its process is frozen or disconnected.
 */
const HOLD = sql(`SELECT CASE WHEN current_setting('idle_in_transaction_session_timeout') = '0'
    THEN set_config('idle_in_transaction_session_timeout', :timeout, true) END AS timeout
  FROM popp_inbox_state WHERE seq = (SELECT seq FROM popp_inbox_event WHERE key = :key) AND token = :token AND state = 'processing'
  FOR KEY SHARE`);

/** Settles an event. */
export function settleOperation(request: SettleRequest): Operation<boolean> {
  return operationOf(SETTLE, valuesOf(request), (rows) => rows.length === 1);
}

/** Settles a group of events with different keys. The result holds the keys of those that were settled. */
export function settleGroupOperation(requests: readonly SettleRequest[]): Operation<ReadonlySet<string>> {
  return operationOf(
    SETTLE_GROUP,
    columnsOf(requests.map(valuesOf)),
    (rows) => new Set(rows.map(({ key }) => String(key))),
  );
}

/** Renews a lease. */
export function renewOperation(lease: Lease, leaseMs: number): Operation<boolean> {
  return operationOf(RENEW, { ...lease, leaseMs }, (rows) => rows.length === 1);
}

/** Holds a claimed event for a transaction. */
export function holdOperation(lease: Lease, timeoutMs: number): Operation<boolean> {
  return operationOf(HOLD, { ...lease, timeout: String(timeoutMs) }, (rows) => rows.length === 1);
}

/** Settles an event as `done`, for a transaction. */
export function completeOperation(lease: Lease): Operation<boolean> {
  return settleOperation({
    lease,
    settlement: { state: "done", delayMs: null, note: null, counts: true, history: null },
  });
}

function valuesOf({ lease: { key, token }, settlement }: SettleRequest) {
  const { state, note, delayMs, counts, history } = settlement;
  return { key, token, state, note, delayMs, uncounted: counts ? 0 : 1, history };
}
