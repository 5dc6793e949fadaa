import type { PruneRequest } from "../../ports/changes.ts";
import type { ClaimedEvent, ClaimRequest, Lease, Settlement } from "../../ports/claims.ts";
import { type EventState, parseState, zeroCounts } from "../../ports/event-state.ts";
import type { ListQuery, OverdueEvent, OverdueQuery } from "../../ports/queries.ts";
import type { Accepted, NewEvent, StoredEvent } from "../../ports/stored-event.ts";
import type { Dialect } from "./dialect.ts";
import { CLAIMED_COLUMNS, claimedOf, numberOf, overdueOf, STORED_COLUMNS, storedOf } from "./rows.ts";
import { type Operation, operationOf, type SqlRow, statementOf } from "./statement.ts";

/** Everything a store does, as single statements. Each is atomic, so an engine needs no transaction to run it. */
export interface Operations {
  readonly accept: (event: NewEvent) => Operation<Accepted>;
  /** Whether an event is stored. */
  readonly knows: (key: string) => Operation<boolean>;
  /** Accepts an event that is not stored yet, and fails when it is. */
  readonly add: (event: NewEvent) => Operation<Accepted>;
  readonly reject: (event: NewEvent) => Operation<void>;
  readonly capRejected: (source: string, cap: number) => Operation<void>;
  readonly claim: (request: ClaimRequest) => Operation<readonly ClaimedEvent[]>;
  readonly renew: (lease: Lease, leaseMs: number) => Operation<boolean>;
  readonly settle: (lease: Lease, settlement: Settlement) => Operation<boolean>;
  /** Settles an event as `done`, for a transaction. */
  readonly complete: (lease: Lease) => Operation<boolean>;
  readonly newestDone: (orderKey: string) => Operation<number | null>;
  readonly get: (key: string) => Operation<StoredEvent | undefined>;
  readonly list: (query: ListQuery) => Operation<readonly StoredEvent[]>;
  readonly overdue: (query: OverdueQuery) => Operation<readonly OverdueEvent[]>;
  readonly dueInMs: (key: string) => Operation<number | null>;
  readonly redrive: (key: string) => Operation<boolean>;
  readonly counts: (source: string) => Operation<Readonly<Record<EventState, number>>>;
  readonly oldestDueMs: (source: string) => Operation<number>;
  readonly pruneBodies: (request: PruneRequest) => Operation<number>;
  readonly pruneRows: (request: PruneRequest) => Operation<number>;
}

/** How many rejected events one call deletes at most: more than it can add. */
const CAP_STEP = 100;

/** True for an event whose lease the claimant holds. */
export const HELD = "key = :key AND token = :token AND state = 'processing'";

