import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { HISTORY_LINES } from "../../ports/stored-event.ts";
import { type Batch, isOne, one } from "./batch.ts";
import { CLAIMED_COLUMNS, NOW } from "./columns.ts";
import { lineOf } from "./line-of.ts";
import { claimedOf, numberOf } from "./read-row.ts";
import type { SqlRow } from "./statement.ts";

/** True for an event whose lease the claimant holds. */
export const HELD = "key = :key AND token = :token AND state = 'processing'";

/** Which conditions a claim has. Those that hold for every event are left out: each costs as much as a third of the rest. */
interface Shape {
  readonly which: ClaimRequest["which"];
  readonly byKey: boolean;
  readonly exclude: boolean;
  readonly onlyNames: boolean;
  readonly exceptNames: boolean;
}

const IS_ABANDONED = "state = 'processing'";

/** How long an abandoned event waits after the end of its lease. */
const crashWait = (e: string) =>
  `CASE WHEN ${e}.${IS_ABANDONED}
    THEN json_extract(:waits, '$[' || MIN(${e}.crashes, json_array_length(:waits) - 1) || ']') ELSE 0 END`;

/** True for a due event that this request may claim, without regard to its order. */
function mayBeClaimed(e: string, { which, exclude, onlyNames, exceptNames }: Shape): string {
  const conditions = [
    `${e}.source = :source AND ${e}.due_at <= ${NOW}`,
    ...(which === "waiting" ? [] : [`${e}.due_at + ${crashWait(e)} <= ${NOW}`]),
    ...(exclude ? [`${e}.key NOT IN (SELECT value FROM json_each(:exclude))`] : []),
    ...(exceptNames ? [`${e}.name NOT IN (SELECT value FROM json_each(:exceptNames))`] : []),
    ...(onlyNames ? [`${e}.name IN (SELECT value FROM json_each(:onlyNames))`] : []),
    `${e}.name NOT IN (SELECT name FROM popp_inbox_pause p WHERE p.source = :source)`,
  ];
  return conditions.join(" AND ");
}

/** True when no other event of the same order is claimed, and none comes before it. */
function isFirstOfItsOrder(shape: Shape): string {
  const before = "(o.due_at < e.due_at OR (o.due_at = e.due_at AND o.seq < e.seq))";
  const isBefore = shape.byKey ? "" : `OR (${before} AND ${mayBeClaimed("o", shape)})`;
  return `(e.order_key IS NULL OR NOT EXISTS (
    SELECT 1 FROM popp_inbox_event o INDEXED BY popp_inbox_event_order
    WHERE o.order_key = e.order_key AND o.seq <> e.seq AND ((o.${IS_ABANDONED} AND o.due_at > ${NOW}) ${isBefore})))`;
}

const STATES = { any: "TRUE", waiting: `e.state <> 'processing'`, abandoned: `e.${IS_ABANDONED}` } as const;

/** Few events are in processing. */
const INDEXES = {
  any: "popp_inbox_event_due",
  waiting: "popp_inbox_event_due",
  abandoned: "popp_inbox_event_state",
} as const;

function candidates(shape: Shape): string {
  const conditions = `${mayBeClaimed("e", shape)} AND ${isFirstOfItsOrder(shape)}`;
  if (shape.byKey) return `SELECT e.seq FROM popp_inbox_event e WHERE e.key = :key AND ${conditions}`;
  return `SELECT e.seq FROM popp_inbox_event e INDEXED BY ${INDEXES[shape.which]}
    WHERE ${STATES[shape.which]} AND ${conditions} ORDER BY e.due_at, e.seq LIMIT :limit`;
}

const CRASHED = `COALESCE(e.history || char(10), '')
  || ${lineOf(HISTORY_LINES.crashed(-1, -2), "e.attempts", "COALESCE(e.started_at, e.updated_at)")}`;

const IS_SPENT = `(e.${IS_ABANDONED} AND e.crashes + 1 >= :maxCrashes)`;

/** What a claim changes of an abandoned event, beside what it changes of all. */
const ABANDONED = `
  crashes = e.crashes + (e.${IS_ABANDONED}),
  history = CASE WHEN e.${IS_ABANDONED} THEN ${CRASHED} ELSE e.history END,
  note = CASE WHEN ${IS_SPENT} THEN 'abandoned' ELSE e.note END,
  token = CASE WHEN ${IS_SPENT} THEN NULL ELSE :token END,
  due_at = CASE WHEN ${IS_SPENT} THEN NULL ELSE ${NOW} + CAST(:leaseMs AS INTEGER) END,
  kept = CASE WHEN ${IS_SPENT} THEN 2 ELSE e.kept END,
  attempts = e.attempts + NOT ${IS_SPENT},
  started_at = CASE WHEN ${IS_SPENT} THEN e.started_at ELSE ${NOW} END,
  state = CASE WHEN ${IS_SPENT} THEN 'dead' ELSE 'processing' END,`;

const WAITING = `
  token = :token, due_at = ${NOW} + CAST(:leaseMs AS INTEGER), attempts = e.attempts + 1, started_at = ${NOW},
  state = 'processing',`;

const claimSql = (shape: Shape) => `UPDATE popp_inbox_event AS e SET
  ${shape.which === "waiting" && !shape.byKey ? WAITING : ABANDONED} fence = e.fence + 1, updated_at = ${NOW}
  WHERE e.seq IN (${candidates(shape)})
  RETURNING ${CLAIMED_COLUMNS},
    (SELECT headers FROM popp_inbox_body b WHERE b.seq = popp_inbox_event.seq) AS headers,
    (SELECT body FROM popp_inbox_body b WHERE b.seq = popp_inbox_event.seq) AS body`;

const texts = new Map<string, string>();

export function claim(request: ClaimRequest): Batch<readonly ClaimedEvent[]> {
  const { source, token, leaseMs, limit, key, which, maxCrashes, crashWaitsMs, exclude, onlyNames, exceptNames } =
    request;
  const shape = {
    // An event that is named may be in any state.
    which: key === null ? which : "any",
    byKey: key !== null,
    exclude: exclude.length > 0,
    onlyNames: onlyNames !== null,
    exceptNames: exceptNames.length > 0,
  };
  const name = Object.values(shape).join();
  const sql = texts.get(name) ?? claimSql(shape);
  texts.set(name, sql);
  const values = {
    ...{ source, token, leaseMs, limit, key, maxCrashes },
    waits: JSON.stringify(crashWaitsMs),
    exclude: JSON.stringify(exclude),
    exceptNames: JSON.stringify(exceptNames),
    onlyNames: onlyNames && JSON.stringify(onlyNames),
  };
  return one(sql, values, (rows) => [...rows].sort(byArrival).map(claimedOf));
}

export function renew(lease: Lease, leaseMs: number): Batch<boolean> {
  const sql = `UPDATE popp_inbox_event SET due_at = ${NOW} + CAST(:leaseMs AS INTEGER), updated_at = ${NOW} WHERE ${HELD} RETURNING seq`;
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
