import { type Placeholders, type SqlValue, type Statement, statementOf } from "../../sql/statement.ts";

/** The server's clock, in milliseconds since the epoch. Runs for each row. */
export const NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";

/** The same, but runs once: for comparisons that an index should serve. */
export const MOMENT: string = `(SELECT ${NOW})`;

const PLACEHOLDERS: Placeholders = { parameter: (index) => `$${index}`, isReusable: true };

/** Replaces `:name` by placeholders. */
export function sql(text: string): Statement {
  return statementOf(PLACEHOLDERS, text);
}

/** A parameter that holds an array as text: the clients encode arrays differently, and texts alike. */
export function arrayOf(name: string, type: string): string {
  return `CAST(CAST(:${name} AS TEXT) AS ${type}[])`;
}

/**
 * A table of rows that come as one array for each column: `unnest` with the names of the parameters in camel case and the names of the columns in
 * snake case.
 */
export function rowsOf(types: Readonly<Record<string, string>>): string {
  const arrays = Object.entries(types).map(([name, type]) => arrayOf(name, type));
  const columns = Object.keys(types).map((name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
  return `unnest(${arrays.join(", ")}) AS g (${columns.join(", ")})`;
}

/** The values of {@link rowsOf}: one array literal for each column. */
export function columnsOf<Name extends string>(
  rows: readonly Readonly<Record<Name, string | number | null>>[],
): Readonly<Record<Name, SqlValue>> {
  const names = Object.keys(rows[0] ?? {}) as Name[];
  const columns = names.map((name) => [name, literalOf(rows.map((row) => row[name]))]);
  return Object.fromEntries(columns) as Record<Name, SqlValue>;
}

/** The literal of an array. */
export function literalOf(values: readonly (string | number | null)[]): string {
  return `{${values.map(elementOf).join()}}`;
}

function elementOf(value: string | number | null): string {
  if (value === null) return "NULL";
  return typeof value === "number" ? String(value) : `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/**
 * True for every row, but the planner expects one in 200 to pass. So it looks the few rows of a group up by index, even when it plans while the
 * tables are small: a prepared plan outlives that time.
 */
export function few(key: string): string {
  return `COALESCE(${key}, '') = ${key}`;
}

/** Counts rows that moved from the state `was` to the state `state`, which is null for deleted rows. */
export function moved(rows: string): string {
  return `INSERT INTO popp_inbox_tally (source, name, state, n)
    SELECT r.source, r.name, m.state, SUM(m.n) FROM ${rows} r CROSS JOIN LATERAL (VALUES (r.was, -1), (r.state, 1)) AS m (state, n)
    WHERE m.state IS NOT NULL GROUP BY r.source, r.name, m.state HAVING SUM(m.n) <> 0`;
}

/** Rows with a `key`, and their numbers in `seq`, in the order in which everyone locks the rows of a group. `seq` is null for unknown keys. */
export function bySeq(given: string): string {
  return `(SELECT g.*, (SELECT e.seq FROM popp_inbox_event e WHERE e.key = g.key) AS seq FROM ${given} WHERE ${few("g.key")} ORDER BY seq)`;
}