/** Creates the operations in a dialect. */
export function operationsOf(dialect: Dialect): Operations {
  const { now, moment, skipLocked, among } = dialect;
  const sql = (text: string) => statementOf(dialect, text);
  const insert = `INSERT INTO popp_inbox
    (key, source, event_id, name, hash, state, note, due_at, order_key, order_at, headers, received_at, updated_at, last_seen_at, body)
    VALUES (:key, :source, :eventId, :name, :hash, :state, :note, ${now} + CAST(:dueInMs AS ${dialect.integer}),
      :orderKey, :orderAtMs, :headers, ${now}, ${now}, ${now}, :body)`;
  const same = "popp_inbox.hash = excluded.hash";

  const accept = sql(`${insert} ON CONFLICT (key) DO UPDATE SET
    duplicates = popp_inbox.duplicates + 1, last_seen_at = ${now},
    conflicts = popp_inbox.conflicts + CASE WHEN ${same} THEN 0 ELSE 1 END,
    conflict_hash = CASE WHEN ${same} THEN popp_inbox.conflict_hash ELSE excluded.hash END
    RETURNING hash, state, duplicates`);
  const knows = sql("SELECT 1 AS found FROM popp_inbox WHERE key = :key");
  const add = sql(insert);
  const reject = sql(`${insert} ON CONFLICT (key) DO UPDATE SET
    duplicates = popp_inbox.duplicates + 1, last_seen_at = ${now} RETURNING seq`);
  const beyondCap = `SELECT seq FROM popp_inbox WHERE source = :source AND state = 'rejected'
    ORDER BY seq DESC LIMIT ${CAP_STEP} OFFSET :cap`;
  const capRejected = sql(`DELETE FROM popp_inbox WHERE seq ${among(beyondCap)} RETURNING seq`);

  // The condition is repeated outside: an event that another claim took in between no longer meets it.
  const claim = (which: string) => `UPDATE popp_inbox SET
    state = CASE WHEN attempts >= :maxAttempts THEN 'dead' ELSE 'processing' END,
    note = CASE WHEN attempts >= :maxAttempts THEN COALESCE(note, 'abandoned') ELSE note END,
    token = CASE WHEN attempts >= :maxAttempts THEN NULL ELSE :token END,
    due_at = CASE WHEN attempts >= :maxAttempts THEN NULL ELSE ${now} + CAST(:leaseMs AS ${dialect.integer}) END,
    attempts = attempts + CASE WHEN attempts >= :maxAttempts THEN 0 ELSE 1 END,
    fence = fence + 1, updated_at = ${now}
    WHERE ${which} AND due_at <= ${now} AND key NOT IN (${dialect.elements(":exclude")}) RETURNING ${CLAIMED_COLUMNS}`;
  const due = (state: string, order: string) =>
    sql(
      claim(
        `seq ${among(`SELECT seq FROM popp_inbox WHERE source = :source AND ${state} <= ${moment}
          AND key NOT IN (${dialect.elements(":exclude")}) ORDER BY ${order} LIMIT :limit ${skipLocked}`)}`,
      ),
    );
  const claimDue = {
    any: due("due_at", "due_at, seq"),
    waiting: due("state <> 'processing' AND due_at", "due_at, seq"),
    // The plus keeps SQLite from using the index of due events: few events are in processing.
    abandoned: due("state = 'processing' AND +due_at", "seq"),
  };
  const claimOne = sql(claim("key = :key AND source = :source"));

  const renew = sql(`UPDATE popp_inbox SET due_at = ${now} + CAST(:leaseMs AS ${dialect.integer})
    WHERE ${HELD} RETURNING seq`);
  const settle = sql(`UPDATE popp_inbox SET state = :state, note = :note, token = NULL, updated_at = ${now},
    due_at = ${now} + CAST(:delayMs AS ${dialect.integer}), attempts = attempts - :uncounted WHERE ${HELD} RETURNING seq`);
  const newestDone = sql(`SELECT MAX(order_at) AS newest FROM popp_inbox
    WHERE order_key = :orderKey AND state = 'done' AND note IS NULL`);

  const get = sql(`SELECT ${STORED_COLUMNS} FROM popp_inbox WHERE key = :key`);
  const list = (state: string) => `SELECT ${STORED_COLUMNS} FROM popp_inbox WHERE source = :source ${state}
    AND seq < :beforeSeq AND received_at >= :sinceMs AND (CAST(:name AS TEXT) IS NULL OR name = :name)
    ORDER BY seq DESC LIMIT :limit`;
  const listAll = sql(list(""));
  const listState = sql(list("AND state = :state"));
  const overdue = sql(`SELECT key, due_at, ${now} - due_at AS late FROM popp_inbox
    WHERE source = :source AND due_at <= ${moment} - CAST(:lateMs AS ${dialect.integer}) AND due_at >= :afterDueAtMs
    AND (due_at > :afterDueAtMs OR key > :afterKey) ORDER BY due_at, key LIMIT :limit`);
  const dueIn = sql(`SELECT due_at - ${now} AS due_in FROM popp_inbox WHERE key = :key`);
  const redrive = sql(`UPDATE popp_inbox SET state = 'received', attempts = 0, due_at = ${now}, updated_at = ${now}
    WHERE key = :key AND state = 'dead' AND body IS NOT NULL RETURNING seq`);
  const counts = sql("SELECT state, COUNT(*) AS count FROM popp_inbox WHERE source = :source GROUP BY state");
  const oldestDue = sql(`SELECT ${now} - MIN(due_at) AS late FROM popp_inbox
    WHERE source = :source AND due_at <= ${moment}`);

  const finished = (age: string, body: string) =>
    `seq ${among(`SELECT seq FROM popp_inbox
    WHERE due_at IS NULL AND body ${body} AND source = :source AND updated_at <= ${moment} - CAST(${age} AS ${dialect.integer})
    ORDER BY updated_at LIMIT :limit ${skipLocked}`)}`;
  const pruneBodies = sql(`UPDATE popp_inbox SET body = NULL, headers = NULL
    WHERE ${finished(":bodiesOlderThanMs", "IS NOT NULL")} AND due_at IS NULL RETURNING seq`);
  const pruneRows = sql(`DELETE FROM popp_inbox
    WHERE ${finished(":rowsOlderThanMs", "IS NULL")} AND due_at IS NULL RETURNING seq`);

  const valuesOf = ({ deadReason, ...event }: NewEvent, state: EventState) => ({
    ...event,
    state,
    note: deadReason,
    dueInMs: state === "received" ? 0 : null,
  });

  return {
    accept: (event) => operationOf(accept, valuesOf(event, stateOfNew(event)), (rows) => acceptedOf(rows, event.hash)),
    knows: (key) => operationOf(knows, { key }, isOne),
    add: (event) => {
      const state = stateOfNew(event);
      return operationOf(add, valuesOf(event, state), () => ({ outcome: "accepted", state }));
    },
    reject: (event) => operationOf(reject, valuesOf(event, "rejected"), () => undefined),
    capRejected: (source, cap) => operationOf(capRejected, { source, cap }, () => undefined),
    claim: ({ exclude, which, ...request }) =>
      operationOf(
        request.key === null ? claimDue[which] : claimOne,
        { ...request, exclude: JSON.stringify(exclude) },
        (rows) => [...rows].sort(byArrival).map(claimedOf),
      ),
    renew: (lease, leaseMs) => operationOf(renew, { ...lease, leaseMs }, isOne),
    settle: (lease, { state, delayMs, note, counts: counted }) =>
      operationOf(settle, { ...lease, state, delayMs, note, uncounted: counted ? 0 : 1 }, isOne),
    complete: (lease) =>
      operationOf(settle, { ...lease, state: "done", delayMs: null, note: null, uncounted: 0 }, isOne),
    newestDone: (orderKey) => operationOf(newestDone, { orderKey }, (rows) => numberOf(rows[0]?.newest)),
    get: (key) => operationOf(get, { key }, (rows) => rows.map(storedOf)[0]),
    list: ({ beforeSeq, ...query }) =>
      operationOf(
        query.state === null ? listAll : listState,
        { ...query, beforeSeq: beforeSeq ?? Number.MAX_SAFE_INTEGER },
        (rows) => rows.map(storedOf),
      ),
    overdue: ({ after, ...query }) =>
      operationOf(overdue, { ...query, afterDueAtMs: after?.dueAtMs ?? 0, afterKey: after?.key ?? "" }, (rows) =>
        rows.map(overdueOf),
      ),
    dueInMs: (key) => operationOf(dueIn, { key }, ([row]) => numberOf(row?.due_in)),
    redrive: (key) => operationOf(redrive, { key }, isOne),
    counts: (source) => operationOf(counts, { source }, countsOf),
    oldestDueMs: (source) => operationOf(oldestDue, { source }, (rows) => numberOf(rows[0]?.late) ?? 0),
    pruneBodies: (request) => operationOf(pruneBodies, { ...request }, (rows) => rows.length),
    pruneRows: (request) => operationOf(pruneRows, { ...request }, (rows) => rows.length),
  };
}

function stateOfNew({ deadReason }: NewEvent): EventState {
  return deadReason === null ? "received" : "dead";
}

function acceptedOf([row]: readonly SqlRow[], hash: string): Accepted {
  if (row === undefined) throw new Error("The store returned no row for an event that it should have stored.");
  const state = parseState(row.state);
  if (Number(row.duplicates) === 0) return { outcome: "accepted", state };
  return { outcome: row.hash === hash ? "duplicate" : "conflict", state };
}

function countsOf(rows: readonly SqlRow[]): Readonly<Record<EventState, number>> {
  const counts = zeroCounts();
  for (const row of rows) counts[parseState(row.state)] = Number(row.count);
  return counts;
}

function isOne(rows: readonly SqlRow[]): boolean {
  return rows.length === 1;
}

function byArrival(one: SqlRow, other: SqlRow): number {
  return Number(one.seq) - Number(other.seq);
}
