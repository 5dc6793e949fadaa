import { WebhookError } from "@popp-webhooks/core";
import type { SqlRow } from "../../sql/statement.ts";
import { notMigrated, tooNew, VERSION } from "../../versions.ts";
import type { PostgresAdapter, Query } from "../clients/adapter.ts";
import { AFTER_MOVE, BEFORE_MOVE, moveOperation } from "../sql/move.ts";
import { RECORD_VERSION, TABLES } from "../sql/schema.ts";
import type { TimeLimit } from "../time-limit.ts";
import { quoted } from "./in-schema.ts";
import { assertAllowed, hiddenRows, inspectTables } from "./inspect-tables.ts";

/** The advisory lock of migrations: the letters of "popp". */
const LOCK = 0x706f7070;

/** How to migrate. */
export interface MigrationConfig {
  /** The schema of the tables, which is created when it does not exist. */
  readonly schema: string;
  readonly qualified: (text: string) => string;
  /** Whether tables may be created or changed. */
  readonly migrate: boolean;
  /** Limits how long a step may take. */
  readonly limit: TimeLimit;
}

/**
 * Brings the tables up to date in one transaction. Other processes that start wait for it.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when this version cannot use the tables, or must not create them; they are left untouched
 */
export async function migrate<Tx>(adapter: PostgresAdapter<Tx>, config: MigrationConfig): Promise<void> {
  // Tables that are up to date need neither the lock nor the right to create anything.
  const version = await usableVersion(adapter.query, config);
  if (version >= VERSION) return;
  if (!config.migrate)
    throw new WebhookError(
      "STORE_UNAVAILABLE",
      `${notMigrated(version)} The schema is ${JSON.stringify(config.schema)}.`,
    );
  await adapter.transaction(async (_, query) => {
    // A stricter isolation level would show the tables as they were before the wait for the lock.
    await query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", []);
    await query(`SELECT pg_advisory_xact_lock(${LOCK})`, []);
    await upgrade(query, config);
  }, config.limit.expired);
}

/** The rights of this role, and the tables that have the names of a store's. */
const RIGHTS = `SELECT quote_ident(current_user) AS role, quote_ident($1) AS schema, quote_ident(current_database()) AS database, n.oid IS NOT NULL AS found,
    has_database_privilege(current_database(), 'CREATE') AS may_create_schema,
    has_schema_privilege(n.oid, 'CREATE') AND has_schema_privilege(n.oid, 'USAGE') AS may_create,
    (SELECT string_agg(relname, ', ' ORDER BY relname) FROM pg_catalog.pg_class
      WHERE relnamespace = n.oid AND relname ~ '^popp_inbox(_(event|state|body|tag|turn|tally|pause))?$' AND relkind <> 'i') AS tables,
    (SELECT string_agg(quote_ident(pg_get_userbyid(relowner)), ', ') FROM pg_catalog.pg_class
      WHERE relnamespace = n.oid AND relname IN ('popp_inbox', 'popp_inbox_schema') AND NOT pg_has_role(relowner, 'USAGE')) AS owner
  FROM (SELECT 1) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1`;

/** Why this role cannot create or change the tables, and what to do; undefined when it can. */
function fixOf(rights: SqlRow, version: number): string | undefined {
  const { role, schema, database, tables, owner } = rights;
  if (rights.found !== true)
    return rights.may_create_schema === true
      ? undefined
      : `The role ${role} may not create the schema ${schema} in the database ${database}. Run as its owner: CREATE SCHEMA ${schema} AUTHORIZATION ${role};`;
  if (version === 0 && tables !== null)
    return `The schema ${schema} has tables with the names of an inbox's (${tables}), but not the version in popp_inbox_schema: they belong to something else, or were restored in part. Restore all of them, remove them, or pass another \`schema\` to postgresStore.`;
  if (rights.may_create !== true)
    return `The role ${role} may not create tables in the schema ${schema}. Run as its owner: GRANT USAGE, CREATE ON SCHEMA ${schema} TO ${role}; or pass another \`schema\` to postgresStore.`;
  if (version === 1 && owner !== null)
    return `The tables in the schema ${schema} must be upgraded, but they belong to ${owner}, and the role ${role} may not change them. Start the app once as ${owner}, or run: GRANT ${owner} TO ${role};`;
  return undefined;
}

async function upgrade(query: Query, config: MigrationConfig): Promise<void> {
  const { schema, qualified, limit } = config;
  const version = await usableVersion(query, config);
  if (version >= VERSION) return;
  const [rights = {}] = await query(RIGHTS, [schema]);
  const fix = fixOf(rights, version);
  if (fix !== undefined) throw new WebhookError("STORE_UNAVAILABLE", fix);
  if (rights.found !== true) await query(`CREATE SCHEMA ${quoted(schema)}`, []);
  const run = async (texts: readonly string[]) => {
    for (const text of texts) await query(qualified(text), []);
  };
  if (version === 1) await run(BEFORE_MOVE);
  await run(TABLES);
  if (version === 1) {
    for (let after: number | null = 0; after !== null; limit.restart()) {
      const { text, values, read } = moveOperation(after);
      after = read(await query(qualified(text), values));
    }
    await run(AFTER_MOVE);
  }
  await run(RECORD_VERSION);
}

/** The table of version 1 has no second column, so it is read by way of JSON. */
const READ_VERSION =
  "SELECT version, to_jsonb(s) ->> 'readable_by' AS readable_by FROM popp_inbox_schema s ORDER BY version DESC LIMIT 1";

/** The table of versions, unless it is missing. */
const VERSION_TABLE = `SELECT quote_ident(current_user) AS role, quote_ident($1) AS schema, row_security_active(oid) AS filtered,
    has_schema_privilege(relnamespace, 'USAGE') AND has_table_privilege(oid, 'SELECT') AS readable
  FROM pg_catalog.pg_class WHERE relname = 'popp_inbox_schema'
    AND relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = $1)`;

/**
 * Reads the version of the tables; 0 when there are none. A later version that this one can use counts as up to date.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when this version cannot use the tables
 */
async function usableVersion(query: Query, { schema, qualified }: MigrationConfig): Promise<number> {
  const [table] = await query(VERSION_TABLE, [schema]);
  if (table === undefined) return 0;
  if (table.readable !== true) assertAllowed(await inspectTables(query, schema));
  const rows = await query(qualified(READ_VERSION), []);
  if (rows.length === 0 && table.filtered === true)
    throw new WebhookError("STORE_UNAVAILABLE", hiddenRows(table, ["popp_inbox_schema"]));
  const version = Number(rows[0]?.version ?? 0);
  if (version <= VERSION || Number(rows[0]?.readable_by ?? version) <= VERSION) return version;
  throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
}
