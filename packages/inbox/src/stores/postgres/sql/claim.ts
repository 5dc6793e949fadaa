import type { ClaimedEvent, ClaimRequest } from "../../../ports/claims.ts";
import { HISTORY_LINES } from "../../../ports/stored-event.ts";
import { lineOf } from "../../sql/line-of.ts";
import { claimedOf } from "../../sql/read-row.ts";
import { type Operation, operationOf, type Statement } from "../../sql/statement.ts";
import { EVENT_COLUMNS, STATE_COLUMNS } from "./columns.ts";
import { arrayOf, few, literalOf, MOMENT, moved, NOW, sql } from "./text.ts";

/**
 * What a subquery that locks rows may contain. Postgres looks at a row again when somebody else changed it, and at its second look it has lost the values of
 * subqueries that a subquery of the conditions ran once: it takes 0 for a number, and crashes with an array (15.20, tried). So such a condition has no
 * subquery of that kind: `MOMENT` and the arrays are for conditions on the locked row itself.
 */
interface Values {
  /** The time. */
  readonly moment: string;
  /** True for a name that is not paused. */
  readonly isNotPaused: (name: string) => string;
  /** True for a number that is not among the excluded ones. */
  readonly isNotExcluded: (seq: string) => string;
}

const EXCLUDED = `FROM unnest(${arrayOf("exclude", "TEXT")}) AS x (key) JOIN popp_inbox_event k ON k.key = x.key`;

/** For the locked row: each subquery runs once, and leaves the planner only the index. */
const ONCE: Values = {
  moment: MOMENT,
  isNotPaused: (name) => `${name} <> ALL (ARRAY(SELECT name FROM popp_inbox_pause WHERE source = :source))`,
  isNotExcluded: (seq) => `${seq} <> ALL (ARRAY(SELECT k.seq ${EXCLUDED}))`,
};

/** For the rows of the same order, which are few. */
const EACH: Values = {
  moment: NOW,
  isNotPaused: (name) => `NOT EXISTS (SELECT 1 FROM popp_inbox_pause p WHERE p.source = :source AND p.name = ${name})`,
  isNotExcluded: (seq) => `NOT EXISTS (SELECT 1 ${EXCLUDED} WHERE k.seq = ${seq})`,
};

/** How long an abandoned row waits after its lease: that depends on its crashes. */
const waitOf = (s: string) =>
  `(${arrayOf("crashWaitsMs", "BIGINT")})[LEAST(${s}.crashes + 1, CAST(:waits AS INTEGER))]`;
const afterWait = (s: string, { moment }: Values) => `${s}.due_at + ${waitOf(s)} <= ${moment}`;

const DUE = {
  any: (s: string, values: Values) =>
    `${s}.due_at <= ${values.moment} AND (${s}.state <> 'processing' OR ${afterWait(s, values)})`,
  waiting: (s: string, { moment }: Values) => `${s}.state <> 'processing' AND ${s}.due_at <= ${moment}`,
  // Not by the index of due rows: few rows are in processing.
  abandoned: (s: string, values: Values) => `${s}.state = 'processing' AND ${afterWait(s, values)}`,
};

/**
 * The conditions that a request has besides. What a request does not ask for is not in the text, because planning takes longer than running it.
 */
const allowed = (s: string, { exclude, exceptNames, onlyNames }: ClaimRequest, values: Values) =>
  [
    values.isNotPaused(`${s}.name`),
    ...(exclude.length === 0 ? [] : [values.isNotExcluded(`${s}.seq`)]),
    ...(exceptNames.length === 0 ? [] : [`${s}.name <> ALL (${arrayOf("exceptNames", "TEXT")})`]),
    ...(onlyNames === null ? [] : [`${s}.name = ANY (${arrayOf("onlyNames", "TEXT")})`]),
  ].join(" AND ");

/** Whether it is no other event's turn. Only a hint: the turn itself is taken below. */
const FREE = `NOT EXISTS (SELECT 1 FROM popp_inbox_turn t WHERE t.order_key = s.order_key AND t.seq <> s.seq AND t.until > ${EACH.moment})`;

