import { WebhookError } from "@popp-webhooks/core";
import type { SqlRow } from "../../sql/statement.ts";
import type { Query } from "../clients/adapter.ts";

/** The rights that the store's statements need. To lock a row needs UPDATE. */
const RIGHTS = {
  popp_inbox_event: "SELECT, INSERT, UPDATE, DELETE",
  popp_inbox_state: "SELECT, INSERT, UPDATE, DELETE",
  popp_inbox_body: "SELECT, INSERT, DELETE",
  popp_inbox_tag: "SELECT, INSERT, DELETE",
  popp_inbox_turn: "SELECT, INSERT, UPDATE, DELETE",
  popp_inbox_tally: "SELECT, INSERT, UPDATE, DELETE",
  popp_inbox_pause: "SELECT, INSERT, DELETE",
  popp_inbox_schema: "SELECT",
} as const;

const NEEDED = Object.entries(RIGHTS).map((entry) => `('${entry.join("', '")}')`);

/** How to find out that something has changed that a table depends on: the transaction that last wrote each row of the catalogs. */
const CHANGES = {
  policies:
    "SELECT string_agg(CONCAT(oid, '/', xmin), ' ' ORDER BY oid) FROM pg_catalog.pg_policy WHERE polrelid = c.oid",
  functions: `SELECT string_agg(CONCAT(t.oid, '/', t.xmin, '/', p.xmin), ' ' ORDER BY t.oid) FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = c.oid AND NOT t.tgisinternal`,
  rules:
    "SELECT string_agg(CONCAT(oid, '/', xmin), ' ' ORDER BY oid) FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid",
};

const INSPECT = `SELECT t.name, quote_ident(current_user) AS role, quote_ident($1) AS schema, c.relkind AS kind, c.relpersistence AS persistence,
    has_schema_privilege(c.relnamespace, 'USAGE') AS usable, row_security_active(c.oid) AS filtered, CAST(c.xmin AS TEXT) AS changed,
    (SELECT string_agg(need, ', ') FROM unnest(string_to_array(t.rights, ', ')) AS x (need) WHERE NOT has_table_privilege(c.oid, need)) AS missing,
    (SELECT string_agg(quote_ident(tgname), ', ') FROM pg_catalog.pg_trigger WHERE tgrelid = c.oid AND NOT tgisinternal AND tgenabled <> 'D')
      AS triggers,
    ${Object.entries(CHANGES)
      .map(([name, query]) => `(${query}) AS ${name}`)
      .join(", ")}
  FROM (VALUES ${NEEDED.join(", ")}) AS t (name, rights)
  LEFT JOIN pg_catalog.pg_class c ON c.relname = t.name AND c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)
  ORDER BY t.name`;

/** Reads what the server knows about the tables. Equal answers mean that nothing has changed. */
export function inspectTables(query: Query, schema: string): Promise<readonly SqlRow[]> {
  return query(INSPECT, [schema]);
}

/**
 * Checks that all tables are there, keep their rows in a crash, and may be used by this role.
 *
 * @param tables - the rows of `inspectTables`
 * @throws WebhookError `STORE_UNAVAILABLE`
 */
export function assertUsable(tables: readonly SqlRow[], allowUnsafeCommit: boolean): void {
  refuse(missing(tables.filter(({ kind }) => kind !== "r" && kind !== "p")));
  assertAllowed(tables);
  if (!allowUnsafeCommit) refuse(unlogged(tables.filter(({ persistence }) => persistence !== "p")));
}

/**
 * Checks that this role has the rights on the tables that are there.
 *
 * @param tables - the rows of `inspectTables`
 * @throws WebhookError `STORE_UNAVAILABLE` with the SQL that grants what it lacks
 */
export function assertAllowed(tables: readonly SqlRow[]): void {
  refuse(forbidden(tables.filter((table) => table.missing !== null || table.usable === false)));
}

function refuse(sentence: string | undefined): void {
  if (sentence !== undefined) throw new WebhookError("STORE_UNAVAILABLE", sentence);
}

function missing(tables: readonly SqlRow[]): string | undefined {
  if (tables.length === 0) return undefined;
  const names = tables.map(fullName).join(", ");
  return `Of the tables of the inbox, ${names} are missing or no tables: dropped, or restored in part. Restore them from a backup, or give the store a new schema.`;
}

function forbidden(tables: readonly SqlRow[]): string | undefined {
  const [first] = tables;
  if (first === undefined) return undefined;
  const { role, schema } = first;
  const lists = [...new Set(tables.map((table) => table.missing))].filter((list) => list !== null);
  const rights = lists.map((list) => {
    const names = tables.filter((table) => table.missing === list).map(fullName);
    return `${list} ON ${names.join(", ")}`;
  });
  const isHidden = first.usable === false;
  const what = [...(isHidden ? [`USAGE ON SCHEMA ${schema}`] : []), ...rights];
  const fixes = what.map((right) => `GRANT ${right} TO ${role};`);
  return `The role ${role} lacks rights: ${what.join("; ")}. Run as the owner of the tables: ${fixes.join(" ")}`;
}

function unlogged(tables: readonly SqlRow[]): string | undefined {
  if (tables.length === 0) return undefined;
  const fixes = tables.map((table) => `ALTER TABLE ${fullName(table)} SET LOGGED;`).join(" ");
  return `${tables.map(fullName).join(", ")} are UNLOGGED: Postgres empties them when it crashes. Run: ${fixes}`;
}

/** The sentence for tables whose rows are hidden from this role. */
export function hiddenRows({ role, schema }: SqlRow, names: readonly string[]): string {
  const fixes = names.map(
    (name) => `CREATE POLICY popp_inbox_all ON ${schema}.${name} TO ${role} USING (true) WITH CHECK (true);`,
  );
  return `Row-level security of ${names.map((name) => `${schema}.${name}`).join(", ")} does not let the role ${role} read and write all rows. Run as the owner of the tables: ${fixes.join(" ")}`;
}

function fullName({ schema, name }: SqlRow): string {
  return `${schema}.${name}`;
}
