import type { ListQuery } from "../../../ports/queries.ts";
import type { StoredEvent } from "../../../ports/stored-event.ts";
import { type Operation, operationOf, type SqlValue } from "../../sql/statement.ts";
import { EVENT_COLUMNS, STATE_COLUMNS, storedOf } from "./columns.ts";
import { arrayOf, literalOf, sql } from "./text.ts";

/** A condition whose events an index returns in the order of the list. */
interface Path {
  /** The table `d` that is read in the order of `d.seq`. */
  readonly table: string;
  /** The condition of the index. */
  readonly where: string;
  /** The parameter with the tags, for a path by tags: each tag is read by itself. */
  readonly tags?: string;
}

/** How many events of each condition are counted to find the rarest one. */
const CAP = 1_000;

/**
 * How many of the earliest events of a time the smallest number is taken from. Numbers and times grow together, except for a few events that were
 * stored at the same time.
 */
const NEAR = 1_000;

const EVERY: Path = { table: "popp_inbox_event", where: "d.source = :source" };

/** The conditions of a query that have an index. */
function pathsOf({ state, name, note, tags }: ListQuery): readonly Path[] {
  return [
    ...tags.map((_, at) => ({ table: "popp_inbox_tag", where: tagged("d", at), tags: tagsOf(at) })),
    ...(note === null
      ? []
      : [
          {
            table: "popp_inbox_state",
            where: "d.source = :source AND d.note IS NOT NULL AND left(d.note, 40) = left(:note, 40)",
          },
        ]),
    ...(state === null ? [] : [{ table: "popp_inbox_state", where: "d.source = :source AND d.state = :state" }]),
    ...(name === null
      ? []
      : [
          {
            table: "popp_inbox_event",
            where: "d.source || '/' || left(d.name, 64) = :source || '/' || left(:name, 64)",
          },
        ]),
  ];
}

/** Finds the rarest of a query's conditions; undefined where there is no choice. */
export function rarestOperation(query: ListQuery): Operation<number> | undefined {
  const paths = pathsOf(query);
  if (paths.length < 2) return undefined;
  const counts = paths.map(
    ({ table, where }, at) =>
      `(SELECT COUNT(*) FROM (SELECT 1 FROM ${table} d WHERE ${where} LIMIT ${CAP}) x) AS c${at}`,
  );
  return operationOf(sql(`SELECT ${counts.join(", ")}`), valuesOf(query), ([row]) => {
    const found = paths.map((_, at) => Number(row?.[`c${at}`]));
    return found.indexOf(Math.min(...found));
  });
}

/**
 * Lists events. Finds the numbers of the page first, by one index and in its order, and looks everything else up by number: subqueries with a limit
 * are not turned into joins that would read a whole table.
 *
 * @param rarest - the condition to go by, of {@link rarestOperation}
 */
export function listOperation(query: ListQuery, rarest = 0): Operation<readonly StoredEvent[]> {
  const path = pathsOf(query)[rarest] ?? EVERY;
  const conditions = conditionsOf(query);
  const page = (where: string) => `SELECT d.seq FROM ${path.table} d
    CROSS JOIN LATERAL (SELECT source, state, name, note FROM popp_inbox_state WHERE seq = d.seq LIMIT 1) s
    WHERE ${[where, ...conditions].join(" AND ")} ORDER BY d.seq DESC LIMIT (SELECT CAST(:limit AS BIGINT))`;
  const found =
    path.tags === undefined
      ? page(path.where)
      : `SELECT DISTINCT p.seq FROM unnest(${path.tags}) AS u (tag)
        CROSS JOIN LATERAL (${page("d.tag = u.tag")}) p ORDER BY p.seq DESC LIMIT (SELECT CAST(:limit AS BIGINT))`;
  const [columns, bodies] = query.bodies
    ? [
        ", b.headers, b.body",
        "LEFT JOIN LATERAL (SELECT headers, body FROM popp_inbox_body WHERE seq = p.seq LIMIT 1) b ON TRUE",
      ]
    : ["", ""];
  const statement = sql(`WITH page AS MATERIALIZED (${found})
    SELECT ${EVENT_COLUMNS}, ${STATE_COLUMNS}${columns} FROM page p
    CROSS JOIN LATERAL (SELECT * FROM popp_inbox_event WHERE source = :source AND seq = p.seq LIMIT 1) e
    CROSS JOIN LATERAL (SELECT * FROM popp_inbox_state WHERE seq = p.seq LIMIT 1) s ${bodies} ORDER BY p.seq DESC`);
  return operationOf(statement, valuesOf(query), (rows) => rows.map(storedOf));
}

/** All conditions of a query, each by the number of an event `d` or its state `s`. */
function conditionsOf({ state, name, note, tags, sinceMs, untilMs, beforeSeq }: ListQuery): readonly string[] {
  const received = "(SELECT e.received_at FROM popp_inbox_event e WHERE e.source = :source AND e.seq = d.seq)";
  // The number in a subquery: otherwise the planner, which expects fewer events than there are, reads and sorts them all.
  const near = (
    when: string,
    order: string,
  ) => `(SELECT seq FROM popp_inbox_event WHERE source = :source AND received_at ${when}
    ORDER BY received_at ${order}, seq ${order} LIMIT (SELECT CAST(${NEAR} AS BIGINT))) n`;
  return [
    "s.source = :source",
    ...(beforeSeq === null ? [] : ["d.seq < :beforeSeq"]),
    ...(state === null ? [] : ["s.state = :state"]),
    ...(name === null ? [] : ["s.name = :name"]),
    ...(note === null ? [] : ["s.note = :note"]),
    ...tags.map(
      (_, at) => `(SELECT 1 FROM popp_inbox_tag t WHERE t.seq = d.seq AND ${tagged("t", at)} LIMIT 1) IS NOT NULL`,
    ),
    ...(sinceMs <= 0
      ? []
      : [`d.seq >= (SELECT MIN(seq) FROM ${near(">= :sinceMs", "ASC")})`, `${received} >= :sinceMs`]),
    ...(untilMs === null
      ? []
      : [`d.seq <= (SELECT MAX(seq) FROM ${near("< :untilMs", "DESC")})`, `${received} < :untilMs`]),
  ];
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz";

/** The parameter with the tags of one list. Names of parameters are made of letters. */
function tagsOf(at: number): string {
  return arrayOf(nameOf(at), "BIGINT");
}

function tagged(table: string, at: number): string {
  return `${table}.tag = ANY (${tagsOf(at)})`;
}

function nameOf(at: number): string {
  return `tags${[...String(at)].map((digit) => LETTERS[Number(digit)]).join("")}`;
}

function valuesOf({ tags, ...query }: ListQuery): Readonly<Record<string, SqlValue>> {
  const { source, state, name, note, sinceMs, untilMs, beforeSeq, limit } = query;
  const lists = tags.map((some, at) => [nameOf(at), literalOf(some)]);
  return { source, state, name, note, sinceMs, untilMs, beforeSeq, limit, ...Object.fromEntries(lists) };
}