/** Takes rows that are locked: of each order key the one whose turn it is. `instant` is the time after the locks were taken. */
const claim = (due: string) => `WITH due AS MATERIALIZED (
    SELECT s.seq, s.order_key, s.due_at, s.state AS was, c.crash, s.crashes + c.crash >= CAST(:maxCrashes AS BIGINT) AS dies
    FROM popp_inbox_state s CROSS JOIN LATERAL (SELECT CASE WHEN s.state = 'processing' THEN 1 ELSE 0 END AS crash) c WHERE ${due}),
  instant AS MATERIALIZED (SELECT ${NOW} AS at FROM due LIMIT 1),
  turns AS (INSERT INTO popp_inbox_turn AS t (order_key, seq, until)
    SELECT DISTINCT ON (d.order_key) d.order_key, d.seq, i.at + CAST(:leaseMs AS BIGINT) FROM due d CROSS JOIN instant i
    WHERE d.order_key IS NOT NULL AND NOT d.dies ORDER BY d.order_key, d.due_at, d.seq
    ON CONFLICT (order_key) DO UPDATE SET seq = excluded.seq, until = excluded.until
    WHERE t.seq = excluded.seq OR t.until <= excluded.until - CAST(:leaseMs AS BIGINT) RETURNING t.seq),
  claimed AS (UPDATE popp_inbox_state s SET
    state = CASE WHEN d.dies THEN 'dead' ELSE 'processing' END, note = CASE WHEN d.dies THEN 'abandoned' ELSE s.note END,
    token = CASE WHEN d.dies THEN NULL ELSE CAST(:token AS TEXT) END,
    due_at = CASE WHEN d.dies THEN NULL ELSE i.at + CAST(:leaseMs AS BIGINT) END,
    attempts = s.attempts + CASE WHEN d.dies THEN 0 ELSE 1 END, crashes = s.crashes + d.crash, fence = s.fence + 1,
    updated_at = i.at, started_at = CASE WHEN d.dies THEN s.started_at ELSE i.at END,
    history = CASE WHEN d.crash = 0 THEN s.history ELSE concat_ws(chr(10), s.history,
      ${lineOf(HISTORY_LINES.crashed(-1, -2), "s.attempts", "COALESCE(s.started_at, s.updated_at)")}) END
    FROM due d CROSS JOIN instant i WHERE s.seq = d.seq AND ${few("d.was")} AND (d.order_key IS NULL OR d.dies OR s.seq IN (SELECT seq FROM turns))
    RETURNING s.*, d.was),
  counted AS (${moved("claimed")})
  SELECT ${EVENT_COLUMNS}, ${STATE_COLUMNS}, b.headers, b.body FROM claimed s JOIN popp_inbox_event e ON e.source = s.source AND e.seq = s.seq
  LEFT JOIN popp_inbox_body b ON b.seq = s.seq`;

/** Of an order key, only the event that has been due for longest is taken. */
function claimDue(request: ClaimRequest): string {
  const may = (s: string, values: Values) => `${allowed(s, request, values)} AND ${DUE[request.which](s, values)}`;
  return `s.source = :source AND ${may("s", ONCE)} AND (s.order_key IS NULL OR (${FREE} AND NOT EXISTS (
    SELECT 1 FROM popp_inbox_state o WHERE o.order_key = s.order_key AND o.due_at IS NOT NULL AND (o.due_at, o.seq) < (s.due_at, s.seq)
      AND o.source = :source AND ${may("o", EACH)})))
    ORDER BY s.due_at, s.seq LIMIT (SELECT CAST(:limit AS BIGINT)) FOR UPDATE OF s SKIP LOCKED`;
}

/**
 * Waits for a row that is locked, but not for a transaction of its claimant: that one only shares its key. The other conditions are such
 * that no index serves them, so the row is found by its key and its number.
 */
const claimOne = (
  request: ClaimRequest,
) => `s.seq = (SELECT CASE WHEN source = :source THEN seq END FROM popp_inbox_event WHERE key = :key)
  AND ${allowed("s", request, ONCE)} AND ${FREE}
  AND COALESCE(s.due_at + CASE WHEN s.state = 'processing' THEN ${waitOf("s")} ELSE 0 END <= ${MOMENT}, FALSE) FOR NO KEY UPDATE OF s`;

/** Claims events. */
export function claimOperation(request: ClaimRequest): Operation<readonly ClaimedEvent[]> {
  const { exclude, which, onlyNames, exceptNames, crashWaitsMs, ...values } = request;
  return operationOf(
    statementFor(claim(request.key === null ? claimDue(request) : claimOne(request))),
    {
      ...values,
      exclude: literalOf(exclude),
      exceptNames: literalOf(exceptNames),
      onlyNames: onlyNames && literalOf(onlyNames),
      crashWaitsMs: literalOf(crashWaitsMs),
      waits: crashWaitsMs.length,
    },
    (rows) => [...rows].sort((one, other) => Number(one.seq) - Number(other.seq)).map(claimedOf),
  );
}

const statements = new Map<string, Statement>();

/** There are few different texts. */
function statementFor(text: string): Statement {
  const statement = statements.get(text) ?? sql(text);
  statements.set(text, statement);
  return statement;
}
