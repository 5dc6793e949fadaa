import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { type Batch, isOne, one } from "./batch.ts";
import { CLAIMED_COLUMNS, claimedOf, NOW, numberOf } from "./columns.ts";
import type { SqlRow } from "./statement.ts";

/** True for an event whose lease the claimant holds. */
export const HELD = "key = :key AND token = :token AND state = 'processing'";

/** How long an abandoned event waits after the end of its lease. */
const crashWait = (e: string) =>
  `CASE WHEN ${e}.state = 'processing'
    THEN json_extract(:waits, '$[' || MIN(${e}.crashes, json_array_length(:waits) - 1) || ']') ELSE 0 END`;

/** True for a due event that this request may claim, without regard to its order. */
const mayBeClaimed = (e: string) => `${e}.source = :source AND ${e}.due_at <= ${NOW}
  AND ${e}.due_at + ${crashWait(e)} <= ${NOW}
  AND ${e}.key NOT IN (SELECT value FROM json_each(:exclude))
  AND ${e}.name NOT IN (SELECT value FROM json_each(:exceptNames))
  AND (:onlyNames IS NULL OR ${e}.name IN (SELECT value FROM json_each(:onlyNames)))
  AND ${e}.name NOT IN (SELECT name FROM popp_inbox_pause p WHERE p.source = :source)`;

/** True when no other event of the same order is claimed, and none comes before it. */
const IS_FIRST_OF_ITS_ORDER = `(e.order_key IS NULL OR NOT EXISTS (
  SELECT 1 FROM popp_inbox_event o INDEXED BY popp_inbox_event_order
  WHERE o.order_key = e.order_key AND o.seq <> e.seq AND (
    (o.state = 'processing' AND o.due_at > ${NOW})
    OR (:key IS NULL AND (o.due_at < e.due_at OR (o.due_at = e.due_at AND o.seq < e.seq)) AND ${mayBeClaimed("o")}))))`;

const STATES = {
  any: "TRUE",
  waiting: "e.state <> 'processing'",
  abandoned: "e.state = 'processing'",
} as const;

const candidates = {
  due: (which: ClaimRequest["which"]) => `SELECT e.seq FROM popp_inbox_event e INDEXED BY ${INDEXES[which]}
    WHERE ${STATES[which]} AND ${mayBeClaimed("e")} AND ${IS_FIRST_OF_ITS_ORDER} ORDER BY e.due_at, e.seq LIMIT :limit`,
  byKey: `SELECT e.seq FROM popp_inbox_event e WHERE e.key = :key AND ${mayBeClaimed("e")} AND ${IS_FIRST_OF_ITS_ORDER}`,
};

/** Few events are in processing. */
const INDEXES = {
  any: "popp_inbox_event_due",
  waiting: "popp_inbox_event_due",
  abandoned: "popp_inbox_event_state",
} as const;

const IS_SPENT = "(e.state = 'processing' AND e.crashes + 1 >= :maxCrashes)";

const CRASHED = `COALESCE(e.history || char(10), '') || '{"kind":"attempt","number":' || e.attempts || ',"at":'
  || COALESCE(e.started_at, e.updated_at) || ',"outcome":"crashed"}'`;

const claimOf = (chosen: string) => `UPDATE popp_inbox_event AS e SET
  crashes = e.crashes + (e.state = 'processing'),
  history = CASE WHEN e.state = 'processing' THEN ${CRASHED} ELSE e.history END,
  note = CASE WHEN ${IS_SPENT} THEN 'abandoned' ELSE e.note END,
  token = CASE WHEN ${IS_SPENT} THEN NULL ELSE :token END,
  due_at = CASE WHEN ${IS_SPENT} THEN NULL ELSE ${NOW} + CAST(:leaseMs AS INTEGER) END,
  kept = CASE WHEN ${IS_SPENT} THEN 2 ELSE e.kept END,
  attempts = e.attempts + NOT ${IS_SPENT},
  started_at = CASE WHEN ${IS_SPENT} THEN e.started_at ELSE ${NOW} END,
  state = CASE WHEN ${IS_SPENT} THEN 'dead' ELSE 'processing' END,
  fence = e.fence + 1, updated_at = ${NOW}
  WHERE e.seq IN (${chosen})
  RETURNING ${CLAIMED_COLUMNS},
    (SELECT headers FROM popp_inbox_body b WHERE b.seq = popp_inbox_event.seq) AS headers,
    (SELECT body FROM popp_inbox_body b WHERE b.seq = popp_inbox_event.seq) AS body`;

const CLAIM_DUE = {
  any: claimOf(candidates.due("any")),
  waiting: claimOf(candidates.due("waiting")),
  abandoned: claimOf(candidates.due("abandoned")),
};

const CLAIM_ONE = claimOf(candidates.byKey);

export function claim(request: ClaimRequest): Batch<readonly ClaimedEvent[]> {
  const { source, token, leaseMs, limit, key, which, maxCrashes, crashWaitsMs, exclude, onlyNames, exceptNames } =
    request;
  const values = {
    ...{ source, token, leaseMs, limit, key, maxCrashes },
    waits: JSON.stringify(crashWaitsMs),
    exclude: JSON.stringify(exclude),
    exceptNames: JSON.stringify(exceptNames),
    onlyNames: onlyNames && JSON.stringify(onlyNames),
  };
  return one(key === null ? CLAIM_DUE[which] : CLAIM_ONE, values, (rows) => [...rows].sort(byArrival).map(claimedOf));
}

export function renew(lease: Lease, leaseMs: number): Batch<boolean> {
  const sql = `UPDATE popp_inbox_event SET due_at = ${NOW} + CAST(:leaseMs AS INTEGER) WHERE ${HELD} RETURNING seq`;
  return one(sql, { ...lease, leaseMs }, isOne);
}

const SETTLE = `UPDATE popp_inbox_event SET state = :state, note = :note, token = NULL, updated_at = ${NOW},
  due_at = ${NOW} + CAST(:delayMs AS INTEGER), attempts = attempts - :uncounted, history = COALESCE(:history, history),
  kept = CASE WHEN kept > 0 AND :state = 'dead' THEN 2 ELSE kept END WHERE ${HELD} RETURNING seq`;

export function settle(lease: Lease, { state, delayMs, note, counts, history }: Settlement): Batch<boolean> {
  return one(SETTLE, { ...lease, state, delayMs, note, history, uncounted: counts ? 0 : 1 }, isOne);
}

/** Settles an event as `done`, for a transaction. */
export function complete(lease: Lease): Batch<boolean> {
  return settle(lease, { state: "done", delayMs: null, note: null, counts: true, history: null });
}

export function newestDone(orderKey: string): Batch<number | null> {
  const sql = `SELECT MAX(order_at) AS newest FROM popp_inbox_event
    WHERE order_key = :orderKey AND state = 'done' AND note IS NULL`;
  return one(sql, { orderKey }, ([row]) => numberOf(row?.newest));
}

function byArrival(row: SqlRow, other: SqlRow): number {
  return Number(row.seq) - Number(other.seq);
}
