import { WebhookError } from "@popp-webhooks/core";
import { notMigrated, tooNew, VERSION } from "../versions.ts";
import type { PostgresAdapter, Query } from "./clients/adapter.ts";
import { AFTER_MOVE, BEFORE_MOVE, moveOperation } from "./sql/move.ts";
import { RECORD_VERSION, TABLES } from "./sql/schema.ts";
import type { TimeLimit } from "./time-limit.ts";

/** The advisory lock of migrations: the letters of "popp". */
const LOCK = 0x706f7070;

/** How to migrate. */
export interface MigrationConfig {
  /** The schema to create when it does not exist; undefined for none. */
  readonly schema: string | undefined;
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
  const { schema, limit } = config;
  const qualified =
    (query: Query): Query =>
    (text, values) =>
      query(config.qualified(text), values);
  // Tables that are up to date need neither the lock nor the right to create anything.
  const version = await usableVersion(qualified(adapter.query));
  if (version >= VERSION) return;
  if (!config.migrate) throw new WebhookError("STORE_UNAVAILABLE", notMigrated(version));
  await adapter.transaction(async (_, query) => {
    // A stricter isolation level would show the tables as they were before the wait for the lock.
    await query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED", []);
    await query(`SELECT pg_advisory_xact_lock(${LOCK})`, []);
    if (schema !== undefined && (await query("SELECT 1 WHERE to_regnamespace($1) IS NOT NULL", [schema])).length === 0)
      await query(`CREATE SCHEMA "${schema}"`, []);
    await upgrade(qualified(query), limit);
  }, limit.expired);
}

async function upgrade(query: Query, limit: TimeLimit): Promise<void> {
  const version = await usableVersion(query);
  if (version >= VERSION) return;
  const run = async (texts: readonly string[]) => {
    for (const text of texts) await query(text, []);
  };
  if (version === 1) await run(BEFORE_MOVE);
  await run(TABLES);
  if (version === 1) {
    for (let after: number | null = 0; after !== null; limit.restart()) {
      const { text, values, read } = moveOperation(after);
      after = read(await query(text, values));
    }
    await run(AFTER_MOVE);
  }
  await run(RECORD_VERSION);
}

/**
 * Reads the version of the tables; 0 when there are none. A later version that this one can use counts as up to date.
 *
 * @throws WebhookError `STORE_UNAVAILABLE` when this version cannot use the tables
 */
async function usableVersion(query: Query): Promise<number> {
  // Reading a table makes the server notice what others have committed. Without it, the name may be unknown still.
  const exists = "SELECT 1 AS found FROM pg_catalog.pg_class WHERE oid = to_regclass('popp_inbox_schema')";
  if ((await query(exists, [])).length === 0) return 0;
  // The table of version 1 has no such column, so it is read by way of JSON.
  const rows = await query(
    "SELECT version, to_jsonb(s) ->> 'readable_by' AS readable_by FROM popp_inbox_schema s ORDER BY version DESC LIMIT 1",
    [],
  );
  const version = Number(rows[0]?.version ?? 0);
  if (version <= VERSION || Number(rows[0]?.readable_by ?? version) <= VERSION) return version;
  throw new WebhookError("STORE_UNAVAILABLE", tooNew(version));
}
